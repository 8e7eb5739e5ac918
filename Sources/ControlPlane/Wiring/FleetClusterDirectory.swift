import Delivery
import Fleet
import KubeClient

/// Tells Delivery of the clusters of the fleet, the admin cluster among them.
struct FleetClusterDirectory: ClusterDirectory {
    static let adminName = "admin"

    let fleet: FleetService
    let admin: KubeClient

    func client(for cluster: String) async -> KubeClient? {
        cluster == Self.adminName ? admin : fleet.client(for: cluster)
    }

    /// Waits until the fleet is known: before that every cluster would seem to be gone.
    func clusterNames() async -> Set<String> {
        // Only cancellation ends the wait with an error, and then nobody acts on the answer.
        try? await fleet.waitUntilSynced()
        return fleet.names.union([Self.adminName])
    }

    func changes() async -> AsyncStream<Void> { fleet.changes() }
}
