import KubeClient
import KubeModel
import KubeRuntime
import Synchronization

/// Who owns whom in one cluster, by uid.
final class OwnerGraph: Sendable {
    struct Node: Sendable {
        var resource: APIResource
        var name: ObjectName
        var owners: [OwnerReference]
        var isBeingDeleted: Bool
        /// Its deletion waits for its dependents (`foregroundDeletion`).
        var waitsForDependents: Bool
        /// Its deletion lets its dependents go (`orphan`).
        var orphansDependents: Bool

        init(_ object: KubeObject, _ resource: APIResource) {
            self.resource = resource
            name = object.objectName
            owners = object.ownerReferences
            isBeingDeleted = object.isBeingDeleted
            let finalizers = isBeingDeleted ? object.finalizers : []
            waitsForDependents = finalizers.contains(GarbageCollector.foreground)
            orphansDependents = finalizers.contains(GarbageCollector.orphan)
        }

        var needsWork: Bool { isBeingDeleted ? waitsForDependents || orphansDependents : !owners.isEmpty }
    }

    private struct State {
        var nodes: [String: Node] = [:]
        var dependents: [String: Set<String>] = [:]
    }

    private let state = Mutex(State())

    subscript(uid: String) -> Node? { state.withLock { $0.nodes[uid] } }

    func dependents(of uid: String) -> Set<String> { state.withLock { $0.dependents[uid] ?? [] } }

    /// Dependents that hold up the foreground deletion of their owner.
    func blockingDependents(of uid: String) -> [String] {
        state.withLock { state in
            (state.dependents[uid] ?? []).filter { dependent in
                state.nodes[dependent]?.owners.contains { $0.uid == uid && $0.blocksOwnerDeletion } ?? false
            }
        }
    }

    /// Takes a change in.
    /// - Returns: The uids that must be looked at.
    func take(_ change: Informer.Change, of resource: APIResource) -> [String] {
        switch change {
        case .added(let object): return put(object, Node(object, resource))
        case .updated(let old, let new):
            // Most updates are of status: they change nothing here.
            if old.at("metadata", "ownerReferences") == new.at("metadata", "ownerReferences"),
                old.isBeingDeleted == new.isBeingDeleted, old.finalizers == new.finalizers
            {
                return []
            }
            return put(new, Node(new, resource))
        case .removed(let object): return remove(object.uid)
        case .synced: return []
        }
    }

    private func put(_ object: KubeObject, _ node: Node) -> [String] {
        let uid = object.uid
        return state.withLock { state in
            let old = state.nodes.updateValue(node, forKey: uid)
            var affected = node.needsWork ? [uid] : []
            let (before, after) = (Set((old?.owners ?? []).map(\.uid)), Set(node.owners.map(\.uid)))
            for owner in before.subtracting(after) {
                state.dependents[owner]?.remove(uid)
                if state.dependents[owner]?.isEmpty == true { state.dependents[owner] = nil }
            }
            for owner in after.subtracting(before) { state.dependents[owner, default: []].insert(uid) }
            // An owner may wait for it to let go, or to stop blocking.
            affected += before.union(after).filter { state.nodes[$0]?.waitsForDependents ?? false }
            return affected
        }
    }

    private func remove(_ uid: String) -> [String] {
        state.withLock { state in
            guard let old = state.nodes.removeValue(forKey: uid) else { return [] }
            for owner in old.owners.map(\.uid) {
                state.dependents[owner]?.remove(uid)
                if state.dependents[owner]?.isEmpty == true { state.dependents[owner] = nil }
            }
            return Array(state.dependents[uid] ?? [])
                + old.owners.map(\.uid).filter { state.nodes[$0]?.waitsForDependents ?? false }
        }
    }
}
