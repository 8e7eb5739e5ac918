import KubeClient
import KubeModel
import KubeRuntime
import Synchronization

/// Gives each pod without a node a node.
///
/// One worker: every decision sees the ones before it.
struct SchedulerReconciler: Reconciler {
    let cluster: WorkloadCluster
    let ledger: NodeLedger
    private let waiting: UnschedulablePods

    private static let source = EventSource(component: "default-scheduler")

    static func controller(_ cluster: WorkloadCluster) -> Controller<SchedulerReconciler> {
        let queue = WorkQueue<ObjectName>(backoff: .workloads)
        let reconciler = Self(cluster: cluster, ledger: NodeLedger(), waiting: UnschedulablePods())
        reconciler.listen(queue)
        return Controller(
            name: "scheduler",
            queue: queue,
            reconciler: reconciler,
            workers: 1,
            logger: cluster.logger
        )
    }

    private func listen(_ queue: WorkQueue<ObjectName>) {
        cluster.informer(.pods).onChange { [ledger, waiting] change in
            switch change {
            case .added(let pod), .updated(_, let pod):
                if ledger.note(pod) { waiting.wakeAll(queue) }
                if Self.isOurs(pod) { queue.enqueue(pod.objectName) }
            case .removed(let pod):
                ledger.forget(pod)
                waiting.forget(pod.objectName)
                waiting.wakeAll(queue)
            case .synced: break
            }
        }
        for resource in [APIResource.nodes, .persistentVolumeClaims] {
            cluster.informer(resource).onChange { [waiting] _ in waiting.wakeAll(queue) }
        }
    }

    private static func isOurs(_ pod: KubeObject) -> Bool {
        pod.nodeName.isEmpty && pod.isPodActive && (pod.at("spec", "schedulingGates")?.array ?? []).isEmpty
            && pod.at("spec", "schedulerName")?.string ?? "default-scheduler" == "default-scheduler"
    }

    func reconcile(_ name: ObjectName) async throws -> ReconcileResult {
        guard let pod = cluster.informer(.pods).get(name), Self.isOurs(pod) else { return .settled }
        let claims = VolumeClaims(pod, cluster.informer(.persistentVolumeClaims))
        if claims.areNew(at: cluster.now()) {
            waiting.add(name)  // The provisioner is at it.
            return .again(after: .seconds(2))
        }
        if let obstacle = claims.obstacle {
            let count = cluster.informer(.nodes).list().count
            let available = "0/\(count) nodes are available:"
            try await refuse(
                pod,
                "\(available) \(obstacle). preemption: \(available) \(count) Preemption is not helpful for scheduling."
            )
            return .settled
        }
        let nodes = cluster.informer(.nodes).list().filter { !$0.isBeingDeleted }.map(ledger.view(of:))
        switch SchedulingDecision(pod, nodes: nodes) {
        case .bind(let node):
            try await bind(pod, to: node)
        case .unschedulable(let message):
            try await refuse(pod, message)
        }
        return .settled
    }

    private func bind(_ pod: KubeObject, to node: String) async throws {
        let binding: JSON = [
            "apiVersion": "v1", "kind": "Binding",
            "metadata": [
                "name": .string(pod.name), "namespace": .string(pod.namespace), "uid": .string(pod.uid),
                "annotations": [NodeFactory.simulated: "true"],
            ],
            "target": ["apiVersion": "v1", "kind": "Node", "name": .string(node)],
        ]
        ledger.assume(pod, on: node)
        waiting.forget(pod.objectName)
        do {
            let path = APIResource.pods.path(pod.objectName, subresource: "binding")
            _ = try await cluster.client.send(APIRequest(.post, path, body: .json(binding)))
        } catch let error as StatusError {
            if error.code == 409 { return }  // Bound already.
            ledger.forget(pod)
            if error.isNotFound { return }
            throw error
        }
        let message = "Successfully assigned \(pod.namespace)/\(pod.name) to \(node)"
        cluster.events.record("Scheduled", message, about: pod, from: Self.source)
    }

    private func refuse(_ pod: KubeObject, _ message: String) async throws {
        waiting.add(pod.objectName)
        if pod.condition("PodScheduled")?.message == message { return }
        var conditions = ConditionList(pod.status)
        conditions.set("PodScheduled", "False", reason: "Unschedulable", message: message, at: cluster.now())
        var status = pod.status
        status["phase"] = "Pending"
        status["conditions"] = .array(conditions.conditions)
        try await cluster.updateStatus(.pods, of: pod, to: status)
        cluster.events.record("FailedScheduling", message, type: .warning, about: pod, from: Self.source)
    }
}

/// Pods that found no place; looked at again when something changes that may make one.
private final class UnschedulablePods: Sendable {
    private let names = Mutex<Set<ObjectName>>([])

    func add(_ name: ObjectName) { _ = names.withLock { $0.insert(name) } }
    func forget(_ name: ObjectName) { _ = names.withLock { $0.remove(name) } }
    func wakeAll(_ queue: WorkQueue<ObjectName>) {
        for name in names.withLock({ $0 }) { queue.enqueue(name) }
    }
}

/// The claims of a pod's volumes, which must be bound before it can run.
private struct VolumeClaims {
    /// Why the pod must wait, in the scheduler's words.
    let obstacle: String?
    private let newest: Timestamp?

    /// Whether they are so new that it is no problem yet that they are not bound.
    func areNew(at now: Timestamp) -> Bool { newest.map { $0.adding(seconds: 2) > now } ?? false }

    init(_ pod: KubeObject, _ claims: Informer) {
        var obstacle: String?
        var newest: Timestamp?
        for volume in pod.at("spec", "volumes")?.array ?? [] {
            guard let name = volume.at("persistentVolumeClaim", "claimName")?.string else { continue }
            guard let claim = claims.get(ObjectName(namespace: pod.namespace, name: name)) else {
                obstacle = "persistentvolumeclaim \"\(name)\" not found"
                break
            }
            if claim.at("status", "phase")?.string != "Bound" {
                obstacle = "pod has unbound immediate PersistentVolumeClaims"
                newest = max(claim.createdAt, newest ?? claim.createdAt)
            }
        }
        self.newest = newest
        self.obstacle = obstacle
    }
}
