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

    func reconcile(_ name: ObjectName) async throws -> ReconcileResult {
        guard let budget = cluster.informer(.podDisruptionBudgets).get(name) else { return .settled }
        let selector = ObjectSelector(budget.at("spec", "selector"))
        let pods = cluster.informer(.pods).list(namespace: name.namespace).filter {
            selector.selects($0) && !$0.isPodFinished
        }
        let status = Self.status(of: budget, pods: pods, expected: expected(pods), now: cluster.now())
        try await cluster.updateStatus(.podDisruptionBudgets, of: budget, to: status)
        return .settled
    }

    /// How many pods the owners of these pods want in all.
    private func expected(_ pods: [KubeObject]) -> Int {
        var sizes: [String: Int] = [:]
        for pod in pods {
            guard let owner = pod.controller else {
                sizes[pod.uid] = 1
                continue
            }
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
        return sizes.values.reduce(0, +)
    }

    static func status(of budget: KubeObject, pods: [KubeObject], expected: Int, now: Timestamp) -> JSON {
        let desired: Int
        let count: Int
        if let share = Share(budget.at("spec", "maxUnavailable")) {
            count = expected
            desired = max(0, expected - share.of(expected, rounding: .up))
        } else {
            let share = Share(budget.at("spec", "minAvailable")) ?? .count(1)
            if case .count = share { count = pods.count } else { count = expected }
            desired = share.of(count, rounding: .up)
        }
        let healthy = pods.count { $0.isPodReady && !$0.isBeingDeleted }
        let allowed = count == 0 ? 0 : max(0, healthy - desired)
        var status = budget.status
        status["observedGeneration"] = .integer(Int64(budget.generation))
        status["currentHealthy"] = .integer(Int64(healthy))
        status["desiredHealthy"] = .integer(Int64(desired))
        status["expectedPods"] = .integer(Int64(count))
        status["disruptionsAllowed"] = .integer(Int64(allowed))
        var conditions = ConditionList(status)
        conditions.set(
            "DisruptionAllowed",
            allowed > 0 ? "True" : "False",
            reason: allowed > 0 ? "SufficientPods" : "InsufficientPods",
            message: "",
            at: now,
            more: ["observedGeneration": .integer(Int64(budget.generation))]
        )
        status["conditions"] = .array(conditions.conditions)
        return status
    }
}
