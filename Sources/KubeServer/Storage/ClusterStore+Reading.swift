import KubeModel
import Synchronization

extension ClusterStore {
    /// ``list(_:namespace:)`` without copies: the stored objects themselves.
    package func snapshot(
        _ resource: String,
        namespace: String?
    ) -> (objects: [StoredObject], version: UInt64) {
        state.withLock { state in
            (state.collections[resource]?.list(namespace: namespace) ?? [], state.version)
        }
    }

    /// The objects of a resource as they were at a version.
    ///
    /// Computed from the present by undoing the changes since; costs as much as there were changes.
    /// - Throws: ``TooOld`` when those changes are no longer kept. A version of the future is the present.
    package func snapshot(_ resource: String, namespace: String?, at version: UInt64) throws -> [StoredObject]
    {
        let (present, changes) = try state.withLock { state in
            guard state.log.reaches(version, of: resource) else {
                throw TooOld(version: version, current: state.version)
            }
            return (state.collections[resource], state.log.events(of: resource, after: version))
        }
        guard var collection = present ?? (changes.isEmpty ? nil : ObjectCollection()) else { return [] }
        for event in changes.reversed() {
            if let previous = event.previous {
                collection.put(previous)
            } else {
                collection.remove(event.name)
            }
        }
        return collection.list(namespace: namespace)
    }

    /// Starts a watch of what changes after a version; `nil` means from now on.
    ///
    /// - Throws: ``TooOld`` when the changes since are no longer kept.
    package func watch(
        _ resource: String,
        namespace: String? = nil,
        name: String? = nil,
        after version: UInt64?
    ) throws
        -> StoreWatch
    {
        try state.withLock { state in
            var backlog: [StoreEvent] = []
            if let version {
                guard state.log.reaches(version, of: resource) else {
                    throw TooOld(version: version, current: state.version)
                }
                backlog = state.log.events(of: resource, after: version)
            }
            return register(resource, namespace: namespace, name: name, backlog: backlog, in: &state)
        }
    }

    /// The present objects, and a watch of everything after them.
    package func snapshotAndWatch(
        _ resource: String,
        namespace: String? = nil,
        name: String? = nil
    ) -> (
        objects: [StoredObject], version: UInt64, watch: StoreWatch
    ) {
        state.withLock { state in
            let objects = state.collections[resource]?.list(namespace: namespace) ?? []
            let watch = register(resource, namespace: namespace, name: name, backlog: [], in: &state)
            return (objects, state.version, watch)
        }
    }

    /// Ends a watch: its reader gets what is queued, then the end.
    ///
    /// - Parameter report: Gets the version up to which the queue is complete, before the reader can see the end.
    package func end(_ watch: StoreWatch, report: (UInt64) -> Void = { _ in }) {
        state.withLock { state in
            state.watches[watch.resource]?.removeValue(forKey: watch.id)
            report(state.version)
            watch.finish()
        }
    }

    /// Ends every watch of a resource: it is no longer served.
    func endWatches(of resource: String) {
        state.withLock { state in
            for watch in (state.watches.removeValue(forKey: resource) ?? [:]).values { watch.finish() }
        }
    }

    /// Queues a mark of how far a watch has come, for a bookmark.
    package func markProgress(of watch: StoreWatch) {
        state.withLock { watch.feed([.progress($0.version)]) }
    }

    /// Forgets the change log: watches and pages of versions before now get "too old", as after etcd's compaction.
    package func compact() {
        state.withLock { $0.log.clear(at: $0.version) }
    }

    private func register(
        _ resource: String,
        namespace: String?,
        name: String?,
        backlog: [StoreEvent],
        in state: inout State
    ) -> StoreWatch {
        state.lastWatch += 1
        let watch = StoreWatch(
            id: state.lastWatch,
            resource: resource,
            namespace: namespace,
            name: name,
            capacity: 10_000,
            backlog: backlog.filter { event in
                (namespace == nil || namespace == event.name.namespace)
                    && (name == nil || name == event.name.name)
            }
        )
        if state.isEnding { watch.finish() } else { state.watches[resource, default: [:]][watch.id] = watch }
        return watch
    }
}
