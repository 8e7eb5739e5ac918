import KubeClient
import KubeModel
import KubeRuntime

/// Gives Services of type LoadBalancer and Ingresses an address, as a cloud would: one of the ranges that are kept for
/// documentation, which nothing answers at.
///
/// A cluster without nodes has nothing to balance over, and gives none.
struct LoadBalancers: Reconciler {
    let cluster: WorkloadCluster
    let resource: APIResource

    private static let source = EventSource(component: "service-controller")
    /// TEST-NET-3 for Services and TEST-NET-2 for Ingresses (RFC 5737).
    private var network: String { resource == .services ? "203.0.113" : "198.51.100" }

    static func controller(_ cluster: WorkloadCluster, of resource: APIResource) -> Controller<LoadBalancers>
    {
        let queue = WorkQueue<ObjectName>(backoff: .workloads)
        let objects = cluster.informer(resource)
        queue.feed(from: objects)
        cluster.informer(.nodes).onChange { change in
            guard case .added = change else { return }
            for object in objects.list() { queue.enqueue(object.objectName) }
        }
        return Controller(
            name: "load-balancers-\(resource.gvr.resource)",
            queue: queue,
            reconciler: Self(cluster: cluster, resource: resource),
            // One at a time, so that no address is given out twice.
            workers: 1,
            logger: cluster.logger
        )
    }

    func reconcile(_ name: ObjectName) async throws -> ReconcileResult {
        let objects = cluster.informer(resource)
        guard let object = objects.get(name), !object.isBeingDeleted else { return .settled }
        let hasAddress = Self.address(of: object) != nil
        guard wantsAddress(object) else {
            if hasAddress {
                try await cluster.updateStatus(resource, of: object, to: Self.status(object, address: nil))
            }
            return .settled
        }
        guard !hasAddress, !cluster.informer(.nodes).list().isEmpty else { return .settled }
        let taken = Set(objects.list().compactMap(Self.address))
        guard let address = (1...254).lazy.map({ "\(network).\($0)" }).first(where: { !taken.contains($0) })
        else {
            return .settled
        }
        try await cluster.updateStatus(resource, of: object, to: Self.status(object, address: address))
        if resource == .services {
            cluster.events.record(
                "EnsuredLoadBalancer",
                "Ensured load balancer (simulated, nothing answers at \(address))",
                about: object,
                from: Self.source
            )
        }
        return .settled
    }

    private func wantsAddress(_ object: KubeObject) -> Bool {
        resource == .ingresses || object.at("spec", "type")?.string == "LoadBalancer"
    }

    private static func address(of object: KubeObject) -> String? {
        object.at("status", "loadBalancer", "ingress")?[0]?["ip"]?.string
    }

    private static func status(_ object: KubeObject, address: String?) -> JSON {
        var status = object.status
        status["loadBalancer"] = address.map { ["ingress": [["ip": .string($0)]]] } ?? [:]
        return status
    }
}
