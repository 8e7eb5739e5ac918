import KubeClient
import KubeModel
import KubeRuntime
import Synchronization

/// Who owns whom in one cluster, by uid.
final class OwnerGraph: Sendable {
    /// One for each object of the cluster: a class, since most of a table of them is empty places.
    final class Node: Sendable {
        private let kind: Kind
        let name: ObjectName
        let owners: [OwnerReference]
        let isBeingDeleted: Bool
        /// Its deletion waits for its dependents (`foregroundDeletion`).
        let waitsForDependents: Bool
        /// Its deletion lets its dependents go (`orphan`).
        let orphansDependents: Bool

        fileprivate init(_ object: KubeObject, _ kind: Kind) {
            self.kind = kind
            name = object.objectName
            owners = object.ownerReferences
            isBeingDeleted = object.isBeingDeleted
            let finalizers = isBeingDeleted ? object.finalizers : []
            waitsForDependents = finalizers.contains(GarbageCollector.foreground)
            orphansDependents = finalizers.contains(GarbageCollector.orphan)
        }

        var resource: APIResource { kind.resource }
        var needsWork: Bool { isBeingDeleted ? waitsForDependents || orphansDependents : !owners.isEmpty }
    }

    /// A resource, once for all of its objects.
    fileprivate final class Kind: Sendable {
        let resource: APIResource
        init(_ resource: APIResource) { self.resource = resource }
    }

    private struct State {
        var kinds: [GroupVersionResource: Kind] = [:]
        var nodes: [String: Node] = [:]
        var dependents: [String: Set<String>] = [:]
        /// Dependent and owner, of owners that were never seen, and since when.
        var strangers: [String: Timestamp] = [:]
        /// Objects that were seen to go.
        var gone: Set<String> = []
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

    /// How long to wait before owners that were never seen are taken to be absent.
    ///
    /// - Returns: `nil` once all of them have had their time to appear.
    func patience(with owners: [String], of dependent: String, now: Timestamp) -> Duration? {
        guard !owners.isEmpty else { return nil }
        return state.withLock { state in
            // Bounded; who is forgotten is only waited for once more.
            if state.strangers.count > 4_096 { state.strangers = [:] }
            let since = owners.map { owner -> Timestamp in
                if state.gone.contains(owner) { return Timestamp(seconds: 0) }
                // Each dependent waits anew: two may name the same owner at different times.
                let since = state.strangers["\(dependent)/\(owner)"] ?? now
                state.strangers["\(dependent)/\(owner)"] = since
                return since
            }
            let remaining = now.duration(to: (since.max() ?? now).adding(.seconds(1)))
            return remaining > .zero ? remaining : nil
        }
    }

    /// Takes a change in.
    /// - Returns: The uids that must be looked at.
    func take(_ change: Informer.Change, of resource: APIResource) -> [String] {
        switch change {
        case .added(let object): return put(object, Node(object, kind(resource)))
        case .updated(let old, let new):
            // Most updates are of status: they change nothing here.
            if old.at("metadata", "ownerReferences") == new.at("metadata", "ownerReferences"),
                old.isBeingDeleted == new.isBeingDeleted, old.finalizers == new.finalizers
            {
                return []
            }
            return put(new, Node(new, kind(resource)))
        case .removed(let object): return remove(object.uid)
        case .synced: return []
        }
    }

    private func kind(_ resource: APIResource) -> Kind {
        state.withLock { state in
            if let known = state.kinds[resource.gvr], known.resource == resource { return known }
            let kind = Kind(resource)
            state.kinds[resource.gvr] = kind
            return kind
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
            if state.gone.count > 4_096 { state.gone = [] }
            if state.dependents[uid] != nil { state.gone.insert(uid) }
            for owner in old.owners.map(\.uid) {
                state.dependents[owner]?.remove(uid)
                if state.dependents[owner]?.isEmpty == true { state.dependents[owner] = nil }
            }
            return Array(state.dependents[uid] ?? [])
                + old.owners.map(\.uid).filter { state.nodes[$0]?.waitsForDependents ?? false }
        }
    }
}
