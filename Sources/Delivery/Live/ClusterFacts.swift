import GitSource
import KubeClient
import KubeModel
import Rendering
import Synchronization

/// What charts may know of a cluster: its version, and what it serves; read at most once in ten minutes.
final class ClusterFacts: Sendable {
    private static let lifetime = Duration.seconds(600)

    private let known = Mutex<(facts: ClusterCapabilities, readAt: ContinuousClock.Instant)?>(nil)

    /// Many applications ask together when a cluster is new.
    private let flights = SingleFlight<Duration, ClusterCapabilities>()

    /// Its kinds have changed: they are read again when a chart asks.
    func forget() { known.withLock { $0 = nil } }

    /// `nil` when the cluster does not say.
    func capabilities(of client: KubeClient) async -> ClusterCapabilities? {
        let last = known.withLock { $0 }
        if let last, last.readAt.duration(to: .now) < Self.lifetime { return last.facts }
        do {
            return try await flights.run(Self.lifetime, joining: .current) {
                let version = try await client.send(APIRequest(.get, "/version"))["gitVersion"]?.string ?? ""
                let kinds = try await client.discovery.kinds()
                let names = Set(kinds.map(\.apiVersion)).union(kinds.map { "\($0.apiVersion)/\($0.kind)" })
                let facts = ClusterCapabilities(kubeVersion: version, apiVersions: names.sorted())
                known.withLock { $0 = (facts, .now) }
                return facts
            }
        } catch {
            // What was true ten minutes ago is better than nothing.
            return last?.facts
        }
    }
}
