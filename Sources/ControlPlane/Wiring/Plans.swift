import Delivery
import Foundation
import GitSource
import KubeModel
import WebConsole

/// Makes plans with Delivery, and keeps them below the data directory.
struct Plans: PlanDesk {
    let delivery: DeliveryService
    private let store: PreviewStore
    private let scratch: String

    init(delivery: DeliveryService, directory: DataDirectory) {
        self.delivery = delivery
        scratch = directory.scratch
        store = PreviewStore(directory: directory.path + "/plans")
        // What a process that was killed left; what cannot be removed harms nobody.
        for name in (try? FileManager.default.contentsOfDirectory(atPath: scratch)) ?? []
        where name.hasPrefix("plan-") {
            try? FileManager.default.removeItem(atPath: "\(scratch)/\(name)")
        }
    }

    func plan(_ request: PreviewRequest, bundle: [UInt8]) async throws -> JSON {
        var request = request
        if !bundle.isEmpty {
            try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
            let file = "\(scratch)/plan-\(UUID().uuidString).bundle"
            try Data(bundle).write(to: URL(filePath: file))
            request.bundle = file
        }
        defer {
            // Removed at the next start.
            if let file = request.bundle { try? FileManager.default.removeItem(atPath: file) }
        }
        let preview = try await delivery.preview(request, scratch: scratch)
        store.keep(preview)
        return preview.json
    }

    func plan(_ id: String) -> JSON? { store[id] }

    func plans(repository: String?, commit: String?) async -> [JSON] {
        var known = repository
        if let repository { known = await delivery.deliveredRepository(repository) ?? repository }
        return store.list(repository: known.map { RepositoryLocation($0).display }, commit: commit)
    }

    func branches(of repositories: [String], tenant: String?) async throws -> JSON {
        let (repository, branches) = try await delivery.knownBranches(of: repositories, tenant: tenant)
        var list: JSON = [:]
        for (name, commit) in branches { list[name] = .string(commit) }
        return ["repository": .string(repository), "branches": list]
    }
}
