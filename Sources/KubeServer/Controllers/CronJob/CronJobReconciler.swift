import KubeClient
import KubeModel
import KubeRuntime

/// Starts Jobs on schedule.
///
/// Each CronJob has one timer, for its next moment.
struct CronJobReconciler: Reconciler {
    let cluster: WorkloadCluster

    private static let source = EventSource(component: "cronjob-controller")

    static func controller(_ cluster: WorkloadCluster) -> Controller<CronJobReconciler> {
        let queue = WorkQueue<ObjectName>(backoff: .workloads)
        queue.feed(from: cluster.informer(.cronJobs))
        queue.feedOwners(of: cluster.informer(.jobs), kind: "CronJob")
        return Controller(
            name: "cronjob",
            queue: queue,
            reconciler: Self(cluster: cluster),
            workers: 1,
            logger: cluster.logger
        )
    }

    func reconcile(_ name: ObjectName) async throws -> ReconcileResult {
        guard let cron = cluster.informer(.cronJobs).get(name), !cron.isBeingDeleted else { return .settled }
        let jobs = cluster.informer(.jobs).list(controlledBy: cron.uid)
        let decision = CronJobDecision(cron, jobs: jobs, now: cluster.now())
        for event in decision.events { report(event.type, event.reason, event.message, cron) }
        for job in decision.delete {
            try await cluster.delete(.jobs, job)
            report(.normal, "SuccessfulDelete", "Deleted job \(job.name)", cron)
        }
        var status = decision.status
        if let wanted = decision.create, let job = try await create(wanted, for: cron) {
            status["active"] = .array((status["active"]?.array ?? []) + [CronJobDecision.reference(to: job)])
        }
        try await cluster.updateStatus(.cronJobs, of: cron, to: status)
        return decision.lookAgainAfter.map(ReconcileResult.again(after:)) ?? .settled
    }

    private func create(_ job: KubeObject, for cron: KubeObject) async throws -> KubeObject? {
        do {
            let created = try await cluster.create(.jobs, job)
            report(.normal, "SuccessfulCreate", "Created job \(created.name)", cron)
            return created
        } catch let error as StatusError where error.isAlreadyExists || error.isNamespaceTerminating {
            return nil
        } catch let error as StatusError {
            report(.warning, "FailedCreate", "Error creating job: \(error)", cron)
            throw error
        }
    }

    private func report(_ type: EventType, _ reason: String, _ message: String, _ cron: KubeObject) {
        cluster.events.record(reason, message, type: type, about: cron, from: Self.source)
    }
}
