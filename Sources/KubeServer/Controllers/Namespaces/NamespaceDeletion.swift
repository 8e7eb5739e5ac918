import KubeClient
import KubeModel
import KubeRuntime

/// Empties namespaces that are being deleted, and then lets them go.
struct NamespaceDeletion: Reconciler {
    let cluster: WorkloadCluster

    /// - Parameter everything: Hears of every object of the cluster that goes.
    static func controller(
        _ cluster: WorkloadCluster,
        everything: ResourceWatch
    ) -> Controller<NamespaceDeletion> {
        let queue = WorkQueue<ObjectName>(backoff: .workloads)
        let namespaces = cluster.informer(.namespaces)
        namespaces.onEvery { if $0.isBeingDeleted { queue.enqueue($0.objectName) } }
        everything.onChange { _, change in
            guard case .removed(let object) = change, !object.namespace.isEmpty else { return }
            let name = ObjectName(name: object.namespace)
            // A namespace with much in it is looked at once in a while, not once for each object.
            if namespaces.get(name)?.isBeingDeleted == true { queue.enqueue(name, after: .milliseconds(30)) }
        }
        return Controller(
            name: "namespace",
            queue: queue,
            reconciler: Self(cluster: cluster),
            workers: 4,
            logger: cluster.logger
        )
    }

    func reconcile(_ name: ObjectName) async throws -> ReconcileResult {
        guard let namespace = cluster.informer(.namespaces).get(name), namespace.isBeingDeleted else {
            return .settled
        }
        let finalizers = (namespace.at("spec", "finalizers")?.array ?? []).compactMap(\.string)
        guard finalizers.contains("kubernetes") else { return .settled }
        let remains = try await empty(name.name)
        if remains.isEmpty {
            try await finalize(namespace, leaving: finalizers.filter { $0 != "kubernetes" })
            return .settled
        }
        var status = namespace.status
        status["conditions"] = .array(remains.conditions(of: namespace, now: cluster.now()))
        try await cluster.updateStatus(.namespaces, of: namespace, to: status)
        // Removals wake it; this is for what can be neither seen nor deleted at the moment.
        return .again(after: remains.failures.isEmpty ? .seconds(15) : .seconds(2))
    }

    private func empty(_ namespace: String) async throws -> NamespaceRemains {
        var remains = NamespaceRemains()
        for resource in try await cluster.client.discovery.resources()
        where resource.isNamespaced && resource.verbs.contains("list") && resource.verbs.contains("delete") {
            do {
                let objects = try await cluster.client.list(resource, namespace: namespace).items
                if objects.isEmpty { continue }
                let living = objects.filter { !$0.isBeingDeleted }
                if !living.isEmpty { try await deleteAll(resource, living, in: namespace) }
                remains.add(
                    try await cluster.client.list(resource, namespace: namespace).items,
                    of: "\(resource.gvr.resource).\(resource.gvr.group)"
                )
            } catch let error as StatusError where error.isNotFound || error.code == 405 {
                continue  // The resource itself is gone, or cannot be listed.
            } catch let error as StatusError {
                remains.failures.append("\(resource.gvr): \(error)")
            }
        }
        return remains
    }

    private func deleteAll(
        _ resource: APIResource,
        _ objects: [KubeObject],
        in namespace: String
    ) async throws {
        if resource.verbs.contains("deletecollection") {
            let options: JSON = [
                "apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background",
            ]
            let request = APIRequest(.delete, resource.path(inNamespace: namespace), body: .json(options))
            _ = try await cluster.client.send(request)
        } else {
            try await inParallel(objects) { try await cluster.delete(resource, $0) }
        }
    }

    private func finalize(_ namespace: KubeObject, leaving finalizers: [String]) async throws {
        var namespace = namespace
        namespace.set(.array(finalizers.map(JSON.string)), at: "spec", "finalizers")
        do {
            _ = try await cluster.client.replace(.namespaces, namespace, subresource: "finalize")
        } catch let error as StatusError where error.isNotFound {
        }
    }
}
