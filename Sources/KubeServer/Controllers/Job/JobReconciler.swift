import KubeClient
import KubeModel
import KubeRuntime

/// Runs the pods of Jobs to their end.
struct JobReconciler: Reconciler {
    let cluster: WorkloadCluster

    private static let source = EventSource(component: "job-controller")

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
        let pods = cluster.informer(.pods).list(controlledBy: job.uid)
        if job.isBeingDeleted {
            try await release(pods.filter { $0.isBeingDeleted || $0.isPodFinished })
            return .settled
        }
        let decision = JobDecision(job, pods: pods, now: cluster.now())
        if decision.isExpired {
            try await cluster.delete(.jobs, job)
            return .settled
        }
        try await cluster.updateStatus(.jobs, of: job, to: decision.status)
        for event in decision.events {
            cluster.events.record(
                event.reason,
                event.message,
                type: event.type,
                about: job,
                from: Self.source
            )
        }
        try await release(decision.release)
        try await cluster.deletePods(decision.delete, of: job, source: Self.source)
        let missing = decision.create
        if let first = missing.first {
            try await create([first], for: job)
            try await inParallel(missing.dropFirst()) { try await create([$0], for: job) }
        }
        return decision.lookAgainAfter.map(ReconcileResult.again(after:)) ?? .settled
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

/// Makes the pods of a Job.
struct JobPods {
    let job: KubeObject

    func pod(index: Int?) -> KubeObject {
        var pod = PodFactory.pod(from: job.spec["template"] ?? [:], ownedBy: job)
        var labels = pod.labels
        for prefix in ["", "batch.kubernetes.io/"] {
            labels["\(prefix)job-name"] = job.name
            labels["\(prefix)controller-uid"] = job.uid
        }
        pod.set([.string(JobDecision.tracking)], at: "metadata", "finalizers")
        if let index {
            labels[JobDecision.indexKey] = String(index)
            pod.set(.string(String(index)), at: "metadata", "annotations", JobDecision.indexKey)
            pod.set(.string("\(job.name)-\(index)-"), at: "metadata", "generateName")
            pod.set(.string("\(job.name)-\(index)"), at: "spec", "hostname")
            for field in ["containers", "initContainers"] {
                guard case .array(var containers)? = pod.at("spec", field) else { continue }
                for place in containers.indices {
                    let variable: JSON = ["name": "JOB_COMPLETION_INDEX", "value": .string(String(index))]
                    containers[place]["env"] = .array((containers[place]["env"]?.array ?? []) + [variable])
                }
                pod.set(.array(containers), at: "spec", field)
            }
        }
        pod.labels = labels
        return pod
    }
}
