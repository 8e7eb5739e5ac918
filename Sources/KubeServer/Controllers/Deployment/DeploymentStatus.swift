import KubeModel

/// The status of a Deployment, worded as `kubectl rollout status` and people know it.
struct DeploymentStatus {
    let json: JSON
    /// When the progress deadline must be looked at.
    let lookAgainAfter: Duration?
    private static let updateTime = "lastUpdateTime"

    /// - Parameter created: The ReplicaSet that this reconcile made, if it made one.
    init(_ decision: DeploymentDecision, created: KubeObject?, now: Timestamp) {
        let deployment = decision.deployment
        let current = created ?? decision.current
        let all = decision.old + (current.map { [$0] } ?? [])
        let available = all.reduce(0) { $0 + $1.availableReplicas }
        var status = deployment.status
        status["observedGeneration"] = .integer(Int64(deployment.generation))
        status.setCount("replicas", all.reduce(0) { $0 + $1.statusReplicas })
        status.setCount("updatedReplicas", current?.statusReplicas ?? 0)
        status.setCount("readyReplicas", all.reduce(0) { $0 + $1.readyReplicas })
        status.setCount("availableReplicas", available)
        status.setCount("unavailableReplicas", max(0, all.reduce(0) { $0 + $1.wantedReplicas } - available))
        status["terminatingReplicas"] = .integer(
            Int64(all.reduce(0) { $0 + ($1.at("status", "terminatingReplicas")?.int ?? 0) })
        )
        var conditions = ConditionList(deployment.status)
        Self.setAvailable(&conditions, available >= decision.replicas.minimumAvailable, now)
        let progress = Progress(deployment, status: status, current: current, isNew: created != nil, now: now)
        progress.apply(to: &conditions)
        Self.setFailure(&conditions, from: (current.map { [$0] } ?? []) + decision.old, now)
        status["conditions"] = conditions.conditions.isEmpty ? nil : .array(conditions.conditions)
        json = status
        lookAgainAfter = progress.lookAgainAfter
    }

    private static func setAvailable(_ conditions: inout ConditionList, _ isAvailable: Bool, _ now: Timestamp)
    {
        let (status, reason, message) =
            isAvailable
            ? ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
            : ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
        if conditions["Available"]?.status == status, conditions["Available"]?.reason == reason { return }
        conditions.set(
            "Available",
            status,
            reason: reason,
            message: message,
            at: now,
            updateTimeField: updateTime
        )
    }

    private static func setFailure(
        _ conditions: inout ConditionList,
        from sets: [KubeObject],
        _ now: Timestamp
    ) {
        guard let failure = sets.lazy.compactMap({ $0.condition("ReplicaFailure") }).first else {
            return conditions.remove("ReplicaFailure")
        }
        if conditions["ReplicaFailure"]?.message == failure.message { return }
        conditions.set(
            "ReplicaFailure",
            failure.status,
            reason: failure.reason,
            message: failure.message,
            at: now,
            updateTimeField: updateTime
        )
    }

    /// The `Progressing` condition.
    private struct Progress {
        private(set) var lookAgainAfter: Duration?
        private var change: (status: String, reason: String, message: String)?
        private let now: Timestamp

        init(_ deployment: KubeObject, status: JSON, current: KubeObject?, isNew: Bool, now: Timestamp) {
            self.now = now
            guard let deadline = deployment.at("spec", "progressDeadlineSeconds")?.int,
                deadline < Int(Int32.max)
            else { return }
            let condition = deployment.condition("Progressing")
            if deployment.at("spec", "paused")?.bool ?? false {
                if condition?.reason != "DeploymentPaused", condition?.reason != "ProgressDeadlineExceeded" {
                    change = ("Unknown", "DeploymentPaused", "Deployment is paused")
                }
                return
            }
            if condition?.reason == "DeploymentPaused" {
                change = ("Unknown", "DeploymentResumed", "Deployment is resumed")
            }
            if isNew, let current {
                change = ("True", "NewReplicaSetCreated", "Created new replica set \"\(current.name)\"")
                lookAgainAfter = .seconds(deadline + 1)
                return
            }
            let subject = current.map { "ReplicaSet \"\($0.name)\"" } ?? "Deployment \"\(deployment.name)\""
            let replicas = status["replicas"]?.int ?? 0
            let updated = status["updatedReplicas"]?.int ?? 0
            let isSettled = replicas == updated && condition?.reason == "NewReplicaSetAvailable"
            let wanted = deployment.wantedReplicas
            let isComplete =
                updated == wanted && replicas == wanted && (status["availableReplicas"]?.int ?? 0) == wanted
                && current?.wantedReplicas == wanted
            if isComplete {
                if condition?.reason != "NewReplicaSetAvailable" || condition?.message != Self.done(subject) {
                    change = ("True", "NewReplicaSetAvailable", Self.done(subject))
                }
                return
            }
            if isSettled { return }
            if condition == nil, let current, !Self.hasProgressed(deployment, status) {
                let message = "Found new replica set \"\(current.name)\""
                change = ("True", "FoundNewReplicaSet", message)
                lookAgainAfter = .seconds(deadline + 1)
                return
            }
            if Self.hasProgressed(deployment, status) || condition == nil {
                change = ("True", "ReplicaSetUpdated", "\(subject) is progressing.")
                lookAgainAfter = .seconds(deadline + 1)
                return
            }
            let list = ConditionList(deployment.status)
            let updatedAt =
                list.value("Progressing", "lastUpdateTime").flatMap { Timestamp(parsing: $0) } ?? now
            if condition?.reason == "ProgressDeadlineExceeded" { return }
            if updatedAt.adding(seconds: deadline) < now {
                change = ("False", "ProgressDeadlineExceeded", "\(subject) has timed out progressing.")
            } else {
                lookAgainAfter = .seconds(max(1, Int(updatedAt.seconds) + deadline + 1 - Int(now.seconds)))
            }
        }

        private static func done(_ subject: String) -> String { "\(subject) has successfully progressed." }

        private static func hasProgressed(_ deployment: KubeObject, _ status: JSON) -> Bool {
            func count(_ json: JSON, _ key: String) -> Int { json[key]?.int ?? 0 }
            let old = deployment.status
            return count(status, "updatedReplicas") > count(old, "updatedReplicas")
                || count(status, "replicas") - count(status, "updatedReplicas")
                    < count(old, "replicas") - count(old, "updatedReplicas")
                || count(status, "readyReplicas") > count(old, "readyReplicas")
                || count(status, "availableReplicas") > count(old, "availableReplicas")
        }

        func apply(to conditions: inout ConditionList) {
            guard let change else { return }
            conditions.set(
                "Progressing",
                change.status,
                reason: change.reason,
                message: change.message,
                at: now,
                updateTimeField: "lastUpdateTime"
            )
        }
    }
}
