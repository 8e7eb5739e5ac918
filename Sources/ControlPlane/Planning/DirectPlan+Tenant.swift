import KubeClient
import KubeModel
import Tenancy

extension DirectPlan {
    /// Whose namespaces the clone's directories name, as the clusters have it; `team` where nothing was delivered yet.
    ///
    /// Objects carry their tenant's name: planned under another one, all of them would seem to be somebody else's.
    /// - Throws: ``UpError`` when they belong to several.
    func tenant(of work: LocalWork, base: String, in clusters: [String: KubeClient]) async throws -> String {
        var namespaces: [String: Set<String>] = [:]
        for revision in Set([base, revision ?? "HEAD"]) {
            for place in try await work.places(in: revision) {
                namespaces[place.cluster, default: []].insert(place.namespace)
            }
        }
        var tenants: Set<String> = []
        for (cluster, client) in clusters {
            guard let wanted = namespaces[cluster] else { continue }
            // Of a cluster that does not answer the plan itself says so.
            let claimed = try? await client.list(.namespaces, labelSelector: NamespaceClaim.tenantLabel).items
            for namespace in claimed ?? [] where wanted.contains(namespace.name) {
                if let tenant = namespace.labels[NamespaceClaim.tenantLabel] { tenants.insert(tenant) }
            }
        }
        guard tenants.count > 1 else { return tenants.first ?? "team" }
        throw UpError(
            code: .badConfiguration,
            message:
                "The namespaces belong to several tenants (\(tenants.sorted().joined(separator: ", "))): "
                + "name one with --tenant."
        )
    }
}
