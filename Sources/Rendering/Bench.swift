import GitSource
import KubeModel

/// The content a rendering is made from; equal keys give equal renderings.
struct RenderKey: Sendable, Hashable {
    var tool: RenderTool
    var path: String
    var namespace: String
    /// Empty when the files cannot ask for it.
    var clusterName: String
    /// `nil` when the files cannot ask for it.
    var capabilities: ClusterCapabilities?
    /// `nil` when the files name nothing elsewhere.
    var network: ToolNetwork?
    var inputs: [String: ObjectID]
}

/// A rendering that is ready to be made: its tool and its inputs are known.
struct RenderJob: Sendable {
    enum Work: Sendable {
        case directory
        case kustomize(KustomizationClosure)
        case jsonnet(JsonnetClosure)
        case helm(ChartClosure)
        /// Each a job of its own, with a path of its own.
        case several([RenderJob])
    }

    var request: RenderRequest
    var key: RenderKey
    var work: Work
    /// All files the tool may read.
    var sources: SourceListing
    /// The options of its tool.
    var source: SourceOptions
    var settings: ApplicationSettings
    var settingsProblem: RenderProblem?
}

extension RenderJob {
    /// Whether it needs a program other than this one.
    var needsTool: Bool {
        switch work {
        case .directory: false
        case .kustomize, .jsonnet, .helm: true
        case .several(let jobs): jobs.contains(where: \.needsTool)
        }
    }
}

/// Settings that cannot be used.
private struct SettingsFailure: Error {
    let problem: RenderProblem
    /// Whether they say where manifests come from.
    let namesSources: Bool

    init(_ problem: RenderProblem, namesSources: Bool = false) {
        self.problem = problem
        self.namesSources = namesSources
    }
}

/// Makes renderings; knows the tools, remembers nothing but files that were parsed or unpacked.
struct Bench: Sendable {
    let sandbox: Sandbox
    let documents = DocumentCache()
    let archives = ChartArchives()
    let fetched: FetchedOutputs
    var limits = RenderLimits()

    init(sandbox: Sandbox, limits: RenderLimits = RenderLimits()) {
        self.sandbox = sandbox
        self.limits = limits
        fetched = FetchedOutputs(directory: sandbox.scratch + "/fetched")
    }

    /// Reads as much as is needed to know what the rendering depends on.
    func prepare(_ request: RenderRequest) async throws -> RenderJob {
        var files = CommitFiles(repository: request.repository, tree: request.commit.tree)
        let there = try await files.entry(at: request.path)
        guard let top = there, top.kind == .directory else {
            let place = "\(request.repository.displayURL) at \(request.commit.id.short)"
            throw GitError(
                code: .noSuchObject,
                message: await request.repository.obstacle(at: request.path, there)
                    ?? "There is no directory '\(request.path)' in \(place)."
            )
        }
        let entries = try await request.repository.entries(of: top.id, at: "", recursive: false)
        var settings = ApplicationSettings()
        var settingsProblem: RenderProblem?
        var isLost = false
        do {
            settings = try await readSettings(entries, of: request)
        } catch let failure as SettingsFailure {
            settingsProblem = failure.problem
            settings = request.lastGood ?? settings
            // Where the manifests come from is not known: the defaults would be something else, or nothing.
            isLost = request.lastGood == nil && failure.namesSources
        }
        var job: RenderJob
        if settings.sources.isEmpty {
            var own = SourceOptions(path: ".")
            (own.tool, own.helm, own.jsonnet) = (settings.tool, settings.helm, settings.jsonnet)
            job = try await self.job(request, own, entries, of: request.path, &files)
        } else {
            job = try await self.job(request, settings.sources, &files)
        }
        if isLost, let settingsProblem { job.sources.problems.append(settingsProblem) }
        job.settings = settings
        job.settingsProblem = job.settingsProblem ?? settingsProblem
        job.key.inputs = files.inputs
        if case .several(var parts) = job.work {
            for index in parts.indices { parts[index].key.inputs = files.inputs }
            job.work = .several(parts)
        }
        return job
    }

    /// One directory, with its own tool.
    private func job(
        _ request: RenderRequest,
        _ source: SourceOptions,
        _ entries: [TreeEntry],
        of application: String,
        _ files: inout CommitFiles
    ) async throws -> RenderJob {
        let tool = source.tool ?? Self.tool(for: entries)
        let (work, listing) = try await work(
            tool,
            request.path,
            source,
            of: application,
            request.network,
            &files
        )
        let asksForCluster = if case .jsonnet(let closure) = work { closure.usesVariables } else { false }
        let asksForCapabilities =
            if case .helm(let closure) = work { closure.findings.asksForCapabilities } else { false }
        let isFetched =
            switch work {
            case .kustomize(let closure): closure.isRemote
            case .helm(let closure): !closure.remote.isEmpty
            default: false
            }
        return RenderJob(
            request: request,
            key: RenderKey(
                tool: tool,
                path: request.path,
                namespace: request.namespace,
                clusterName: asksForCluster ? request.clusterName : "",
                capabilities: asksForCapabilities ? request.capabilities : nil,
                network: isFetched ? request.network : nil,
                inputs: [:]
            ),
            work: work,
            sources: listing,
            source: source,
            settings: ApplicationSettings()
        )
    }

