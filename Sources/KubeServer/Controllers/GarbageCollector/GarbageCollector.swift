import KubeClient
import KubeModel
import KubeRuntime

/// Deletes objects whose owners are gone, and finishes foreground and orphaning deletions.
struct GarbageCollector: Reconciler {
    static let foreground = "foregroundDeletion"
    static let orphan = "orphan"

    let cluster: WorkloadCluster
    let graph: OwnerGraph
    private let queue: WorkQueue<String>

    static func controller(
        _ cluster: WorkloadCluster,
        everything: ResourceWatch
    ) -> Controller<GarbageCollector> {
        let queue = WorkQueue<String>(backoff: .workloads)
        let graph = OwnerGraph()
        everything.onChange { resource, change in
            for uid in graph.take(change, of: resource) { queue.enqueue(uid) }
        }
        return Controller(
            name: "garbage-collector",
            queue: queue,
            reconciler: Self(cluster: cluster, graph: graph, queue: queue),
            workers: 6,
            logger: cluster.logger
        )
    }

    func reconcile(_ uid: String) async throws -> ReconcileResult {
        guard let node = graph[uid], let object = cluster.informer(node.resource).get(node.name),
            object.uid == uid
        else {
            return .settled
        }
        if object.isBeingDeleted {
            if object.finalizers.contains(Self.foreground) { try await finishForeground(object, node) }
            if object.finalizers.contains(Self.orphan) { try await finishOrphaning(object, node) }
            return .settled
        }
        return object.ownerReferences.isEmpty ? .settled : try await judge(object, node)
    }

    // MARK: Dependents

    private enum Owner {
        case solid, waiting, absent
        /// Cannot be looked up: its kind is not served, or it is namespaced and the dependent is not.
        case unknowable
    }

    private func judge(_ object: KubeObject, _ node: OwnerGraph.Node) async throws -> ReconcileResult {
        // An owner that was never seen may be about to appear; the watches of two kinds are not in step.
        let strangers = object.ownerReferences.map(\.uid).filter { graph[$0] == nil }
        if let wait = graph.patience(with: strangers, of: object.uid, now: cluster.now()) {
            return .again(after: wait)
        }
        var owners: [(reference: OwnerReference, state: Owner)] = []
        for reference in object.ownerReferences {
            owners.append((reference, try await state(of: reference, ownerOf: object)))
        }
        // Nothing may be deleted for an owner about which nothing is known; its kind may be served again.
        if owners.contains(where: { $0.state == .unknowable }) { return .settled }
        let solid = owners.filter { $0.state == .solid }
        if !solid.isEmpty {
            if solid.count < owners.count {
                try await setOwners(solid.map(\.reference), of: object, node.resource)
            }
            return .settled
        }
        let dependents = graph.dependents(of: object.uid)
        let propagation: KubeClient.Propagation =
            if owners.contains(where: { $0.state == .waiting }), !dependents.isEmpty {
                .foreground
            } else if object.finalizers.contains(Self.orphan) {
                .orphan
            } else if object.finalizers.contains(Self.foreground) {
                .foreground
            } else {
                .background
            }
        if propagation == .foreground, dependents.contains(where: { graph[$0]?.waitsForDependents ?? false })
        {
            // A circle: each would wait for the other.
            try await unblockOwners(of: object, node.resource)
        }
        try await cluster.delete(node.resource, object, propagation: propagation)
        return .settled
    }

    private func state(of reference: OwnerReference, ownerOf object: KubeObject) async throws -> Owner {
        if let owner = graph[reference.uid] {
            let isReachable = owner.name.namespace.isEmpty || owner.name.namespace == object.namespace
            if !isReachable { reportNamespace(reference, object) }
            if !isReachable, object.namespace.isEmpty { return .unknowable }
            guard isReachable, owner.name.name == reference.name, owner.resource.kind == reference.kind else {
                return .absent
            }
            return owner.waitsForDependents ? .waiting : .solid
        }
        // What the watches do not know may be very new; only the server's own word makes it absent.
        let gvk = GroupVersionKind(apiVersion: reference.apiVersion, kind: reference.kind)
        guard let resource = try await resource(of: gvk) else { return .unknowable }
        if resource.isNamespaced, object.namespace.isEmpty { return .unknowable }
        let name = ObjectName(namespace: resource.isNamespaced ? object.namespace : "", name: reference.name)
        let owner = try await cluster.client.find(resource, name)
        return owner?.uid == reference.uid ? .solid : .absent
    }

