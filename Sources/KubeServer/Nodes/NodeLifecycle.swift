import KubeClient
import KubeModel
import KubeRuntime

/// Follows what happens to nodes: taints of cordoned and unready ones, and pods whose node is gone.
struct NodeLifecycle: Reconciler {
    let cluster: WorkloadCluster

    private static let source = EventSource(component: "node-controller")
    private static let cordoned = "node.kubernetes.io/unschedulable"
    private static let notReady = "node.kubernetes.io/not-ready"
    private static let unreachable = "node.kubernetes.io/unreachable"

    static func controller(_ cluster: WorkloadCluster) -> Controller<NodeLifecycle> {
        let queue = WorkQueue<ObjectName>(backoff: .workloads)
        queue.feed(from: cluster.informer(.nodes))
        return Controller(
            name: "node-lifecycle",
            queue: queue,
            reconciler: Self(cluster: cluster),
            workers: 1,
            logger: cluster.logger
        )
    }

    func reconcile(_ name: ObjectName) async throws -> ReconcileResult {
        guard let node = cluster.informer(.nodes).get(name) else {
            try await removePods(of: name.name)
            return .settled
        }
        try await followAnnotation(node)
        let isReady = node.condition("Ready")?.isTrue ?? false
        var taints = node.at("spec", "taints")?.array ?? []
        let before = taints
        let isCordoned = taints.contains { $0["key"]?.string == Self.cordoned }
        func set(_ key: String, _ effect: String, _ isWanted: Bool) {
            let isPresent = taints.contains { $0["key"]?.string == key && $0["effect"]?.string == effect }
            if isWanted, !isPresent {
                taints.append([
                    "key": .string(key), "effect": .string(effect), "timeAdded": .string(cluster.now().text),
                ])
            } else if !isWanted, isPresent {
                taints.removeAll { $0["key"]?.string == key && $0["effect"]?.string == effect }
            }
        }
        set(Self.cordoned, "NoSchedule", node.at("spec", "unschedulable")?.bool ?? false)
        // A node that says that it is not ready differs from one that says nothing.
        let isSilent = ["Unknown", nil].contains(node.condition("Ready")?.status)
        for effect in ["NoSchedule", "NoExecute"] {
            set(Self.notReady, effect, !isReady && !isSilent)
            set(Self.unreachable, effect, isSilent)
        }
        if isCordoned != taints.contains(where: { $0["key"]?.string == Self.cordoned }) { reportCordon(node) }
        if taints != before {
            let patch: JSON = ["spec": ["taints": taints.isEmpty ? .null : .array(taints)]]
            try await cluster.patch(.nodes, name, patch)
        }
        if !isReady { try await markPodsNotReady(on: name.name) }
        let evictions = TaintEvictions(
            pods: cluster.informer(.pods).list().filter { $0.nodeName == name.name && !$0.isBeingDeleted },
            taints: taints,
            now: cluster.now()
        )
        for pod in evictions.due {
            let message = "Marking for deletion Pod \(pod.namespace)/\(pod.name)"
            let source = EventSource(component: "taint-eviction-controller")
            cluster.events.record("TaintManagerEviction", message, about: pod, from: source)
            try await disrupt(
                pod,
                "DeletionByTaintManager",
                "Taint manager: deleting due to NoExecute taint"
            )
            try await cluster.delete(.pods, pod)
        }
        return evictions.next.map { .again(after: $0 + .milliseconds(100)) } ?? .settled
    }

    /// What a node that is not heard of runs counts as not ready.
    private func markPodsNotReady(on node: String) async throws {
        for pod in cluster.informer(.pods).list() where pod.nodeName == node && pod.isPodReady {
            var conditions = ConditionList(pod.status)
            conditions.set("Ready", "False", reason: nil, message: nil, at: cluster.now())
            var status = pod.status
            status["conditions"] = .array(conditions.conditions)
            try await cluster.updateStatus(.pods, of: pod, to: status)
            let message = "Node is not ready"
            cluster.events.record("NodeNotReady", message, type: .warning, about: pod, from: Self.source)
        }
    }

