import GitSource
import KubeModel

/// The content a rendering is made from; equal keys give equal renderings.
struct RenderKey: Sendable, Hashable {
    var tool: RenderTool
    var path: String
    var namespace: String
    /// Empty when the files cannot ask for it.
    var clusterName: String
    var inputs: [String: ObjectID]
}

/// A rendering that is ready to be made: its tool and its inputs are known.
struct RenderJob: Sendable {
    enum Work: Sendable {
        case directory
        case kustomize(KustomizationClosure)
        case jsonnet(JsonnetClosure)
        case helm
    }

    var request: RenderRequest
    var key: RenderKey
    var work: Work
    /// All files the tool may read.
    var sources: SourceListing
    var settings: ApplicationSettings
    var settingsProblem: RenderProblem?
}

/// Makes renderings; knows the tools, remembers nothing but parsed files.
struct Bench: Sendable {
    let sandbox: Sandbox
    let documents = DocumentCache()
    var limits = RenderLimits()

    init(sandbox: Sandbox, limits: RenderLimits = RenderLimits()) {
        self.sandbox = sandbox
        self.limits = limits
    }

    /// Reads as much as is needed to know what the rendering depends on.
    func prepare(_ request: RenderRequest) async throws -> RenderJob {
        var files = CommitFiles(repository: request.repository, tree: request.commit.tree)
        guard let top = try await files.entry(at: request.path), top.kind == .directory else {
            let place = "\(request.repository.displayURL) at \(request.commit.id.short)"
            throw GitError(
                code: .noSuchObject,
                message: "There is no directory '\(request.path)' in \(place)."
            )
        }
        let entries = try await request.repository.entries(of: top.id, at: "", recursive: false)
        var settings = ApplicationSettings()
        var settingsProblem: RenderProblem?
        do {
            settings = try await readSettings(entries, of: request)
        } catch let problem as RenderProblem {
            settingsProblem = problem
        }
        let tool = settings.tool ?? Self.tool(for: entries)
        let (work, sources) = try await work(tool, request.path, &files)
        let asksForCluster = if case .jsonnet(let closure) = work { closure.usesVariables } else { false }
        let key = RenderKey(
            tool: tool,
            path: request.path,
            namespace: request.namespace,
            clusterName: asksForCluster ? request.clusterName : "",
            inputs: files.inputs
        )
        return RenderJob(
            request: request,
            key: key,
            work: work,
            sources: sources,
            settings: settings,
            settingsProblem: settingsProblem
        )
    }

    func render(_ job: RenderJob) async throws -> Rendering {
        let collector =
            switch job.work {
            case .directory:
                try await DirectoryTool(job: job, documents: documents, limits: limits).render()
            case .kustomize(let closure):
                try await KustomizeTool(job: job, limits: limits, sandbox: sandbox, closure: closure).render()
            case .jsonnet(let closure):
                try await JsonnetTool(job: job, limits: limits, sandbox: sandbox, closure: closure).render()
            case .helm: try await HelmTool(job: job, limits: limits, sandbox: sandbox).render()
            }
        return Rendering(
            tool: job.key.tool,
            settings: job.settings,
            manifests: collector.manifests,
            problems: collector.problems,
            settingsProblem: job.settingsProblem,
            inputs: job.key.inputs
        )
    }

    /// What a tool needs, and the files to lay out for it.
    private func work(
        _ tool: RenderTool,
        _ path: String,
        _ files: inout CommitFiles
    ) async throws -> (work: RenderJob.Work, sources: SourceListing) {
        switch tool {
        case .directory, .helm:
            let sources = try await files.listing(of: path)
            files.dropInputs(below: [path])
            return (tool == .helm ? .helm : .directory, sources)
        case .kustomize:
            var closure = KustomizationClosure(documents: documents)
            try await closure.visit(path, &files)
            var sources = SourceListing(files: closure.files)
            for directory in closure.topDirectories { sources += try await files.listing(of: directory) }
            files.dropInputs(below: closure.topDirectories)
            return (.kustomize(closure), sources)
        case .jsonnet:
            var closure = JsonnetClosure(directory: path)
            try await closure.visit(&files)
            var sources = SourceListing(files: closure.files)
            sources += try await files.listing(of: path)
            files.dropInputs(below: [path])
            return (.jsonnet(closure), sources)
        }
    }

    private func readSettings(
        _ entries: [TreeEntry],
        of request: RenderRequest
    ) async throws -> ApplicationSettings {
        for name in ApplicationSettings.fileNames {
            guard let entry = entries.first(where: { $0.path == name }) else { continue }
            let path = RepositoryPath.join(request.path, name)
            let origin = ManifestOrigin(file: path)
            guard entry.kind == .file || entry.kind == .executable,
                case .bytes(let bytes)? = try await request.repository.contents(
                    of: [entry.id],
                    limit: 1 << 20
                ).first
            else {
                throw RenderProblem(code: .settings, message: "This is not a small file.", origin: origin)
            }
            switch documents.parse(bytes, id: entry.id) {
            case .success(let documents): return try ApplicationSettings(documents: documents, file: path)
            case .failure(let error):
                let place = ManifestOrigin(file: path, line: error.line)
                throw RenderProblem(code: .settings, message: error.message, origin: place)
            }
        }
        return ApplicationSettings()
    }

    /// The tool that the files of a directory ask for.
    private static func tool(for entries: [TreeEntry]) -> RenderTool {
        let names = Set(entries.filter { $0.kind != .directory }.map(\.path))
        if !names.isDisjoint(with: KustomizationClosure.fileNames) { return .kustomize }
        if names.contains("Chart.yaml") { return .helm }
        return names.contains { $0.hasSuffix(".jsonnet") } ? .jsonnet : .directory
    }
}
