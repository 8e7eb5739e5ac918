import KubeClient
import KubeModel
import KubeRuntime

/// Keeps the status of PodDisruptionBudgets, by which evictions are allowed or refused.
struct DisruptionBudgets: Reconciler {
    let cluster: WorkloadCluster

    static func controller(_ cluster: WorkloadCluster) -> Controller<DisruptionBudgets> {
        let queue = WorkQueue<ObjectName>(backoff: .workloads)
        let budgets = cluster.informer(.podDisruptionBudgets)
        queue.feed(from: budgets)
        cluster.informer(.pods).onChange { change in
            let pod: KubeObject
            switch change {
            case .added(let object), .removed(let object): pod = object
            case .updated(let old, let new):
                if old.isPodReady == new.isPodReady, old.isBeingDeleted == new.isBeingDeleted,
                    old.labels == new.labels
                {
                    return
                }
                pod = new
            case .synced: return
            }
            for budget in budgets.list(namespace: pod.namespace)
            where ObjectSelector(budget.at("spec", "selector")).selects(pod) {
                queue.enqueue(budget.objectName, after: .milliseconds(20))
            }
        }
        return Controller(
            name: "disruption",
            queue: queue,
            reconciler: Self(cluster: cluster),
            workers: 1,
            logger: cluster.logger
        )
    }

    private static let source = EventSource(component: "controllermanager")

    func reconcile(_ name: ObjectName) async throws -> ReconcileResult {
        guard let budget = cluster.informer(.podDisruptionBudgets).get(name) else { return .settled }
        let selector = ObjectSelector(budget.at("spec", "selector"))
        let pods = cluster.informer(.pods).list(namespace: name.namespace).filter {
            selector.selects($0) && !$0.isPodFinished
        }
        if pods.isEmpty, budget.at("status", "observedGeneration")?.int ?? 0 < budget.generation {
            cluster.events.record("NoPods", "No matching pods found", about: budget, from: Self.source)
        }
        let decision = BudgetDecision(budget, pods: pods, expected: expected(pods), now: cluster.now())
        try await cluster.updateStatus(.podDisruptionBudgets, of: budget, to: decision.status)
        if let failure = decision.failure, budget.condition("DisruptionAllowed")?.message != failure {
            cluster.events.record(
                "CalculateExpectedPodCountFailed",
                "Failed to calculate the number of expected pods: \(failure)",
                type: .warning,
                about: budget,
                from: Self.source
            )
        }
        return decision.lookAgainAfter.map(ReconcileResult.again(after:)) ?? .settled
    }

    /// How many pods the owners of these pods want in all; of a pod without one, its name.
    private func expected(_ pods: [KubeObject]) -> BudgetDecision.Expectation {
        var sizes: [String: Int] = [:]
        for pod in pods {
            guard let owner = pod.controller else { return .unmanaged(pod.name) }
            let name = ObjectName(namespace: pod.namespace, name: owner.name)
            let resource: APIResource? =
                switch owner.kind {
                case "ReplicaSet": .replicaSets
                case "StatefulSet": .statefulSets
                default: nil
                }
            guard let resource, let set = cluster.informer(resource).get(name) else {
                sizes[pod.uid] = 1
                continue
            }
            // During a rollout the Deployment knows how many are wanted, its ReplicaSets do not.
            if let deployment = set.controller, deployment.kind == "Deployment",
                let object = cluster.informer(.deployments).get(
                    ObjectName(namespace: pod.namespace, name: deployment.name)
                )
            {
                sizes[deployment.uid] = object.wantedReplicas
            } else {
                sizes[owner.uid] = set.wantedReplicas
            }
        }
        return .sum(sizes.values.reduce(0, +))
    }
}
