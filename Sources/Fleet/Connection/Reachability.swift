import KubeClient
import Synchronization

/// Whether a cluster answers; kept by one prober, read and waited for by everybody who talks to it.
final class Reachability: Sendable {
    private struct State {
        /// Why the cluster cannot be reached; `nil` while it can.
        var failure: String?
        var waiters: [Int: CheckedContinuation<Void, any Error>] = [:]
        var lastWaiter = 0
    }

    private let state = Mutex(State())

    /// Ends requests that wait for the cluster when it is found to be dead.
    let interruption = Interruption()

    /// Why the cluster does not answer, while that lasts.
    var failure: String? { state.withLock { $0.failure } }

    /// - Parameter failure: `nil` when the cluster answers.
    /// - Returns: Whether that is news.
    @discardableResult
    func became(_ failure: String?) -> Bool {
        let (isNews, due) = state.withLock { state in
            let isNews = (state.failure == nil) != (failure == nil)
            state.failure = failure
            guard failure == nil else { return (isNews, [CheckedContinuation<Void, any Error>]()) }
            defer { state.waiters = [:] }
            return (isNews, Array(state.waiters.values))
        }
        if let failure {
            interruption.interrupt(ClientError(code: .connectionLost, message: failure))
        } else {
            interruption.clear()
        }
        for continuation in due { continuation.resume() }
        return isNews
    }

    /// Returns when the cluster answers.
    ///
    /// - Throws: `CancellationError`.
    func waitUntilReachable() async throws {
        let ticket = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation {
                (continuation: CheckedContinuation<Void, any Error>) in
                state.withLock { state in
                    if Task.isCancelled {
                        continuation.resume(throwing: CancellationError())
                    } else if state.failure == nil {
                        continuation.resume()
                    } else {
                        state.waiters[ticket] = continuation
                    }
                }
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiters.removeValue(forKey: ticket) }
            waiter?.resume(throwing: CancellationError())
        }
    }
}
