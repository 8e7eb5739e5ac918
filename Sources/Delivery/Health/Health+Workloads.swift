import KubeModel

/// The numbers that workloads' specs and statuses have in common.
private struct Replicas {
    let wanted: Int
    let updated: Int
    let total: Int
    let ready: Int
    let available: Int
    let isObserved: Bool

    init(_ object: KubeObject) {
        wanted = object.at("spec", "replicas")?.int ?? 1
        updated = object.at("status", "updatedReplicas")?.int ?? 0
        total = object.at("status", "replicas")?.int ?? 0
        ready = object.at("status", "readyReplicas")?.int ?? 0
        available = object.at("status", "availableReplicas")?.int ?? 0
        isObserved = (object.at("status", "observedGeneration")?.int ?? 0) >= object.generation
    }

    var summary: String { "\(ready)/\(wanted) ready" }
}

extension Health {
    static let notObserved = "waits for its controller to see the change"

    static func deployment(_ object: KubeObject) -> Health {
        let count = Replicas(object)
        func health(_ state: HealthState, _ message: String = "") -> Health {
            Health(state, message, summary: count.summary)
        }
        if object.at("spec", "paused")?.bool == true { return health(.suspended, "is paused") }
        guard count.isObserved else { return health(.progressing, notObserved) }
        if let condition = object.condition("Progressing"), condition.reason == "ProgressDeadlineExceeded" {
            return health(
                .degraded,
                condition.message.isEmpty ? "made no progress in time" : condition.message
            )
        }
        if count.updated < count.wanted {
            return health(.progressing, "\(count.updated) of \(count.wanted) replicas are updated")
        }
        if count.total > count.updated {
            return health(.progressing, "\(count.total - count.updated) old replicas are still to go")
        }
        if count.available < count.updated {
            return health(.progressing, "\(count.available) of \(count.updated) replicas are available")
        }
        return health(.healthy)
    }

    static func statefulSet(_ object: KubeObject) -> Health {
        let count = Replicas(object)
        func health(_ state: HealthState, _ message: String = "") -> Health {
            Health(state, message, summary: count.summary)
        }
        guard count.isObserved else { return health(.progressing, notObserved) }
        if count.ready < count.wanted {
            return health(.progressing, "\(count.ready) of \(count.wanted) replicas are ready")
        }
        let strategy = object.at("spec", "updateStrategy")
        if strategy?["type"]?.string == "OnDelete" { return health(.healthy) }
        if let partition = strategy?.at("rollingUpdate", "partition")?.int, partition > 0 {
            let wanted = max(0, count.wanted - partition)
            return count.updated < wanted
                ? health(
                    .progressing,
                    "\(count.updated) of \(wanted) replicas above the partition are updated"
                )
                : health(.healthy)
        }
        let update = object.at("status", "updateRevision")?.string
        let current = object.at("status", "currentRevision")?.string
        if update != current {
            return health(.progressing, "\(count.updated) of \(count.wanted) replicas are updated")
        }
        return health(.healthy)
    }

    static func daemonSet(_ object: KubeObject) -> Health {
        let status = object.status
        let wanted = status["desiredNumberScheduled"]?.int ?? 0
        let ready = status["numberReady"]?.int ?? 0
        let updated = status["updatedNumberScheduled"]?.int ?? 0
        let available = status["numberAvailable"]?.int ?? 0
        func health(_ state: HealthState, _ message: String = "") -> Health {
            Health(state, message, summary: "\(ready)/\(wanted) ready")
        }
        guard (status["observedGeneration"]?.int ?? 0) >= object.generation else {
            return health(.progressing, notObserved)
        }
        if object.at("spec", "updateStrategy", "type")?.string == "OnDelete" { return health(.healthy) }
        if updated < wanted { return health(.progressing, "\(updated) of \(wanted) pods are updated") }
        if available < wanted { return health(.progressing, "\(available) of \(wanted) pods are available") }
        return health(.healthy)
    }

    static func replicaSet(_ object: KubeObject) -> Health {
        let count = Replicas(object)
        func health(_ state: HealthState, _ message: String = "") -> Health {
            Health(state, message, summary: count.summary)
        }
        guard count.isObserved else { return health(.progressing, notObserved) }
        if let failure = object.condition("ReplicaFailure"), failure.isTrue {
            return health(.degraded, failure.message)
        }
        if count.available < count.wanted {
            return health(.progressing, "\(count.available) of \(count.wanted) replicas are available")
        }
        return health(.healthy)
    }

    static func job(_ object: KubeObject) -> Health {
        let succeeded = object.at("status", "succeeded")?.int ?? 0
        let wanted = object.at("spec", "completions")?.int ?? 1
        let active = object.at("status", "active")?.int ?? 0
        let summary = "\(succeeded)/\(wanted) complete"
        if let failed = object.condition("Failed"), failed.isTrue {
            return Health(
                .degraded,
                failed.message.isEmpty ? "has failed" : failed.message,
                summary: "failed"
            )
        }
        if let suspended = object.condition("Suspended"), suspended.isTrue {
            return Health(.suspended, "is suspended", summary: summary)
        }
        if let complete = object.condition("Complete"), complete.isTrue {
            return Health(.healthy, summary: "complete")
        }
        return Health(.progressing, active > 0 ? "is running" : "waits for its pods", summary: summary)
    }

    /// The last finished run counts in ``ObjectTree``, which knows the jobs.
    static func cronJob(_ object: KubeObject) -> Health {
        let schedule = object.at("spec", "schedule")?.string ?? ""
        if object.at("spec", "suspend")?.bool == true {
            return Health(.suspended, "is suspended", summary: schedule)
        }
        return Health(.healthy, summary: schedule)
    }
}
