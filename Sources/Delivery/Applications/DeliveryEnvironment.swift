import GitSource
import KubeClient
import KubeRuntime
import Logging
import Rendering
import Synchronization

/// What every reconcile works with.
struct DeliveryEnvironment: Sendable {
    let admin: KubeClient
    let board: Board
    let registry = ApplicationRegistry()
    let lanes = ClusterLanes()
    let watcher: RepositoryWatcher
    let renderer: Renderer
    let clusters: any ClusterDirectory
    let policy: any DeliveryPolicy
    /// Counts changes of what the policy is made from: verdicts of an older epoch are asked for again.
    let policyEpoch = Epoch()
    /// Applications whose object in the admin cluster is to be written.
    let records = WorkQueue<ApplicationID>(
        backoff: Backoff(first: .seconds(1), limit: .seconds(30))
    )
    /// The object of some application was written.
    let recorded = ChangeSignal()
    /// How long a person waits for it.
    let recordDeadline: Duration
    /// Where the steps of syncs are kept; `nil` for nowhere.
    let history: HistoryStore?
    let schemas = SchemaDocuments()
    /// What people asked another replica for; `nil` without others.
    var errands: Errands?
    let logger: Logger
    /// Seconds since 1970.
    let now: @Sendable () -> Double
    private let start = ContinuousClock.now

    /// By how many seconds the wall clock is ahead of one that nobody sets; changes only when somebody sets it.
    var clockOffset: Double { now() - start.duration(to: .now).seconds }

    /// Whether this process delivers to a cluster, and knows all that the one before it had recorded.
    func delivers(to cluster: String) -> Bool {
        clusters.delivers(to: cluster) && !lanes.foreign.contains(cluster)
    }

    /// Whether the fleet has a cluster, as far as is known.
    func isExpected(_ cluster: String) -> Bool { lanes.expected?.contains(cluster) ?? true }

    /// Why a cluster that is in the fleet has no lane, as part of a sentence.
    func noConnection(to cluster: String) -> String {
        clusters.problem(of: cluster) ?? "there is no connection to it yet"
    }

    func wake(_ id: ApplicationID, after delay: Duration = .zero) { lanes.wake(id, after: delay) }
}

/// A number that only grows.
final class Epoch: Sendable {
    private let number = Atomic(0)
    var value: Int { number.load(ordering: .sequentiallyConsistent) }
    func advance() { number.wrappingAdd(1, ordering: .sequentiallyConsistent) }
}
