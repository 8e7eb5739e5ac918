import Synchronization

/// Ends what waits for a server that is found to be dead, so that nobody waits for a time-out of his own.
///
/// Costs a request no task: transports note what is to be done, and forget it when the answer is there.
package final class Interruption: Sendable {
    package typealias Action = @Sendable (ClientError) -> Void

    private struct State {
        /// Set from an interruption until ``clear()``.
        var reason: ClientError?
        var actions: [UInt64: Action] = [:]
        var last: UInt64 = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// Notes what to do when the server is found to be dead; done at once while it is.
    ///
    /// - Returns: For ``forget(_:)``.
    func note(_ action: @escaping Action) -> UInt64 {
        let (ticket, reason) = state.withLock { state in
            state.last += 1
            if state.reason == nil { state.actions[state.last] = action }
            return (state.last, state.reason)
        }
        if let reason { action(reason) }
        return ticket
    }

    func forget(_ ticket: UInt64) { state.withLock { _ = $0.actions.removeValue(forKey: ticket) } }

    /// Ends everything that waits, and what is begun until ``clear()``.
    package func interrupt(_ reason: ClientError) {
        let actions = state.withLock { state in
            state.reason = reason
            defer { state.actions = [:] }
            return Array(state.actions.values)
        }
        for action in actions { action(reason) }
    }

    /// The server answers again.
    package func clear() { state.withLock { $0.reason = nil } }
}
