import KubeClient
import KubeModel
import KubeRuntime

/// Removes events an hour after they last happened, as Kubernetes forgets them.
struct EventExpiry: Reconciler {
    let cluster: WorkloadCluster

    static let lifetime = Duration.seconds(3_600)

    static func controller(_ cluster: WorkloadCluster) -> Controller<EventExpiry> {
        let queue = WorkQueue<ObjectName>(backoff: .workloads)
        cluster.informer(.events).onChange { change in
            // A later repetition is found when the time has come; until then nothing is to be done.
            if case .added(let event) = change {
                queue.enqueue(event.objectName, after: max(.seconds(1), remaining(event, at: cluster.now())))
            }
        }
        return Controller(
            name: "event-expiry",
            queue: queue,
            reconciler: Self(cluster: cluster),
            workers: 1,
            logger: cluster.logger
        )
    }

    private static func remaining(_ event: KubeObject, at now: Timestamp) -> Duration {
        let times = [event["lastTimestamp"], event.at("series", "lastObservedTime"), event["eventTime"]]
        let last = times.compactMap { $0?.string.flatMap { Timestamp(parsing: $0) } }.max() ?? event.createdAt
        return now.duration(to: last.adding(lifetime))
    }

    func reconcile(_ name: ObjectName) async throws -> ReconcileResult {
        guard let event = cluster.informer(.events).get(name) else { return .settled }
        let remaining = Self.remaining(event, at: cluster.now())
        if remaining > .zero { return .again(after: remaining + .seconds(1)) }
        try await cluster.delete(.events, event)
        return .settled
    }
}
