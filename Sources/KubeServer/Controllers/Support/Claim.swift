import KubeClient
import KubeModel
import KubeRuntime

/// Finds the children of a controller's object: what it controls, and orphans that match its selector, which it adopts.
///
/// A child that no longer matches the selector is let go.
struct Claim {
    let cluster: WorkloadCluster
    let owner: KubeObject
    let childResource: APIResource
    private let selector: ObjectSelector

    init(
        _ cluster: WorkloadCluster,
        owner: KubeObject,
        ownerResource: APIResource,
        childResource: APIResource
    ) {
        self.cluster = cluster
        self.owner = owner
        self.childResource = childResource
        selector = ObjectSelector(owner.at("spec", "selector"))
    }

    func children() async throws -> [KubeObject] {
        let informer = cluster.informer(childResource)
        var children: [KubeObject] = []
        for child in informer.list(controlledBy: owner.uid) {
            if selector.selects(child) || owner.isBeingDeleted {
                children.append(child)
            } else if !child.isBeingDeleted {
                try await release(child)
            }
        }
        guard !owner.isBeingDeleted else { return children }
        for orphan in informer.list(uncontrolledIn: owner.namespace)
        where !orphan.isBeingDeleted && selector.selects(orphan) {
            if let adopted = try await adopt(orphan) { children.append(adopted) }
        }
        return children
    }

    private func adopt(_ orphan: KubeObject) async throws -> KubeObject? {
        if childResource == .pods, orphan.isPodFinished { return nil }
        let references = orphan.ownerReferences.map(\.json) + [OwnerReference(controlledBy: owner).json]
        return try await set(references, of: orphan)
    }

    private func release(_ child: KubeObject) async throws {
        _ = try await set(child.ownerReferences.filter { $0.uid != owner.uid }.map(\.json), of: child)
    }

    private func set(_ references: [JSON], of child: KubeObject) async throws -> KubeObject? {
        let patch: JSON = [
            "metadata": [
                "ownerReferences": references.isEmpty ? .null : .array(references),
                "resourceVersion": .string(child.resourceVersion),
            ]
        ]
        do {
            return try await cluster.patch(childResource, child.objectName, patch)
        } catch let error as StatusError where error.isNotFound {
            return nil
        }
    }

    /// Wakes the owners whose selectors match an orphan when one appears.
    static func wake(
        _ queue: WorkQueue<ObjectName>,
        _ cluster: WorkloadCluster,
        owners: APIResource,
        children: APIResource
    ) {
        let owners = cluster.informer(owners)
        cluster.informer(children).onEvery { child in
            guard child.controller == nil, !child.isBeingDeleted, !child.labels.isEmpty else { return }
            for owner in owners.list(namespace: child.namespace)
            where ObjectSelector(owner.at("spec", "selector")).selects(child) {
                queue.enqueue(owner.objectName)
            }
        }
    }
}
