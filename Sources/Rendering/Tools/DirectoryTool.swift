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
        for left in listing.leftOut where isManifest(left.path) || left.kind != .nothing {
            let origin = ManifestOrigin(file: left.path)
            collector.add(
                RenderProblem(code: .unreadable, message: "This is \(left.reason).", origin: origin)
            )
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
            guard let parsed, !Self.isSomebodysSettings(parsed, file.path) else { continue }
            if let problem = Self.tooLarge(parsed, file.path) {
                collector.add(problem)
            } else {
                collector.add(parsed, of: file.path)
            }
        }
        collector.add(problems)
        return collector
    }

    /// No API server takes a request of more bytes, and etcd keeps less than half of it.
    private static let largestObject = 3 << 20

    private static func tooLarge(_ parsed: DocumentCache.Parsed, _ file: String) -> RenderProblem? {
        guard case .success(let documents) = parsed else { return nil }
        for document in documents where document.value["items"] == nil {
            guard document.value.isLarge(largestObject) else { continue }
            let size = document.value.encoded().count
            return RenderProblem(
                code: .tooLarge,
                message: "This object has \(size >> 20) MiB; Kubernetes takes none of more than 3 MiB.",
                origin: ManifestOrigin(file: file, document: document.index, line: document.line)
            )
        }
        return nil
    }

    /// Whether a file further below is named like settings and holds no objects: those of a program, most likely.
    private static func isSomebodysSettings(_ parsed: DocumentCache.Parsed, _ file: String) -> Bool {
        guard ApplicationSettings.fileNames.contains(RepositoryPath.name(of: file)),
            case .success(let documents) = parsed
        else { return false }
        return documents.allSatisfy { $0.value["apiVersion"] == nil && $0.value["kind"] == nil }
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

extension JSON {
    /// Whether texts in it have more bytes together; stops counting there.
    fileprivate func isLarge(_ limit: Int) -> Bool {
        var left = limit
        return !count(&left)
    }

    private func count(_ left: inout Int) -> Bool {
        switch self {
        case .string(let text): left -= text.utf8.count
        case .array(let items):
            for item in items where !item.count(&left) { return false }
        case .object(let object):
            for (key, value) in object {
                left -= key.utf8.count
                guard value.count(&left) else { return false }
            }
        default: left -= 4
        }
        return left >= 0
    }
}
