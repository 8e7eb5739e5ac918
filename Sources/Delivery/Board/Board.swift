import Synchronization

/// The read model: what every application is doing, for the console, the command line and the API.
///
/// Reads never wait for a cluster or a repository. Every change is an event; readers resume from the last event they saw.
package final class Board: Sendable {
    /// A change, in the order in which it happened.
    package struct Event: Sendable {
        package enum Change: Sendable {
            indirect case application(ApplicationSnapshot)
            case applicationRemoved(ApplicationID)
            /// Nodes that changed, and ids of nodes that are gone.
            case objects(ApplicationID, changed: ObjectNodes, removed: [String])
            indirect case sync(ApplicationID, SyncRecord)
        }

        /// Grows by one with each event of this process.
        package var sequence: UInt64
        package var change: Change
    }

    /// How many syncs of an application are kept.
    package static let historyLimit = 20

    fileprivate struct Content {
        /// Copied when it grows, and when it changes while a reader has it.
        var applications: [ApplicationID: Boxed<ApplicationSnapshot>] = [:]
        var nodes: [ApplicationID: ObjectNodes] = [:]
        /// Newest last.
        var history: [ApplicationID: [SyncRecord]] = [:]
        var events: EventRing
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var lastWaiter: UInt64 = 0
    }

    private let content: Mutex<Content>

    package init(eventLimit: Int = 8_192) {
        content = Mutex(Content(events: EventRing(limit: eventLimit)))
    }

    // MARK: Reading

    package func applications() -> [ApplicationSnapshot] {
        let applications = content.withLock { $0.applications }
        return applications.sorted { $0.key < $1.key }.map(\.value.value)
    }

    package func application(_ id: ApplicationID) -> ApplicationSnapshot? {
        content.withLock { $0.applications[id] }?.value
    }

    /// In the order of their ids.
    package func objects(of id: ApplicationID) -> ObjectNodes {
        content.withLock { $0.nodes[id] ?? ObjectNodes() }
    }

    /// The images that an application's objects run, each once, sorted.
    package func images(of id: ApplicationID) -> [String] {
        var images: Set<String> = []
        for node in objects(of: id) where !node.images.isEmpty { images.formUnion(node.images) }
        return images.sorted()
    }

    /// The last syncs (at most 20), newest first.
    package func history(of id: ApplicationID) -> [SyncRecord] {
        content.withLock { $0.history[id] ?? [] }.reversed()
    }

    /// The newest event's number.
    package var sequence: UInt64 { content.withLock { $0.events.last } }

    /// Events after a number; `nil` when they are no longer kept, so that the reader must read everything again.
    ///
    /// The stream is bounded: it finishes when its reader falls too far behind. A reader that is behind is spared states
    /// that a later event of the stream replaces.
    package func events(after sequence: UInt64) -> AsyncStream<Event>? {
        guard content.withLock({ $0.events.canResume(after: sequence) }) else { return nil }
        let cursor = Mutex(sequence)
        return AsyncStream { await self.next(cursor) }
    }

    private func next(_ cursor: borrowing Mutex<UInt64>) async -> Event? {
        while !Task.isCancelled {
            let position = cursor.withLock { $0 }
            switch content.withLock({ $0.events.next(after: position) }) {
            case .event(let event):
                cursor.withLock { $0 = event.sequence }
                return event
            case .tooLate: return nil
            case .nothingNew(let seen):
                cursor.withLock { $0 = seen }
                await waitForEvent(after: seen)
            }
        }
        return nil
    }

    private func waitForEvent(after sequence: UInt64) async {
        let ticket = content.withLock { content in
            content.lastWaiter += 1
            return content.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = content.withLock { content in
                    if content.events.last > sequence || Task.isCancelled { return true }
                    content.waiters[ticket] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            content.withLock { $0.waiters.removeValue(forKey: ticket) }?.resume()
        }
    }

    // MARK: Writing, by Delivery

    /// Records a change and tells it to readers; what changes nothing is not told.
    package func publish(_ change: Event.Change) {
        publish { $0.apply(change) ? change : nil }
    }

    /// Replaces the objects of an application; only what differs from the objects that were known becomes an event.
    package func publish(objects: [ObjectNode], of id: ApplicationID) {
        let new = ObjectNodes(objects)
        publish { content in
            let (changed, removed) = content.nodes[id, default: ObjectNodes()].replace(with: new)
            guard !changed.isEmpty || !removed.isEmpty else { return nil }
            return .objects(id, changed: changed, removed: removed)
        }
    }

    private func publish(_ record: (inout Content) -> Event.Change?) {
        let waiters = content.withLock { content -> [CheckedContinuation<Void, Never>] in
            guard let change = record(&content) else { return [] }
            content.events.append(change)
            defer { content.waiters.removeAll() }
            return Array(content.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Puts back what was known before a restart, without an event for each sync.
    package func restore(history: [SyncRecord], of id: ApplicationID) {
        content.withLock { $0.history[id] = Array(history.suffix(Board.historyLimit)) }
    }
}

extension Board.Content {
    /// Whether anything changed.
    fileprivate mutating func apply(_ change: Board.Event.Change) -> Bool {
        switch change {
        case .application(let snapshot):
            return applications.updateValue(Boxed(snapshot), forKey: snapshot.id)?.value != snapshot
        case .applicationRemoved(let id):
            nodes[id] = nil
            history[id] = nil
            return applications.removeValue(forKey: id) != nil
        case .objects(let id, let changed, let removed):
            nodes[id, default: ObjectNodes()].take(changed, without: removed)
            return !changed.isEmpty || !removed.isEmpty
        case .sync(let id, let record):
            var records = history[id] ?? []
            if let place = records.lastIndex(where: { $0.number == record.number }) {
                if records[place] == record { return false }
                records[place] = record
            } else {
                records.append(record)
                records.removeFirst(max(0, records.count - Board.historyLimit))
            }
            history[id] = records
            return true
        }
    }
}
