import KubeClient
import KubeModel
import KubeRuntime

/// Runs the pods of Jobs to their end.
struct JobReconciler: Reconciler {
    let cluster: WorkloadCluster

    private static let source = EventSource(component: "job-controller")
    private static let name = "kubernetes.io/job-controller"

    static func controller(_ cluster: WorkloadCluster) -> Controller<JobReconciler> {
        let queue = WorkQueue<ObjectName>(backoff: .workloads)
        queue.feed(from: cluster.informer(.jobs))
        queue.feedOwners(of: cluster.informer(.pods), kind: "Job")
        return Controller(
            name: "job",
            queue: queue,
            reconciler: Self(cluster: cluster),
            workers: 2,
            logger: cluster.logger
        )
    }

    func reconcile(_ name: ObjectName) async throws -> ReconcileResult {
        guard let job = cluster.informer(.jobs).get(name) else {
            try await releaseOrphans(of: name)
            return .settled
        }
        // Somebody else's, by its own word.
        let manager = job.at("spec", "managedBy")?.string ?? Self.name
        guard manager == Self.name else { return .settled }
        let pods = try await children(of: job)
        if job.isBeingDeleted {
            try await release(pods.filter { $0.isBeingDeleted || $0.isPodFinished })
            return .settled
        }
        let decision = JobDecision(job, pods: pods, now: cluster.now())
        if decision.isExpired {
            try await cluster.delete(.jobs, job, propagation: .foreground)
            return .settled
        }
        // Who sees the status may look for the pods that it counts: they come first.
        let failure = await managePods(decision, of: job)
        var status = decision.status
        if failure != nil, let active = status["active"]?.int {
            status["active"] = .integer(Int64(max(0, active - decision.create.count)))
        }
        try await cluster.updateStatus(.jobs, of: job, to: status)
        for event in decision.events {
            cluster.events.record(
                event.reason,
                event.message,
                type: event.type,
                about: job,
                from: Self.source
            )
        }
        // Only now that their end is recorded.
        try await release(decision.release)
        if let failure { throw failure }
        return decision.lookAgainAfter.map(ReconcileResult.again(after:)) ?? .settled
    }

    /// Deletes and creates pods.
    ///
    /// - Returns: What went wrong; the status is written all the same.
    private func managePods(_ decision: JobDecision, of job: KubeObject) async -> (any Error)? {
        do {
            try await cluster.deletePods(decision.delete, of: job, source: Self.source)
            // One first: what refuses it would refuse them all.
            if let first = decision.create.first {
                try await create([first], for: job)
                try await inParallel(decision.create.dropFirst()) { try await create([$0], for: job) }
            }
            return nil
        } catch {
            return error
        }
    }

    private func children(of job: KubeObject) async throws -> [KubeObject] {
        guard job.at("spec", "selector") != nil else {
            return cluster.informer(.pods).list(controlledBy: job.uid)
        }
        return try await Claim(cluster, owner: job, ownerResource: .jobs, childResource: .pods).children()
    }

    /// Lets the pods of a Job go that is no longer there: nobody will count them.
    private func releaseOrphans(of name: ObjectName) async throws {
        let pods = cluster.informer(.pods).list(namespace: name.namespace).filter { pod in
            pod.controller?.kind == "Job" && pod.controller?.name == name.name
        }
        try await release(pods)
    }

    private func create(_ indexes: [Int?], for job: KubeObject) async throws {
        for index in indexes {
            let pod = JobPods(job: job).pod(index: index)
            try await cluster.createPods(pod, count: 1, for: job, source: Self.source)
        }
    }

    /// Lets finished pods go, whose end is recorded.
    private func release(_ pods: [KubeObject]) async throws {
        try await inParallel(pods.filter { $0.finalizers.contains(JobDecision.tracking) }) { pod in
            let rest = pod.finalizers.filter { $0 != JobDecision.tracking }
            let patch: JSON = [
                "metadata": [
                    "finalizers": rest.isEmpty ? .null : .array(rest.map(JSON.string)),
                    "resourceVersion": .string(pod.resourceVersion),
                ]
            ]
            do {
                let patched = try await cluster.client.patch(.pods, pod.objectName, merge: patch)
                if !patched.isBeingDeleted { cluster.informer(.pods).absorb(patched) }
            } catch let error as StatusError where error.isNotFound {
            }
        }
    }
}
