import KubeModel
import Synchronization

/// The changes of one resource, as they come, for one reader.
///
/// The queue is bounded: a reader that is too slow is cut, so that it lists again, instead of memory growing.
package final class StoreWatch: Sendable {
    /// The reader was too slow and has lost events.
    package struct Overflow: Error { package init() {} }

    let id: UInt64
    let resource: String
    let namespace: String?
    let name: String?
    private let capacity: Int
    private let state: Mutex<State>
    private let onClose: @Sendable (StoreWatch) -> Void

    private struct State {
        var queue: [StoreEvent]
        var waiter: CheckedContinuation<Void, Never>?
        var end: End?
    }
    private enum End { case closed, overflow }

    init(
        id: UInt64,
        resource: String,
        namespace: String?,
        name: String?,
        capacity: Int,
        backlog: [StoreEvent],
        onClose: @escaping @Sendable (StoreWatch) -> Void
    ) {
        self.id = id
        self.resource = resource
        self.namespace = namespace
        self.name = name
        self.capacity = capacity
        self.onClose = onClose
        state = Mutex(State(queue: backlog))
    }

    /// Whether an object of this name is watched.
    func covers(_ object: ObjectName) -> Bool {
        (namespace == nil || namespace == object.namespace) && (name == nil || name == object.name)
    }

    /// Adds events; called by the store, in order.
    func feed(_ events: [StoreEvent]) {
        let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
            guard state.end == nil else { return nil }
            if state.queue.count + events.count > capacity + 1_000 || state.queue.count > capacity {
                state.queue = []
                state.end = .overflow
            } else {
                state.queue.append(contentsOf: events)
            }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// All events that have come since the last call, oldest first; waits for one. `nil` when the watch is closed or the
    /// task is cancelled.
    ///
    /// - Throws: ``Overflow`` when events were lost.
    package func next() async throws -> [StoreEvent]? {
        while true {
            let events: [StoreEvent]? = try state.withLock { state in
                if !state.queue.isEmpty {
                    defer { state.queue = [] }
                    return state.queue
                }
                switch state.end {
                case .overflow: throw Overflow()
                case .closed: return []
                case nil: return nil
                }
            }
            if let events { return events.isEmpty ? nil : events }
            await wait()
            if Task.isCancelled { close() }
        }
    }

    private func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if !state.queue.isEmpty || state.end != nil { return true }
                    state.waiter = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            close()
        }
    }

    /// Ends the watch; the reader gets what is queued, then `nil`.
    package func close() {
        let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
            if state.end == nil { state.end = .closed }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
        onClose(self)
    }
}