    private func reportNamespace(_ reference: OwnerReference, _ object: KubeObject) {
        let owner =
            "[\(reference.apiVersion)/\(reference.kind), namespace: \(object.namespace), name: \(reference.name), "
            + "uid: \(reference.uid)]"
        cluster.events.record(
            "OwnerRefInvalidNamespace",
            "ownerRef \(owner) does not exist in namespace \"\(object.namespace)\"",
            type: .warning,
            about: object,
            from: EventSource(component: "garbage-collector-controller")
        )
    }

    private func unblockOwners(of object: KubeObject, _ resource: APIResource) async throws {
        let references = object.ownerReferences.map { reference in
            var json = reference.json
            if json["blockOwnerDeletion"] != nil { json["blockOwnerDeletion"] = false }
            return json
        }
        try await patch(["ownerReferences": .array(references)], of: object, resource)
    }

    private func resource(of gvk: GroupVersionKind) async throws -> APIResource? {
        if let resource = try await cluster.client.discovery.resource(for: gvk) { return resource }
        // An owner written with a version that is no longer served is still its kind.
        return try await cluster.client.discovery.resources().first {
            $0.gvr.group == gvk.group && $0.kind == gvk.kind
        }
    }

    // MARK: Owners

    private func finishForeground(_ object: KubeObject, _ node: OwnerGraph.Node) async throws {
        let blocking = graph.blockingDependents(of: object.uid)
        if blocking.isEmpty {
            try await removeFinalizer(Self.foreground, of: object, node.resource)
            return
        }
        for dependent in graph.dependents(of: object.uid) where graph[dependent]?.isBeingDeleted == false {
            queue.enqueue(dependent)
        }
    }

    private func finishOrphaning(_ object: KubeObject, _ node: OwnerGraph.Node) async throws {
        let dependents = graph.dependents(of: object.uid).compactMap { graph[$0] }
        try await inParallel(dependents) { dependent in
            guard let child = cluster.informer(dependent.resource).get(dependent.name) else { return }
            try await setOwners(
                child.ownerReferences.filter { $0.uid != object.uid },
                of: child,
                dependent.resource
            )
        }
        try await removeFinalizer(Self.orphan, of: object, node.resource)
    }

    private func setOwners(
        _ owners: [OwnerReference],
        of object: KubeObject,
        _ resource: APIResource
    ) async throws {
        let references = owners.isEmpty ? JSON.null : .array(owners.map(\.json))
        try await patch(["ownerReferences": references], of: object, resource)
    }

    private func removeFinalizer(
        _ finalizer: String,
        of object: KubeObject,
        _ resource: APIResource
    ) async throws {
        let rest = object.finalizers.filter { $0 != finalizer }
        try await patch(
            ["finalizers": rest.isEmpty ? .null : .array(rest.map(JSON.string))],
            of: object,
            resource
        )
    }

    private func patch(_ metadata: JSON, of object: KubeObject, _ resource: APIResource) async throws {
        var metadata = metadata
        metadata["resourceVersion"] = .string(object.resourceVersion)
        metadata["uid"] = .string(object.uid)
        do {
            let patch: JSON = ["metadata": metadata]
            let patched = try await cluster.client.patch(resource, object.objectName, merge: patch)
            // The last finalizer's removal removes the object: its answer must not bring it back.
            if !patched.isBeingDeleted || !patched.finalizers.isEmpty {
                cluster.informer(resource).absorb(patched)
            }
        } catch let error as StatusError where error.isNotFound {
        }
    }
}
