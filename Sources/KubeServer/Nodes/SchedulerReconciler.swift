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

    private static let source = EventSource(component: "default-scheduler", host: "default-scheduler-varde")

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
        cluster.informer(.persistentVolumeClaims).onChange { [waiting] _ in waiting.wakeAll(queue) }
        cluster.informer(.nodes).onChange { [waiting] change in
            if case .updated(let old, let new) = change, old.spec == new.spec, old.labels == new.labels,
                old.at("status", "allocatable") == new.at("status", "allocatable")
            {
                return
            }
            waiting.wakeAll(queue)
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
            waiting.add(name, priority: 0)  // The provisioner is at it.
            return .again(after: .seconds(2))
        }
        if let obstacle = claims.obstacle {
            let count = cluster.informer(.nodes).list().count
            let refusal = SchedulingRefusal(obstacle, nodes: count, contested: [], mayPreempt: true)
            try await refuse(pod, refusal.description)
            return .settled
        }
        let nodes = cluster.informer(.nodes).list().filter { !$0.isBeingDeleted }.map(ledger.view(of:))
        switch SchedulingDecision(pod, nodes: nodes) {
        case .bind(let node):
            try await bind(pod, to: node)
        case .unschedulable(let refusal):
            let candidates = nodes.filter { refusal.contested.contains($0.name) }
            let preemption = Preemption(
                pod,
                candidates: candidates,
                all: nodes,
                isProtected: budgetCheck(pod)
            )
            guard let preemption else {
                try await refuse(pod, refusal.description)
                return .settled
            }
            try await refuse(pod, refusal.summary, nominated: preemption.node)
            try await evict(preemption, for: pod)
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
        cluster.events.record("Scheduled", message, about: pod, from: Self.source, action: "Binding")
    }

    private func refuse(_ pod: KubeObject, _ message: String, nominated: String? = nil) async throws {
        waiting.add(pod.objectName, priority: pod.at("spec", "priority")?.int ?? 0)
        if pod.condition("PodScheduled")?.message == message { return }
        var conditions = ConditionList(pod.status)
        conditions.set(
            "PodScheduled",
            "False",
            reason: "Unschedulable",
            message: message,
            at: cluster.now(),
            more: ["observedGeneration": .integer(Int64(max(1, pod.generation)))]
        )
        var status = pod.status
        status["phase"] = "Pending"
        status["conditions"] = .array(conditions.conditions)
        if let nominated { status["nominatedNodeName"] = .string(nominated) }
        try await cluster.updateStatus(.pods, of: pod, to: status)
        cluster.events.record(
            "FailedScheduling",
            message,
            type: .warning,
            about: pod,
            from: Self.source,
            action: "Scheduling"
        )
    }

    // MARK: Preemption

    private func budgetCheck(_ pod: KubeObject) -> (PlacedPod) -> Bool {
        let budgets = cluster.informer(.podDisruptionBudgets).list().filter {
            $0.at("status", "disruptionsAllowed")?.int ?? 0 <= 0
        }
        return { victim in
            budgets.contains { budget in
                budget.namespace == victim.name.namespace
                    && ObjectSelector(budget.at("spec", "selector")).selects { victim.labels[$0] }
            }
        }
    }

    private func evict(_ preemption: Preemption, for preemptor: KubeObject) async throws {
        for victim in preemption.victims where !victim.isLeaving {
            guard let pod = cluster.informer(.pods).get(victim.name), pod.uid == victim.uid else { continue }
            var conditions = ConditionList(pod.status)
            conditions.set(
                "DisruptionTarget",
                "True",
                reason: "PreemptionByScheduler",
                message: "default-scheduler: preempting to accommodate a higher priority pod",
                at: cluster.now()
            )
            var status = pod.status
            status["conditions"] = .array(conditions.conditions)
            try await cluster.updateStatus(.pods, of: pod, to: status)
            try await cluster.delete(.pods, pod)
            cluster.events.record(
                "Preempted",
                "Preempted by pod \(preemptor.uid) on node \(preemption.node)",
                about: pod,
                from: Self.source,
                action: "Preempting"
            )
        }
    }
}

/// Pods that found no place; looked at again when something changes that may make one.
private final class UnschedulablePods: Sendable {
    private let priorities = Mutex<[ObjectName: Int]>([:])

    func add(_ name: ObjectName, priority: Int) { priorities.withLock { $0[name] = priority } }
    func forget(_ name: ObjectName) { priorities.withLock { $0[name] = nil } }

    /// The most important first: what a pod was preempted for must not go to another one like it.
    func wakeAll(_ queue: WorkQueue<ObjectName>) {
        let waiting = priorities.withLock { $0 }
        guard !waiting.isEmpty else { return }
        for (name, _) in waiting.sorted(by: { $0.value > $1.value }) { queue.enqueue(name) }
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
