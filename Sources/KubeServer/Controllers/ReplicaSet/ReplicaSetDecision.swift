import KubeModel

/// What one ReplicaSet needs: more pods or fewer, and its status.
struct ReplicaSetDecision {
    var create = 0
    var delete: [KubeObject] = []
    var status: JSON
    /// When a pod will have been ready for long enough.
    var lookAgainAfter: Duration?

    /// Kubernetes' limit for one round.
    static let burst = 500

    /// - Parameter pods: All pods that the set controls, also finished ones.
    init(_ set: KubeObject, pods: [KubeObject], now: Timestamp) {
        let active = pods.filter(\.isPodActive)
        let wanted = set.at("spec", "replicas")?.int ?? 1
        if !set.isBeingDeleted {
            if active.count < wanted {
                create = min(wanted - active.count, Self.burst)
            } else if active.count > wanted {
                delete = Array(
                    PodFactory.deletionOrder(active).prefix(min(active.count - wanted, Self.burst))
                )
            }
        }
        let minReady = set.at("spec", "minReadySeconds")?.int ?? 0
        let labels = set.at("spec", "template", "metadata", "labels")
        let templateLabels = ObjectSelector(map: labels)
        let available = active.count { $0.isPodAvailable(minReadySeconds: minReady, at: now) }
        let ready = active.count(where: \.isPodReady)
        status = set.status
        status["replicas"] = .integer(Int64(active.count))
        status.setCount("fullyLabeledReplicas", active.count(where: templateLabels.selects))
        status.setCount("readyReplicas", ready)
        status.setCount("availableReplicas", available)
        status["terminatingReplicas"] = .integer(Int64(pods.count { $0.isBeingDeleted && !$0.isPodFinished }))
        status["observedGeneration"] = .integer(Int64(set.generation))
        if available < ready { lookAgainAfter = .seconds(minReady) }
    }

    /// The status after the attempt to make or delete pods.
    func status(after failure: (any Error)?, now: Timestamp) -> JSON {
        var status = status
        var conditions = ConditionList(status)
        if let failure {
            let reason = delete.isEmpty ? "FailedCreate" : "FailedDelete"
            // The message names a pod that was never made: a new one each time, so only the reason counts as news.
            if conditions["ReplicaFailure"]?.reason != reason {
                conditions.set("ReplicaFailure", "True", reason: reason, message: "\(failure)", at: now)
            }
        } else {
            conditions.remove("ReplicaFailure")
        }
        status["conditions"] = conditions.conditions.isEmpty ? nil : .array(conditions.conditions)
        return status
    }
}
