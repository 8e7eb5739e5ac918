import GitSource
import KubeModel

/// A chart that another one depends on, in a repository of charts elsewhere.
struct RemoteChart: Sendable, Hashable {
    /// The directory of the chart that depends on it, where helm finds that.
    var place: String
    var name: String
    var repository: String
    var version: String

    /// For `helm pull`.
    var words: [String] {
        var words = [name, "--repo", repository]
        if repository.hasPrefix("oci://") {
            words = [repository + (repository.hasSuffix("/") ? "" : "/") + name]
        }
        if !version.isEmpty { words += ["--version", version] }
        return words
    }
}

/// What a chart needs from elsewhere in the repository: value files, and charts it depends on by `file://`.
struct ChartClosure {
    /// Directories to lay out: where in the repository, and where below the chart helm looks for them.
    private(set) var charts: [(from: String, to: String)] = []
    /// Value files outside the chart.
    private(set) var files: [SourceFile] = []
    /// In the order in which they are given to helm, from the repository's root.
    private(set) var valueFiles: [String] = []
    private(set) var problems: [RenderProblem] = []
    /// Charts to fetch before the template is made.
    private(set) var remote: [RemoteChart] = []
    /// What templates ask for.
    private(set) var findings = ChartFindings()
    private let documents: DocumentCache
    private let archives: ChartArchives
    private let network: ToolNetwork?
    private var visited: Set<String> = []

    init(documents: DocumentCache, archives: ChartArchives, network: ToolNetwork?) {
        self.documents = documents
        self.archives = archives
        self.network = network
    }

    /// - Parameter application: The directory that the names of value files are relative to.
    mutating func visit(
        chart directory: String,
        of application: String,
        _ options: HelmOptions,
        _ files: inout CommitFiles
    ) async throws {
        for name in options.valueFiles {
            try await addValues(name, of: application, chart: directory, &files)
        }
        try await addDependencies(of: directory, at: directory, &files, depth: 0)
        try await scan(directory, &files)
    }

    private mutating func addValues(
        _ name: String,
        of application: String,
        chart: String,
        _ files: inout CommitFiles
    ) async throws {
        let base = name.hasPrefix("/") ? "" : application
        guard !name.contains("://"), let path = RepositoryPath.resolve(name, from: base) else {
            return refuse("The value file '\(name)' is not in this repository.", application)
        }
        let walk = try await files.walk(path)
        if let link = walk.dead {
            let words =
                "The value file '\(name)' cannot be found: \(link.path) is a link that leads to no file."
            return refuse(words, application)
        }
        guard walk.end == .place(.file) || walk.end == .place(.executable),
            let entry = try await files.entry(at: walk.place)
        else {
            return refuse("There is no value file '\(name)'.", application)
        }
        valueFiles.append(walk.place)
        if !RepositoryPath.contains(chart, walk.place) {
            self.files.append(SourceFile(path: walk.place, id: entry.id))
        }
    }

