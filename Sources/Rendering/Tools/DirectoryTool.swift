import GitSource
import KubeModel

/// Takes the YAML and JSON files below a directory as they are.
struct DirectoryTool {
    let job: RenderJob
    let documents: DocumentCache
    let limits: RenderLimits

    func render() async throws -> ManifestCollector {
        var collector = ManifestCollector(namespace: job.request.namespace)
        let listing = job.sources
        collector.add(listing.problems)
        for (path, reason) in listing.leftOut where isManifest(path) || !reason.hasPrefix("a link that") {
            let origin = ManifestOrigin(file: path)
            collector.add(RenderProblem(code: .unreadable, message: "This is \(reason).", origin: origin))
        }
        let wanted = listing.files.filter { isManifest($0.path) }
        var parsed = wanted.map { documents[$0.id] }
        let unread = wanted.indices.filter { parsed[$0] == nil }
        var results: [ObjectID: DocumentCache.Parsed] = [:]
        let problems = try await job.request.repository.read(unread.map { wanted[$0] }, limits: limits) {
            results[$0.id] = documents.parse($1, id: $0.id)
        }
        for place in unread { parsed[place] = results[wanted[place].id] }
        for (file, parsed) in zip(wanted, parsed) {
            // Without a result the file is among the problems.
            if let parsed { collector.add(parsed, of: file.path) }
        }
        collector.add(problems)
        return collector
    }

    /// Files with the endings of YAML and JSON, but for the settings in the directory itself.
    private func isManifest(_ path: String) -> Bool {
        let name = RepositoryPath.name(of: path)
        guard [".yaml", ".yml", ".json"].contains(where: name.hasSuffix) else { return false }
        return
            !(RepositoryPath.parent(of: path) == job.request.path
            && ApplicationSettings.fileNames.contains(name))
    }
}
