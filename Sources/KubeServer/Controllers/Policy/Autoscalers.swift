import KubeClient
import KubeModel
import KubeRuntime

/// Holds the targets of HorizontalPodAutoscalers within their bounds, and says that simulated pods have no metrics.
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
        let wanted = target.map { Self.bounded($0.wantedReplicas, by: autoscaler) }
        if let target, let wanted, let resource = resources[kind], wanted != target.wantedReplicas {
            try await cluster.patch(resource, targetName, ["spec": ["replicas": .integer(Int64(wanted))]])
            let limit = wanted > target.wantedReplicas ? "minReplicas" : "maxReplicas"
            let bound = wanted > target.wantedReplicas ? "below" : "above"
            let message =
                "New size: \(wanted); reason: Current number of replicas \(bound) Spec.\(limit == "minReplicas" ? "MinReplicas" : "MaxReplicas")"
            cluster.events.record("SuccessfulRescale", message, about: autoscaler, from: Self.source)
        }
        let status = Self.status(
            of: autoscaler,
            target: target,
            kind: kind,
            wanted: wanted,
            now: cluster.now()
        )
        try await cluster.updateStatus(.horizontalPodAutoscalers, of: autoscaler, to: status)
        return .settled
    }

    /// A size of 0 means that autoscaling is off.
    private static func bounded(_ size: Int, by autoscaler: KubeObject) -> Int {
        let low = autoscaler.at("spec", "minReplicas")?.int ?? 1
        let high = autoscaler.at("spec", "maxReplicas")?.int ?? size
        return size == 0 ? 0 : min(max(size, low), max(low, high))
    }

    static func status(
        of autoscaler: KubeObject,
        target: KubeObject?,
        kind: String,
        wanted: Int?,
        now: Timestamp
    ) -> JSON {
        var status = autoscaler.status
        var conditions = ConditionList(status)
        guard let target, let wanted else {
            let name = autoscaler.at("spec", "scaleTargetRef", "name")?.string ?? ""
            let plural = kind.lowercased() + "s.apps"
            conditions.set(
                "AbleToScale",
                "False",
                reason: "FailedGetScale",
                message:
                    "the HPA controller was unable to get the target's current scale: \(plural) \"\(name)\" not found",
                at: now
            )
            status["conditions"] = .array(conditions.conditions)
            return status
        }
        status["observedGeneration"] = .integer(Int64(autoscaler.generation))
        status["currentReplicas"] = .integer(Int64(target.statusReplicas))
        status["desiredReplicas"] = .integer(Int64(wanted))
        conditions.set(
            "AbleToScale",
            "True",
            reason: "SucceededGetScale",
            message: "the HPA controller was able to get the target's current scale",
            at: now
        )
        if target.wantedReplicas == 0 {
            conditions.set(
                "ScalingActive",
                "False",
                reason: "ScalingDisabled",
                message: "scaling is disabled since the replica count of the target is zero",
                at: now
            )
        } else {
            conditions.set(
                "ScalingActive",
                "False",
                reason: "SimulatedWorkload",
                message:
                    "the pods of this cluster are simulated and have no metrics; the number of replicas is only held "
                    + "between minReplicas and maxReplicas",
                at: now
            )
        }
        status["conditions"] = .array(conditions.conditions)
        return status
    }
}
