import KubeClient
import KubeModel
import KubeRuntime

/// Keeps what the status of ResourceQuotas says of use.
struct ResourceQuotas: Reconciler {
    let cluster: WorkloadCluster

    static func controller(_ cluster: WorkloadCluster) -> Controller<ResourceQuotas> {
        let queue = WorkQueue<ObjectName>(backoff: .workloads)
        let quotas = cluster.informer(.resourceQuotas)
        queue.feed(from: quotas)
        for resource in counted {
            cluster.informer(resource).onChange { change in
                let namespace: String
                switch change {
                case .added(let object), .removed(let object): namespace = object.namespace
                case .updated(let old, let new):
                    if resource == .pods ? old.isPodFinished == new.isPodFinished : old.spec == new.spec {
                        return
                    }
                    namespace = new.namespace
                case .synced: return
                }
                for quota in quotas.list(namespace: namespace) {
                    queue.enqueue(quota.objectName, after: .milliseconds(50))
                }
            }
        }
        return Controller(
            name: "quota",
            queue: queue,
            reconciler: Self(cluster: cluster),
            workers: 1,
            logger: cluster.logger
        )
    }

    private static let counted: [APIResource] = [
        .pods, .services, .configMaps, .secrets, .persistentVolumeClaims, .deployments, .replicaSets,
        .statefulSets, .daemonSets, .jobs, .cronJobs, .resourceQuotas, .ingresses,
    ]

    func reconcile(_ name: ObjectName) async throws -> ReconcileResult {
        guard let quota = cluster.informer(.resourceQuotas).get(name) else { return .settled }
        let hard = quota.at("spec", "hard")?.object ?? [:]
        var totals: [String: String] = [:]
        // Counted as admission counts, so that what it refuses is what this shows.
        for resource in Self.counted {
            let key = resource.gvr.groupResource
            for object in cluster.informer(resource).list(namespace: name.namespace)
            where QuotaUsage.counts(object, key) && QuotaUsage.scopes(of: quota, cover: object) {
                for (limit, amount) in QuotaUsage.usage(of: object, key) where hard[limit] != nil {
                    totals[limit] = QuotaUsage.sum(totals[limit] ?? "0", amount)
                }
            }
        }
        for limit in hard.keys where totals[limit] == nil {
            totals[limit] = try await countOther(limit, in: name.namespace)
        }
        var status = quota.status
        status["hard"] = .object(hard)
        status["used"] = JSON.strings(totals)
        try await cluster.updateStatus(.resourceQuotas, of: quota, to: status)
        return .settled
    }

    /// Objects of kinds that are not followed here, such as custom ones: counted when the quota is looked at.
    private func countOther(_ limit: String, in namespace: String) async throws -> String {
        guard limit.hasPrefix("count/") else { return "0" }
        let name = String(limit.dropFirst("count/".count))
        guard !Self.counted.contains(where: { $0.gvr.groupResource == name }),
            let resource = try await cluster.client.discovery.resources().first(where: {
                $0.gvr.groupResource == name && $0.isNamespaced
            })
        else { return "0" }
        return String(try await cluster.client.list(resource, namespace: namespace).items.count)
    }
}
