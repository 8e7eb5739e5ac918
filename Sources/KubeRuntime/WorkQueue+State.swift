import DequeModule
import HeapModule

extension WorkQueue {
    /// What the queue decides, without waiting or waking anybody itself.
    struct State {
        typealias Waiter = CheckedContinuation<Key?, Never>

        struct Handover {
            let waiter: Waiter
            let key: Key
        }

        struct Deadline: Comparable {
            let at: Duration
            let order: Int
            let key: Key
            static func < (left: Self, right: Self) -> Bool {
                (left.at, left.order) < (right.at, right.order)
            }
            static func == (left: Self, right: Self) -> Bool { left.order == right.order }
        }

        enum Answer {
            case now(Key?)
            case later
        }

        var ready: Deque<Key> = []
        /// Keys in `ready`, and keys that were added while being worked on.
        var wanted: Set<Key> = []
        var active: Set<Key> = []
        var failures: [Key: Int] = [:]
        var waiters: [Int: Waiter] = [:]
        /// The order in which waiters came; may hold tickets of waiters that are gone.
        var tickets: Deque<Int> = []
        var lastTicket = 0
        var delayed: [Key: Deadline] = [:]
        var deadlines: Heap<Deadline> = []
        var lastOrder = 0
        var timer: Task<Void, Never>?
        var timerDeadline: Duration?
        var isClosed = false

        mutating func newTicket() -> Int {
            lastTicket += 1
            return lastTicket
        }

        mutating func add(_ key: Key) -> Handover? {
            delayed[key] = nil
            guard !isClosed, wanted.insert(key).inserted, !active.contains(key) else { return nil }
            return makeReady(key)
        }

        private mutating func makeReady(_ key: Key) -> Handover? {
            while let ticket = tickets.popFirst() {
                guard let waiter = waiters.removeValue(forKey: ticket) else { continue }
                begin(key)
                return Handover(waiter: waiter, key: key)
            }
            ready.append(key)
            return nil
        }

        private mutating func begin(_ key: Key) {
            wanted.remove(key)
            active.insert(key)
        }

        mutating func take(_ ticket: Int, _ waiter: Waiter, isCancelled: Bool) -> Answer {
            if isClosed || isCancelled { return .now(nil) }
            if let key = ready.popFirst() {
                begin(key)
                return .now(key)
            }
            waiters[ticket] = waiter
            tickets.append(ticket)
            return .later
        }

        mutating func finish(_ key: Key) -> Handover? {
            guard active.remove(key) != nil, wanted.contains(key) else { return nil }
            return makeReady(key)
        }

        mutating func countFailure(of key: Key) -> Int {
            let count = failures[key, default: 0]
            failures[key] = count + 1
            return count
        }

        /// - Returns: Whether the timer must be set to this deadline.
        mutating func add(_ key: Key, at deadline: Duration) -> Bool {
            guard !isClosed, !(wanted.contains(key) && !active.contains(key)) else { return false }
            if let known = delayed[key], known.at <= deadline { return false }
            lastOrder += 1
            let entry = Deadline(at: deadline, order: lastOrder, key: key)
            delayed[key] = entry
            deadlines.insert(entry)
            // What was overtaken is left in the heap until its time, unless there is too much of it.
            if deadlines.count > 2 * delayed.count + 64 { deadlines = Heap(delayed.values) }
            guard timerDeadline.map({ deadline < $0 }) ?? true else { return false }
            timerDeadline = deadline
            return true
        }

        /// Makes everything ready whose time has come, and says when the next time is.
        mutating func wake(at now: Duration) -> ([Handover], next: Duration?) {
            var handovers: [Handover] = []
            while let deadline = deadlines.min {
                guard delayed[deadline.key]?.order == deadline.order else {
                    deadlines.removeMin()
                    continue
                }
                guard deadline.at <= now else { break }
                deadlines.removeMin()
                if let handover = add(deadline.key) { handovers.append(handover) }
            }
            timerDeadline = isClosed ? nil : deadlines.min?.at
            return (handovers, timerDeadline)
        }

        mutating func close() -> ([Waiter], Task<Void, Never>?) {
            isClosed = true
            let waiting = Array(waiters.values)
            waiters = [:]
            tickets = []
            ready = []
            deadlines = []
            delayed = [:]
            defer { timer = nil }
            return (waiting, timer)
        }
    }

    /// A clock, its type erased: durations since the queue was made.
    struct Timeline: Sendable {
        let now: @Sendable () -> Duration
        /// Sleeps until a moment on this timeline.
        let sleep: @Sendable (Duration) async throws -> Void

        init(_ clock: any Clock<Duration>) { self = Timeline.on(clock) }

        private init(
            now: @escaping @Sendable () -> Duration,
            sleep: @escaping @Sendable (Duration) async throws -> Void
        ) {
            self.now = now
            self.sleep = sleep
        }

        private static func on<C: Clock<Duration>>(_ clock: C) -> Timeline {
            let start = clock.now
            return Timeline(
                now: { start.duration(to: clock.now) },
                sleep: { try await clock.sleep(until: start.advanced(by: $0), tolerance: nil) }
            )
        }
    }
}
