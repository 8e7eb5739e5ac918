import Synchronization

/// Lets creations in one namespace pass one at a time, so that what a quota allows is counted and taken in one step.
final class QuotaGate: Sendable {
    private struct State {
        var entered: Set<String> = []
        var waiting: [String: [CheckedContinuation<Void, Never>]] = [:]
    }

    private let state = Mutex(State())

    /// Waits until nobody else is inside; whoever enters must leave.
    func enter(_ namespace: String) async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.entered.insert(namespace).inserted else {
                    state.waiting[namespace, default: []].append(continuation)
                    return false
                }
                return true
            }
            if isFree { continuation.resume() }
        }
    }

    func leave(_ namespace: String) {
        let next: CheckedContinuation<Void, Never>? = state.withLock { state in
            guard var queue = state.waiting[namespace], !queue.isEmpty else {
                state.waiting[namespace] = nil
                state.entered.remove(namespace)
                return nil
            }
            let first = queue.removeFirst()
            state.waiting[namespace] = queue
            return first
        }
        next?.resume()
    }
}
