import KubeModel
import Synchronization

extension ClusterStore {
    /// The most writes that share a transaction.
    private static let batchLimit = 512

    /// Queues a write; the first of a burst starts the writer, which takes whatever has come until nothing is left.
    func enqueue(_ write: Pending) {
        enum Action { case start, refuse, none }
        let action: Action = inbox.withLock { inbox in
            if inbox.isClosed { return .refuse }
            inbox.pending.append(write)
            if inbox.isDraining { return .none }
            inbox.isDraining = true
            return .start
        }
        switch action {
        case .start: database.schedule { self.drain($0) }
        case .refuse:
            write.answer.resume(throwing: StoreError(code: .closed, message: "the cluster's store is closed"))
        case .none: break
        }
    }

    /// Runs on the database's queue until the inbox is empty.
    private func drain(_ database: StoreDatabase.WriteAccess) {
        while true {
            let batch: [Pending] = inbox.withLock { inbox in
                if inbox.pending.count <= Self.batchLimit {
                    defer { inbox.pending.removeAll(keepingCapacity: inbox.pending.count > 0) }
                    if inbox.pending.isEmpty { inbox.isDraining = false }
                    return inbox.pending
                }
                defer { inbox.pending.removeFirst(Self.batchLimit) }
                return Array(inbox.pending.prefix(Self.batchLimit))
            }
            if batch.isEmpty { return }
            commit(batch, database)
        }
    }

    private func commit(_ batch: [Pending], _ database: StoreDatabase.WriteAccess) {
        var version = resourceVersion
        var overlay: [Key: StoredObject?] = [:]
        var events: [StoreEvent] = []
        var rows: [StoreDatabase.Row] = []
        var accepted: [(answer: CheckedContinuation<KubeObject, any Error>, object: KubeObject)] = []
        for write in batch {
            let present =
                overlay[write.key]
                ?? state.withLock { $0.collections[write.key.resource]?.get(write.key.name) }
            guard present?.version == write.expected else {
                write.answer.resume(throwing: Stale())
                continue
            }
            version += 1
            let current = StoredObject(
                name: write.key.name,
                version: version,
                object: write.change.object,
                draft: write.draft
            )
            let kind: StoreEvent.Kind
            switch write.change {
            case .put:
                kind = present == nil ? .added : .modified
                overlay[write.key] = .some(current)
                rows.append(.put(write.key, version: version, body: current.object.bytes ?? []))
            case .remove:
                kind = .removed
                overlay[write.key] = .some(nil)
                rows.append(.remove(write.key))
            }
            events.append(
                StoreEvent(kind: kind, resource: write.key.resource, current: current, previous: present)
            )
            accepted.append((write.answer, current.object))
        }
        guard !events.isEmpty else { return }
        do {
            try database.write(rows, version: version)
        } catch {
            let failure = StoreError(
                code: .unavailable,
                message: "the cluster's database cannot be written: \(error)"
            )
            for write in accepted { write.answer.resume(throwing: failure) }
            return
        }
        publish(events, version: version)
        for write in accepted { write.answer.resume(returning: write.object) }
    }

    /// Makes durable changes visible: to observers, then at once to readers and watchers.
    private func publish(_ events: [StoreEvent], version: UInt64) {
        let observers = state.withLock { $0.observers }
        for event in events {
            for observer in observers where observer.resource == event.resource { observer.handler(event) }
        }
        let now = ContinuousClock.now
        state.withLock { state in
            for event in events {
                switch event.kind {
                case .added, .modified:
                    state.collections[event.resource, default: ObjectCollection()].put(event.current)
                case .removed: state.collections[event.resource]?.remove(event.name)
                }
                state.log.append(event, at: now)
            }
            state.version = version
            feed(events, to: state.watches)
        }
    }

    private func feed(_ events: [StoreEvent], to watches: [String: [UInt64: StoreWatch]]) {
        for resource in Set(events.map(\.resource)) {
            guard let readers = watches[resource], !readers.isEmpty else { continue }
            let changes = events.filter { $0.resource == resource }
            for reader in readers.values {
                let seen = changes.filter { reader.covers($0.name) }
                if !seen.isEmpty { reader.feed(seen.map(StoreWatch.Item.event)) }
            }
        }
    }
}
