import KubeClient
import KubeModel
import KubeRuntime

/// Holds the targets of HorizontalPodAutoscalers within their bounds, and says that there are no metrics.
struct Autoscalers: Reconciler {
    let cluster: WorkloadCluster

    private static let source = EventSource(component: "horizontal-pod-autoscaler")

    static func controller(_ cluster: WorkloadCluster) -> Controller<Autoscalers> {
        let queue = WorkQueue<ObjectName>(backoff: .workloads)
        let autoscalers = cluster.informer(.horizontalPodAutoscalers)
        queue.feed(from: autoscalers)
        for resource in [APIResource.deployments, .statefulSets, .replicaSets] {
            cluster.informer(resource).onEvery { target in
                for autoscaler in autoscalers.list(namespace: target.namespace)
                where autoscaler.at("spec", "scaleTargetRef", "name")?.string == target.name {
                    queue.enqueue(autoscaler.objectName)
                }
            }
        }
        return Controller(
            name: "autoscaling",
            queue: queue,
            reconciler: Self(cluster: cluster),
            workers: 1,
            logger: cluster.logger
        )
    }

    func reconcile(_ name: ObjectName) async throws -> ReconcileResult {
        guard let autoscaler = cluster.informer(.horizontalPodAutoscalers).get(name),
            !autoscaler.isBeingDeleted
        else {
            return .settled
        }
        let kind = autoscaler.at("spec", "scaleTargetRef", "kind")?.string ?? ""
        let resources: [String: APIResource] = [
            "Deployment": .deployments, "StatefulSet": .statefulSets, "ReplicaSet": .replicaSets,
        ]
        let targetName = ObjectName(
            namespace: name.namespace,
            name: autoscaler.at("spec", "scaleTargetRef", "name")?.string ?? ""
        )
        let target = resources[kind].flatMap { cluster.informer($0).get(targetName) }
        let decision = AutoscalerDecision(autoscaler, target: target, now: cluster.now())
        if let size = decision.resize, let resource = resources[kind] {
            try await cluster.patch(resource, targetName, ["spec": ["replicas": .integer(Int64(size))]])
        }
        try await cluster.updateStatus(.horizontalPodAutoscalers, of: autoscaler, to: decision.status)
        for event in decision.events {
            cluster.events.record(
                event.reason,
                event.message,
                type: event.type,
                about: autoscaler,
                from: Self.source
            )
        }
        return .settled
    }
}
