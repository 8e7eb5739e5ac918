import KubeClient
import KubeModel
import KubeRuntime

/// Keeps the number of pods that a ReplicaSet wants.
struct ReplicaSetReconciler: Reconciler {
    let cluster: WorkloadCluster

    static let source = EventSource(component: "replicaset-controller")

    static func controller(_ cluster: WorkloadCluster) -> Controller<ReplicaSetReconciler> {
        let queue = WorkQueue<ObjectName>(backoff: .workloads)
        queue.feed(from: cluster.informer(.replicaSets))
        queue.feedOwners(of: cluster.informer(.pods), kind: "ReplicaSet")
        Claim.wake(queue, cluster, owners: .replicaSets, children: .pods)
        return Controller(
            name: "replicaset",
            queue: queue,
            reconciler: Self(cluster: cluster),
            workers: 4,
            logger: cluster.logger
        )
    }

    func reconcile(_ name: ObjectName) async throws -> ReconcileResult {
        guard let set = cluster.informer(.replicaSets).get(name) else { return .settled }
        let pods = try await Claim(cluster, owner: set, ownerResource: .replicaSets, childResource: .pods)
            .children()
        let decision = ReplicaSetDecision(set, pods: pods, now: cluster.now())
        var failure: (any Error)?
        do {
            try await execute(decision, for: set)
        } catch let error as StatusError {
            failure = error
        }
        try await cluster.updateStatus(
            .replicaSets,
            of: set,
            to: decision.status(after: failure, now: cluster.now())
        )
        if let failure { throw failure }
        return decision.lookAgainAfter.map(ReconcileResult.again(after:)) ?? .settled
    }

    private func execute(_ decision: ReplicaSetDecision, for set: KubeObject) async throws {
        if decision.create > 0 {
            let pod = PodFactory.pod(from: set.spec["template"] ?? [:], ownedBy: set)
            try await cluster.createPods(pod, count: decision.create, for: set, source: Self.source)
        }
        try await cluster.deletePods(decision.delete, of: set, source: Self.source)
    }
}

extension Backoff {
    /// How failed reconciles of the workload controllers are tried again.
    static let workloads = Backoff(first: .milliseconds(200), limit: .seconds(60))
}

extension WorkloadCluster {
    /// Makes so many pods and writes the events that a controller writes about it.
    ///
    /// - Throws: The first refusal; one pod is tried first, so that a template that is refused is not tried a hundred times.
    func createPods(_ pod: KubeObject, count: Int, for owner: KubeObject, source: EventSource) async throws {
        @Sendable func createOne() async throws {
            do {
                let created = try await create(.pods, pod)
                events.record("SuccessfulCreate", "Created pod: \(created.name)", about: owner, from: source)
            } catch let error as StatusError {
                if error.isNamespaceTerminating { return }  // The owner is about to go, too.
                events.record(
                    "FailedCreate",
                    "Error creating: \(error)",
                    type: .warning,
                    about: owner,
                    from: source
                )
                throw error
            }
        }
        try await createOne()
        try await inParallel(1..<count) { _ in try await createOne() }
    }

    func deletePods(_ pods: [KubeObject], of owner: KubeObject, source: EventSource) async throws {
        try await inParallel(pods) { pod in
            try await delete(.pods, pod)
            events.record("SuccessfulDelete", "Deleted pod: \(pod.name)", about: owner, from: source)
        }
    }
}

extension StatusError {
    /// Whether something could not be made because its namespace is being deleted.
    var isNamespaceTerminating: Bool {
        isForbidden
            && details?["causes"]?.array?.contains { $0["reason"]?.string == "NamespaceTerminating" } ?? false
    }
}
