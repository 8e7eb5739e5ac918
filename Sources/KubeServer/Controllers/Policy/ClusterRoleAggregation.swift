import KubeClient
import KubeModel
import KubeRuntime

/// Collects the rules of aggregated ClusterRoles (`admin`, `edit`, `view`) from the roles that their selectors name.
struct ClusterRoleAggregation: Reconciler {
    let cluster: WorkloadCluster

    static func controller(_ cluster: WorkloadCluster) -> Controller<ClusterRoleAggregation> {
        let queue = WorkQueue<ObjectName>(backoff: .workloads)
        let roles = cluster.informer(.clusterRoles)
        roles.onChange { change in
            if case .synced = change { return }
            for role in roles.list() where role["aggregationRule"] != nil { queue.enqueue(role.objectName) }
        }
        return Controller(
            name: "clusterrole-aggregation",
            queue: queue,
            reconciler: Self(cluster: cluster),
            workers: 1,
            logger: cluster.logger
        )
    }

    func reconcile(_ name: ObjectName) async throws -> ReconcileResult {
        let roles = cluster.informer(.clusterRoles)
        guard let role = roles.get(name), !role.isBeingDeleted,
            let selectors = role.at("aggregationRule", "clusterRoleSelectors")?.array
        else { return .settled }
        var rules: [JSON] = []
        for selector in selectors.map({ ObjectSelector($0) }) {
            for source in roles.list().sorted(by: { $0.name < $1.name })
            where source.name != role.name && selector.selects(source) {
                for rule in source["rules"]?.array ?? [] where !rules.contains(rule) { rules.append(rule) }
            }
        }
        if role["rules"]?.array ?? [] == rules { return .settled }
        try await cluster.patch(.clusterRoles, name, ["rules": .array(rules)])
        return .settled
    }
}