    /// Follows `dependencies` of a `Chart.yaml`; `place` is where helm finds the chart.
    private mutating func addDependencies(
        of directory: String,
        at place: String,
        _ files: inout CommitFiles,
        depth: Int
    ) async throws {
        guard depth < 8, charts.count < 100 else {
            return refuse("The charts depend on each other without end.", directory)
        }
        let file = RepositoryPath.join(directory, "Chart.yaml")
        guard let entry = try await files.entry(at: file),
            case .bytes(let bytes)? = try await files.repository.contents(of: [entry.id], limit: 1 << 20)
                .first,
            case .success(let parsed) = documents.parse(bytes, id: entry.id), let chart = parsed.first?.value
        else { return }
        if chart["kubeVersion"] != nil { findings.asksForCapabilities = true }
        for dependency in chart["dependencies"]?.array ?? [] {
            guard let name = dependency["name"]?.string, RepositoryPath.isSafe(name), !name.contains("/")
            else {
                continue
            }
            let source = dependency["repository"]?.string ?? ""
            if try await isVendored(name, in: directory, &files) { continue }
            guard source.hasPrefix("file://") else {
                if source.isEmpty { continue }  // Helm's own words say which is missing.
                let version = try await lockedVersion(of: name, in: directory, &files)
                if let refusal = network.refusal(of: source, asking: "helm") {
                    let advice = "Or commit the chart below charts/ (helm dependency update)."
                    refuse(
                        "The chart depends on '\(name)' from \(source), and \(refusal) \(advice)",
                        file,
                        .unreachable
                    )
                } else {
                    remote.append(
                        RemoteChart(
                            place: place,
                            name: name,
                            repository: source,
                            version: version ?? dependency["version"]?.string ?? ""
                        )
                    )
                }
                continue
            }
            guard
                let named = RepositoryPath.resolve(
                    String(source.dropFirst("file://".count)),
                    from: directory
                ),
                let path = try await files.realPath(named)?.path,
                !source.hasPrefix("file:///"), let target = try await files.entry(at: path),
                target.kind == .directory
            else {
                refuse("The chart depends on '\(name)' at \(source), which is not in this repository.", file)
                continue
            }
            let below = "\(place)/charts/\(name)"
            charts.append((from: path, to: below))
            try await scan(path, &files)
            try await addDependencies(of: path, at: below, &files, depth: depth + 1)
        }
    }

    /// What `Chart.lock` says was taken, which is what is taken again.
    private func lockedVersion(
        of name: String,
        in directory: String,
        _ files: inout CommitFiles
    ) async throws -> String? {
        guard let entry = try await files.entry(at: RepositoryPath.join(directory, "Chart.lock")),
            case .bytes(let bytes)? = try await files.repository.contents(of: [entry.id], limit: 1 << 20)
                .first,
            case .success(let parsed) = documents.parse(bytes, id: entry.id), let lock = parsed.first?.value
        else { return nil }
        return lock["dependencies"]?.array?.first { $0["name"]?.string == name }?["version"]?.string
    }

    private func isVendored(
        _ name: String,
        in directory: String,
        _ files: inout CommitFiles
    ) async throws -> Bool {
        let folder = RepositoryPath.join(directory, "charts")
        guard let entry = try await files.entry(at: folder), entry.kind == .directory else { return false }
        return try await files.repository.entries(of: entry.id, at: "", recursive: false).contains {
            $0.path == name || Self.isArchive($0.path, of: name)
        }
    }

    /// Whether a file is an archive of a chart, `<name>-<version>.tgz` or `<name>.tgz`, and not of one whose name only begins like it.
    static func isArchive(_ file: String, of chart: String) -> Bool {
        if file == chart + ".tgz" { return true }
        guard file.hasPrefix(chart + "-") else { return false }
        return file.dropFirst(chart.count + 1).wholeMatch(of: /v?\d.*\.tgz/) != nil
    }

    /// Looks into the templates for what depends on the cluster or on chance, those of charts in archives included.
    private mutating func scan(_ directory: String, _ files: inout CommitFiles) async throws {
        guard visited.insert(directory).inserted else { return }
        var templates: [SourceFile] = []
        for file in try await files.listing(of: directory, links: .followed).files {
            let name = RepositoryPath.relative(file.path, to: directory)
            if ChartFindings.isArchive(name) {
                let found = try await archives.findings(in: file.id, of: files.repository)
                findings.add(found, ofArchiveAt: file.path)
            } else if ChartFindings.isTemplate(name) {
                templates.append(file)
            }
        }
        let contents = try await files.repository.contents(of: templates.map(\.id), limit: 1 << 20)
        for (file, content) in zip(templates, contents) {
            guard case .bytes(let bytes) = content else { continue }
            findings.look(at: bytes, ChartFindings.Place(file: file.path))
        }
    }

    private mutating func refuse(
        _ message: String,
        _ file: String,
        _ code: RenderProblem.Code = .unreadable
    ) {
        problems.append(
            RenderProblem(code: code, message: message, origin: ManifestOrigin(file: file))
        )
    }
}
