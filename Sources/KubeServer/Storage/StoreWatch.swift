import KubeModel
import Synchronization

/// The changes of one resource, as they come, for one reader.
///
/// The queue is bounded: a reader that is too slow is cut, so that it lists again, instead of memory growing.
package final class StoreWatch: Sendable {
    /// The reader was too slow and has lost events.
    package struct Overflow: Error { package init() {} }

    package enum Item: Sendable {
        case event(StoreEvent)
        /// Everything up to this version has been given out.
        case progress(UInt64)
    }

    let id: UInt64
    let resource: String
    let namespace: String?
    let name: String?
    private let capacity: Int
    /// The most bytes of objects that may wait, whatever their number.
    private static let byteCapacity = 32 << 20
    private let state: Mutex<State>

    private struct State {
        var queue: [Item]
        var bytes = 0
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
        backlog: [StoreEvent]
    ) {
        self.id = id
        self.resource = resource
        self.namespace = namespace
        self.name = name
        self.capacity = capacity
        state = Mutex(State(queue: backlog.map(Item.event)))
    }

    /// Whether an object of this name is watched.
    func covers(_ object: ObjectName) -> Bool {
        (namespace == nil || namespace == object.namespace) && (name == nil || name == object.name)
    }

    /// Adds items; called by the store within its lock, in order.
    func feed(_ items: [Item]) {
        let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
            guard state.end == nil else { return nil }
            // The backlog and one batch may exceed the capacity: a reader that waits is never cut.
            if state.queue.count > capacity || state.bytes > Self.byteCapacity {
                state.queue = []
                state.bytes = 0
                state.end = .overflow
            } else {
                state.queue.append(contentsOf: items)
                for case .event(let event) in items { state.bytes += event.current.size }
            }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Everything that has come since the last call, oldest first; waits for something.
    ///
    /// `nil` when the watch is closed or the task is cancelled.
    ///
    /// - Throws: ``Overflow`` when events were lost.
    package func next() async throws -> [Item]? {
        while true {
            let items: [Item]? = try state.withLock { state in
                if !state.queue.isEmpty {
                    defer {
                        state.queue = []
                        state.bytes = 0
                    }
                    return state.queue
                }
                switch state.end {
                case .overflow: throw Overflow()
                case .closed: return []
                case nil: return nil
                }
            }
            if let items { return items.isEmpty ? nil : items }
            await wait()
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
            finish()
        }
    }

    /// Lets the reader have what is queued, then `nil`.
    ///
    /// Use ``ClusterStore/end(_:)``, which also forgets the watch.
    func finish() {
        let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
            if state.end == nil { state.end = .closed }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }
}
