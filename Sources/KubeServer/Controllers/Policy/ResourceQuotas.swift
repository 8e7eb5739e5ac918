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
        .statefulSets, .jobs,
        .cronJobs, .resourceQuotas, .ingresses,
    ]

    func reconcile(_ name: ObjectName) async throws -> ReconcileResult {
        guard let quota = cluster.informer(.resourceQuotas).get(name) else { return .settled }
        let hard = quota.at("spec", "hard")?.object ?? [:]
        var used = JSONObject()
        for limit in hard.keys { used[limit] = .string(amount(of: limit, in: name.namespace)) }
        var status = quota.status
        status["hard"] = .object(hard)
        status["used"] = .object(used)
        try await cluster.updateStatus(.resourceQuotas, of: quota, to: status)
        return .settled
    }

    private func amount(of limit: String, in namespace: String) -> String {
        func count(_ resource: APIResource) -> String {
            String(cluster.informer(resource).list(namespace: namespace).count)
        }
        let pods = cluster.informer(.pods).list(namespace: namespace).filter { !$0.isPodFinished }
        func sum(_ field: String, _ name: String) -> String {
            var total = Quantity.zero
            for pod in pods {
                for container in pod.at("spec", "containers")?.array ?? [] {
                    if let amount = Quantity(container.at("resources", field, name)) { total += amount }
                }
            }
            return total.text
        }
        switch limit {
        case "pods", "count/pods": return String(pods.count)
        case "cpu", "requests.cpu": return sum("requests", "cpu")
        case "memory", "requests.memory": return sum("requests", "memory")
        case "limits.cpu": return sum("limits", "cpu")
        case "limits.memory": return sum("limits", "memory")
        case "services.loadbalancers", "services.nodeports":
            let types = limit == "services.loadbalancers" ? ["LoadBalancer"] : ["LoadBalancer", "NodePort"]
            let services = cluster.informer(.services).list(namespace: namespace)
            return String(services.count { types.contains($0.at("spec", "type")?.string ?? "") })
        case "requests.storage":
            var total = Quantity.zero
            for claim in cluster.informer(.persistentVolumeClaims).list(namespace: namespace) {
                if let amount = Quantity(claim.at("spec", "resources", "requests", "storage")) {
                    total += amount
                }
            }
            return total.text
        default:
            let name = limit.hasPrefix("count/") ? String(limit.dropFirst(6)) : limit
            return Self.counted.first { $0.gvr.groupResource == name }.map(count) ?? "0"
        }
    }
}