    /// `sim.varde.dev/fail: not-ready` on a node stops its kubelet.
    private func followAnnotation(_ node: KubeObject) async throws {
        let fails = node.annotation(PodScript.Annotation.fail) == PodScript.Failure.notReady.rawValue
        guard let ready = node.condition("Ready"), ready.isTrue == fails else { return }
        var conditions = ConditionList(node.status)
        let now = cluster.now()
        for (type, word) in NodeFactory.conditionWords {
            let heartbeat = conditions.value(type, "lastHeartbeatTime") ?? now.text
            conditions.set(
                type,
                fails ? "Unknown" : word.status,
                reason: fails ? "NodeStatusUnknown" : word.reason,
                message: fails ? "Kubelet stopped posting node status." : word.message,
                at: now,
                more: ["lastHeartbeatTime": .string(fails ? heartbeat : now.text)]
            )
        }
        var status = node.status
        status["conditions"] = .array(conditions.conditions)
        try await cluster.updateStatus(.nodes, of: node, to: status)
        report(fails ? "NodeNotReady" : "NodeReady", node, from: fails ? Self.source : Self.kubelet(node))
    }

    private static func kubelet(_ node: KubeObject) -> EventSource {
        EventSource(component: "kubelet", host: node.name)
    }

    private func report(_ state: String, _ node: KubeObject, from source: EventSource) {
        cluster.events.record(state, "Node \(node.name) status is now: \(state)", about: node, from: source)
    }

    private func reportCordon(_ node: KubeObject) {
        let isCordoned = node.at("spec", "unschedulable")?.bool ?? false
        report(isCordoned ? "NodeNotSchedulable" : "NodeSchedulable", node, from: Self.kubelet(node))
    }

    /// Notes on a pod why it is about to be deleted.
    private func disrupt(_ pod: KubeObject, _ reason: String, _ message: String) async throws {
        var conditions = ConditionList(pod.status)
        conditions.set("DisruptionTarget", "True", reason: reason, message: message, at: cluster.now())
        var status = pod.status
        status["conditions"] = .array(conditions.conditions)
        try await cluster.updateStatus(.pods, of: pod, to: status)
    }

    private func removePods(of node: String) async throws {
        let pods = cluster.informer(.pods).list().filter { $0.nodeName == node }
        try await inParallel(pods) { pod in
            if !pod.isBeingDeleted {
                try await disrupt(pod, "DeletionByPodGC", "PodGC: node no longer exists")
            }
            try await cluster.delete(.pods, pod, gracePeriod: .zero)
        }
    }
}

/// The pods that a node's NoExecute taints drive away, and when.
struct TaintEvictions {
    private(set) var due: [KubeObject] = []
    /// When the next one is due.
    private(set) var next: Duration?

    init(pods: [KubeObject], taints: [JSON], now: Timestamp) {
        let expelling = taints.filter { $0["effect"]?.string == "NoExecute" }
        guard !expelling.isEmpty else { return }
        for pod in pods {
            let tolerations = pod.at("spec", "tolerations")?.array ?? []
            var remaining: Duration?
            for taint in expelling {
                let matching = tolerations.filter { Taint(taint).isTolerated(by: [$0]) }
                let added = taint["timeAdded"]?.string.flatMap { Timestamp(parsing: $0) } ?? now
                // One toleration without a time is for ever; of several with one the shortest counts.
                if !matching.isEmpty, matching.contains(where: { $0["tolerationSeconds"] == nil }) {
                    continue
                }
                let seconds = matching.compactMap { $0["tolerationSeconds"]?.int }.min() ?? 0
                let wait = now.duration(to: added.adding(seconds: seconds))
                remaining = min(wait, remaining ?? wait)
            }
            guard let remaining else { continue }
            if remaining <= .zero { due.append(pod) } else { next = min(remaining, next ?? remaining) }
        }
    }
}
