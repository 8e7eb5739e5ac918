import Synchronization

/// Whether a cluster answers; kept by one prober, read and waited for by everybody who talks to it.
final class Reachability: Sendable {
    private enum Wish { case failure, recovery }

    private struct State {
        /// Why the cluster cannot be reached; `nil` while it can.
        var failure: String?
        var waiters: [Int: (wish: Wish, continuation: CheckedContinuation<Void, any Error>)] = [:]
        var lastWaiter = 0
    }

    private let state = Mutex(State())

    /// Why the cluster does not answer, while that lasts.
    var failure: String? { state.withLock { $0.failure } }

    /// - Parameter failure: `nil` when the cluster answers.
    /// - Returns: Whether that is news.
    @discardableResult
    func became(_ failure: String?) -> Bool {
        let (isNews, due) = state.withLock { state in
            let isNews = (state.failure == nil) != (failure == nil)
            state.failure = failure
            let wish: Wish = failure == nil ? .recovery : .failure
            let due = state.waiters.filter { $0.value.wish == wish }
            for key in due.keys { state.waiters[key] = nil }
            return (isNews, due.values.map(\.continuation))
        }
        for continuation in due { continuation.resume() }
        return isNews
    }

    /// Returns when the cluster does not answer any more.
    ///
    /// - Throws: `CancellationError`.
    func waitUntilFailed() async throws { try await wait(for: .failure) }

    /// Returns when the cluster answers.
    ///
    /// - Throws: `CancellationError`.
    func waitUntilReachable() async throws { try await wait(for: .recovery) }

    private func wait(for wish: Wish) async throws {
        let ticket = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation {
                (continuation: CheckedContinuation<Void, any Error>) in
                state.withLock { state in
                    let isSo = (state.failure != nil) == (wish == .failure)
                    if Task.isCancelled {
                        continuation.resume(throwing: CancellationError())
                    } else if isSo {
                        continuation.resume()
                    } else {
                        state.waiters[ticket] = (wish, continuation)
                    }
                }
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiters.removeValue(forKey: ticket) }
            waiter?.continuation.resume(throwing: CancellationError())
        }
    }
}
