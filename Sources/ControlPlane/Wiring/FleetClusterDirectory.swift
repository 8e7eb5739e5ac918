import Delivery
import Fleet
import KubeClient
import KubeRuntime

/// Tells Delivery of the clusters of the fleet, the admin cluster among them, and which of them are this process's to
/// deliver to.
struct FleetClusterDirectory: ClusterDirectory {
    static let adminName = "admin"

    let fleet: FleetService
    let admin: KubeClient
    /// `nil` for a process that has no others beside it: then every cluster is its own.
    let replica: Replica?
    let signal: ChangeSignal

    func client(for cluster: String) async -> KubeClient? {
        guard let client = cluster == Self.adminName ? admin : fleet.client(for: cluster) else { return nil }
        guard let replica else { return client }
        return KubeClient(
            transport: FencedTransport(client.transport, claim: cluster, replica: replica),
            discovery: client.discovery
        )
    }

    func problem(of cluster: String) -> String? { fleet.problem(of: cluster) }

    /// Waits until the fleet is known: before that every cluster would seem to be gone.
    func clusterNames() async -> Set<String> {
        // Only cancellation ends the wait with an error, and then nobody acts on the answer.
        try? await fleet.waitUntilSynced()
        return fleet.names.union([Self.adminName])
    }

    func changes() async -> AsyncStream<Void> { signal.stream() }

    func delivers(to cluster: String) -> Bool { replica?.holds(claim(to: cluster)) ?? true }

    func term(of cluster: String) -> Int { replica?.term(of: claim(to: cluster)) ?? 0 }

    /// A cluster that the fleet does not have is the leader's to complain about.
    private func claim(to cluster: String) -> String {
        fleet.names.contains(cluster) ? cluster : Self.adminName
    }

    /// Relays what changes, and lets the replicas share the clusters of the fleet, until cancelled.
    func run() async throws {
        try await fleet.waitUntilSynced()
        await withDiscardingTaskGroup { group in
            group.addTask {
                for await _ in fleet.changes() {
                    replica?.setClaims(fleet.names.union([Self.adminName]))
                    signal.signal()
                }
            }
            guard let replica else { return }
            group.addTask {
                for await _ in replica.changes() {
                    signal.signal()
                    // Who leads writes what is said about clusters.
                    await fleet.reviewAll()
                }
            }
        }
    }
}
