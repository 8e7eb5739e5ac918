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

    func clusterNames() async -> Set<String> { fleet.names.union([Self.adminName]) }
    func changes() async -> AsyncStream<Void> { fleet.changes() }
}
