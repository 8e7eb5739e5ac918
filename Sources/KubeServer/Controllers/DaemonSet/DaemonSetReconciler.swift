import KubeClient
import KubeModel
import KubeRuntime

/// Runs the pod of each DaemonSet on every node that may have it.
struct DaemonSetReconciler: Reconciler {
    let cluster: WorkloadCluster

    private static let source = EventSource(component: "daemonset-controller")

    static func controller(_ cluster: WorkloadCluster) -> Controller<DaemonSetReconciler> {
        let queue = WorkQueue<ObjectName>(backoff: .workloads)
        let sets = cluster.informer(.daemonSets)
        queue.feed(from: sets)
        queue.feedOwners(of: cluster.informer(.pods), kind: "DaemonSet")
        Claim.wake(queue, cluster, owners: .daemonSets, children: .pods)
        _ = cluster.informer(.controllerRevisions)
        cluster.informer(.nodes).onChange { change in
            if case .updated(let old, let new) = change, old.spec == new.spec, old.labels == new.labels {
                return
            }
            for set in sets.list() { queue.enqueue(set.objectName) }
        }
        return Controller(
            name: "daemonset",
            queue: queue,
            reconciler: Self(cluster: cluster),
            workers: 2,
            logger: cluster.logger
        )
    }

    func reconcile(_ name: ObjectName) async throws -> ReconcileResult {
        guard let set = cluster.informer(.daemonSets).get(name), !set.isBeingDeleted else { return .settled }
        let claim = Claim(cluster, owner: set, ownerResource: .daemonSets, childResource: .pods)
        let pods = try await claim.children()
        let history = ControllerRevisions(cluster: cluster, owner: set)
        guard let revision = try await history.current() else { return .settled }
        // Revisions that an earlier version made have the other label.
        let hash =
            revision.label(ControllerRevisions.hashLabel(of: set.kind))
            ?? revision.label("controller.kubernetes.io/hash") ?? revision.name
        let decision = DaemonSetDecision(
            set,
            pods: pods,
            nodes: cluster.informer(.nodes).list(),
            revision: hash,
            now: cluster.now()
        )
        // What cannot be made must not keep the status from saying so.
        try await cluster.updateStatus(.daemonSets, of: set, to: decision.status)
        for (pod, node) in decision.failed {
            let message =
                "Found failed daemon pod \(pod.namespace)/\(pod.name) on node \(node), will try to kill it"
            cluster.events.record(
                "FailedDaemonPod",
                message,
                type: .warning,
                about: set,
                from: Self.source
            )
        }
        try await cluster.deletePods(decision.delete, of: set, source: Self.source)
        for node in decision.createOn {
            let pod = DaemonSetDecision.pod(for: set, node: node, revision: hash)
            try await cluster.createPods(pod, count: 1, for: set, source: Self.source)
        }
        let used = Set(pods.map { "\(set.name)-\($0.revisionHash)" } + [revision.name])
        try await history.cleanUp(using: used)
        if let seconds = set.at("spec", "minReadySeconds")?.int, seconds > 0,
            decision.status["numberReady"] != decision.status["numberAvailable"]
        {
            return .again(after: .seconds(seconds))
        }
        return .settled
    }
}
