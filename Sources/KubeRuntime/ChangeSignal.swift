import Synchronization

/// Tells any number of readers that something changed, without saying what: each reads the new state by itself.
///
/// A reader that is busy misses nothing but repetitions: signals in between become one.
package final class ChangeSignal: Sendable {
    private struct State {
        var subscribers: [Int: AsyncStream<Void>.Continuation] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// Tells every reader.
    package func signal() {
        for subscriber in state.withLock({ Array($0.subscribers.values) }) { subscriber.yield() }
    }

    /// One element at once, then one for each signal (or several signals) until the reader stops.
    package func stream() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let id = state.withLock { state in
            state.next += 1
            state.subscribers[state.next] = continuation
            return state.next
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.subscribers.removeValue(forKey: id) }
        }
        continuation.yield()
        return stream
    }

    /// Waits until something is true that comes with a signal.
    ///
    /// - Returns: Whether it was before the deadline.
    /// - Throws: `CancellationError`.
    package func wait(
        within deadline: Duration,
        until isTrue: @escaping @Sendable () -> Bool
    ) async throws -> Bool {
        let signals = stream()
        let isSeen = try await withDeadline(deadline) {
            for await _ in signals where isTrue() { return true }
            throw CancellationError()
        }
        return isSeen ?? false
    }
}
