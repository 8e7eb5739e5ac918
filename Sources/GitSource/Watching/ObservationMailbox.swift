import OrderedCollections
import Synchronization

/// What one subscriber has not taken yet: the newest observation of each branch, oldest branch first.
///
/// A slow subscriber misses what was overtaken, never the latest, and the memory it holds is bounded by the number of
/// branches.
final class ObservationMailbox: Sendable {
    typealias Observation = RepositoryWatcher.Observation

    private struct State {
        var waiting: OrderedDictionary<WatchedBranch, Observation> = [:]
        var taker: CheckedContinuation<Observation?, Never>?
        var isClosed = false
    }

    private let state = Mutex(State())

    func put(_ observation: Observation) {
        let taker = state.withLock { state in
            guard let taker = state.taker else {
                if !state.isClosed { state.waiting[observation.key] = observation }
                return CheckedContinuation<Observation?, Never>?.none
            }
            state.taker = nil
            return taker
        }
        taker?.resume(returning: observation)
    }

    /// The next observation; `nil` once the mailbox is closed or the task is cancelled.
    func take() async -> Observation? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { state -> Observation?? in
                    if state.isClosed || Task.isCancelled { return .some(nil) }
                    if !state.waiting.isEmpty { return state.waiting.removeFirst().value }
                    state.taker = continuation
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            close()
        }
    }

    func close() {
        let taker = state.withLock { state in
            state.isClosed = true
            state.waiting = [:]
            defer { state.taker = nil }
            return state.taker
        }
        taker?.resume(returning: nil)
    }
}

extension RepositoryWatcher.Observation {
    var key: WatchedBranch { WatchedBranch(repository: repository, branch: branch) }
}