    /// Several directories, in the order of the settings.
    private func job(
        _ request: RenderRequest,
        _ sources: [SourceOptions],
        _ files: inout CommitFiles
    ) async throws -> RenderJob {
        var jobs: [RenderJob] = []
        var problem: RenderProblem?
        for source in sources {
            let base = source.path.hasPrefix("/") ? "" : request.path
            var part = request
            guard let named = RepositoryPath.resolve(source.path, from: base),
                let path = try await files.realPath(named)?.path,
                let entry = try await files.entry(at: path), entry.kind == .directory
            else {
                problem = RenderProblem(
                    code: .unreadable,
                    message: "'\(source.path)' under sources is not a directory of this repository.",
                    origin: ManifestOrigin(file: request.path)
                )
                continue
            }
            part.path = path
            let entries = try await request.repository.entries(of: entry.id, at: "", recursive: false)
            jobs.append(try await job(part, source, entries, of: request.path, &files))
        }
        var listing = SourceListing()
        if let problem { listing.problems.append(problem) }
        return RenderJob(
            request: request,
            key: RenderKey(
                tool: jobs.first?.key.tool ?? .directory,
                path: request.path,
                namespace: request.namespace,
                clusterName: jobs.lazy.map(\.key.clusterName).first { !$0.isEmpty } ?? "",
                capabilities: jobs.lazy.compactMap(\.key.capabilities).first,
                network: jobs.lazy.compactMap(\.key.network).first,
                inputs: [:]
            ),
            work: .several(jobs),
            sources: listing,
            source: SourceOptions(path: "."),
            settings: ApplicationSettings()
        )
    }

    func render(_ job: RenderJob) async throws -> Rendering {
        let collector = try await collect(job)
        var rendering = Rendering(
            tool: job.key.tool,
            settings: job.settings,
            manifests: collector.manifests,
            problems: collector.problems,
            settingsProblem: job.settingsProblem,
            inputs: job.key.inputs
        )
        rendering.notes = collector.notes
        rendering.isFetched = job.key.network != nil
        rendering.capabilities = job.key.capabilities
        if let problem = job.settingsProblem, rendering.manifests.isEmpty, rendering.problems.isEmpty {
            // Settings that cannot be read may be why there is nothing; that is never an empty set.
            rendering.problems.append(problem)
        }
        return rendering
    }

    private func collect(_ job: RenderJob) async throws -> ManifestCollector {
        switch job.work {
        case .directory:
            return try await DirectoryTool(job: job, documents: documents, limits: limits).render()
        case .kustomize(let closure):
            return try await KustomizeTool(
                job: job,
                limits: limits,
                sandbox: sandbox,
                fetched: fetched,
                closure: closure
            ).render()
        case .jsonnet(let closure):
            return try await JsonnetTool(job: job, limits: limits, sandbox: sandbox, closure: closure)
                .render()
        case .helm(let closure):
            return try await HelmTool(
                job: job,
                limits: limits,
                sandbox: sandbox,
                fetched: fetched,
                closure: closure
            ).render()
        case .several(let jobs):
            var all = ManifestCollector(namespace: job.request.namespace)
            all.add(job.sources.problems)
            for job in jobs { all.add(try await collect(job)) }
            return all
        }
    }

    /// What a tool needs, and the files to lay out for it.
    private func work(
        _ tool: RenderTool,
        _ path: String,
        _ source: SourceOptions,
        of application: String,
        _ network: ToolNetwork?,
        _ files: inout CommitFiles
    ) async throws -> (work: RenderJob.Work, sources: SourceListing) {
        switch tool {
        case .directory:
            let sources = try await files.listing(of: path)
            files.dropInputs(below: [path])
            return (.directory, sources)
        case .helm:
            var closure = ChartClosure(documents: documents, archives: archives, network: network)
            try await closure.visit(chart: path, of: application, source.helm, &files)
            var sources = SourceListing(files: closure.files)
            sources += try await files.listing(of: path, links: .followed)
            files.dropInputs(below: [path] + closure.charts.map(\.from))
            return (.helm(closure), sources)
        case .kustomize:
            var closure = KustomizationClosure(documents: documents, network: network)
            try await closure.visit(path, &files)
            var sources = SourceListing(files: closure.files)
            for directory in closure.topDirectories { sources += try await files.listing(of: directory) }
            files.dropInputs(below: closure.topDirectories)
            return (.kustomize(closure), sources)
        case .jsonnet:
            var closure = JsonnetClosure(
                directory: path,
                libraries: source.jsonnet.libraries,
                of: application
            )
            try await closure.visit(&files)
            var sources = SourceListing(files: closure.files)
            sources += try await files.listing(of: path)
            files.dropInputs(below: [path])
            return (.jsonnet(closure), sources)
        }
    }

    /// The settings of a directory, also of one that is not there; `nil` when they cannot be used.
    func settings(_ request: RenderRequest) async throws -> ApplicationSettings? {
        guard
            let top = try await request.repository.entry(of: request.commit.tree, at: request.path),
            top.kind == .directory
        else { return nil }
        let entries = try await request.repository.entries(of: top.id, at: "", recursive: false)
        do {
            return try await readSettings(entries, of: request)
        } catch is SettingsFailure { return nil }
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
                let message = "This is not a small file."
                throw SettingsFailure(RenderProblem(code: .settings, message: message, origin: origin))
            }
            switch documents.parse(bytes, id: entry.id) {
            case .success(let documents):
                do {
                    return try ApplicationSettings(documents: documents, file: path)
                } catch {
                    let keys = documents.first?.value.object?.keys.map { $0 } ?? []
                    let isSource = keys.contains { ["sources", "helm", "jsonnet"].contains($0) }
                    throw SettingsFailure(error, namesSources: isSource)
                }
            case .failure(let error):
                let place = ManifestOrigin(file: path, line: error.line)
                throw SettingsFailure(RenderProblem(code: .settings, message: error.message, origin: place))
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
