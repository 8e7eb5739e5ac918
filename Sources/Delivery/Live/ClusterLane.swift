import KubeClient
import KubeRuntime
import Logging
import Synchronization

/// What belongs to one cluster alone: its queue, its live view, its budget of requests.
///
/// A cluster that is down or slow holds up nothing outside its lane.
final class ClusterLane: Sendable {
    let cluster: String
    let client: KubeClient
    let queue = WorkQueue<ApplicationID>()
    let view: LiveView
    let slots = RequestSlots(32)
    let schemas: ClusterSchemas
    let facts = ClusterFacts()

    init(
        cluster: String,
        client: KubeClient,
        applications: ApplicationRegistry,
        schemas: SchemaDocuments,
        logger: Logger
    ) {
        self.schemas = ClusterSchemas(client: client, shared: schemas)
        self.cluster = cluster
        self.client = client
        let (queue, facts) = (queue, facts)
        view = LiveView(cluster: cluster, client: client, logger: logger) { wake in
            switch wake {
            case .object(let label):
                if let id = applications.id(label: label), id.cluster == cluster { queue.enqueue(id) }
            case .child(let label):
                guard let id = applications.id(label: label), id.cluster == cluster else { return }
                // Pods change in bursts.
                queue.enqueue(id, after: .milliseconds(50))
            case .allowances(let namespace):
                let stopped = applications.cells(in: cluster).filter { cell in
                    (namespace.map { $0 == cell.id.namespace } ?? true)
                        && (cell.isBusy.withLock { $0 }  // It may just be finding that out.
                            || cell.progress.withLock { !$0.failures.isEmpty || $0.blocked != nil })
                }
                for cell in stopped { cell.sawAwaitedChange(queue) }
            case .surroundings(let namespace):
                for id in applications.ids(in: cluster) where id.namespace == namespace { queue.enqueue(id) }
            case .kinds:
                for cell in applications.cells(in: cluster)
                where cell.progress.withLock({ !$0.isResolved }) { cell.sawAwaitedChange(queue) }
                // Charts may have been made for the kinds that there were.
                facts.forget()
                for cell in applications.cells(in: cluster)
                where cell.progress.withLock({ $0.rendered?.capabilities != nil }) { queue.enqueue(cell.id) }
            case .everything:
                for id in applications.ids(in: cluster) { queue.enqueue(id) }
            }
        }
    }
}

/// The lanes of the clusters that exist, and the queue of applications whose cluster does not.
final class ClusterLanes: Sendable {
    let homeless = WorkQueue<ApplicationID>()
    private let lanes = Mutex<[String: ClusterLane]>([:])

    subscript(cluster: String) -> ClusterLane? {
        get { lanes.withLock { $0[cluster] } }
        set { lanes.withLock { $0[cluster] = newValue } }
    }

    private let known = Mutex<Set<String>?>(nil)

    /// The clusters of the fleet, also those that could not be reached so far; `nil` before the fleet was looked at.
    var expected: Set<String>? {
        get { known.withLock { $0 } }
        set { known.withLock { $0 = newValue } }
    }

    private let others = Mutex<Set<String>>([])

    /// The clusters that another replica delivers to, or did until their records are taken over.
    var foreign: Set<String> { others.withLock { $0 } }
    /// A cluster's records were taken over.
    let takenOver = ChangeSignal()

    func others(deliver clusters: Set<String>) { others.withLock { $0.formUnion(clusters) } }

    func takeOver(_ cluster: String) {
        others.withLock { _ = $0.remove(cluster) }
        takenOver.signal()
    }

    var names: Set<String> { lanes.withLock { Set($0.keys) } }

    func wake(_ id: ApplicationID, after delay: Duration = .zero) {
        (self[id.cluster]?.queue ?? homeless).enqueue(id, after: delay)
    }
}
