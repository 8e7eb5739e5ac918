import DequeModule
import Synchronization

/// Lets so many requests be answered at a time, and shares the places fairly between those who ask: a client that floods
/// waits for its own requests, not the others for it.
final class RequestGate: Sendable {
    struct Limits: Sendable {
        /// Requests that are answered at the same time.
        var places = 128
        /// How many of them one client may have.
        var share = 96
        /// Requests of one client that may wait.
        var waiting = 1_000
    }

    private struct Flow {
        var entered = 0
        var waiting: Deque<CheckedContinuation<Bool, Never>> = []
    }

    private struct State {
        var entered = 0
        var flows: [String: Flow] = [:]
        /// Those with waiting requests, who is next first.
        var turns: Deque<String> = []
    }

    private let limits: Limits
    private let state = Mutex(State())

    init(_ limits: Limits = Limits()) { self.limits = limits }

    /// Waits for a place; whoever entered must leave.
    ///
    /// - Returns: Whether there was a place; not when too many requests of the same client wait already.
    func enter(_ name: String) async -> Bool {
        await withCheckedContinuation { request in
            let answer: Bool? = state.withLock { state in
                var flow = state.flows[name] ?? Flow()
                defer { state.flows[name] = flow }
                if state.entered < limits.places, flow.entered < limits.share, flow.waiting.isEmpty {
                    state.entered += 1
                    flow.entered += 1
                    return true
                }
                guard flow.waiting.count < limits.waiting else { return false }
                if flow.waiting.isEmpty { state.turns.append(name) }
                flow.waiting.append(request)
                return nil
            }
            if let answer { request.resume(returning: answer) }
        }
    }

    func leave(_ name: String) {
        let next: CheckedContinuation<Bool, Never>? = state.withLock { state in
            state.entered -= 1
            if var flow = state.flows[name] {
                flow.entered -= 1
                state.flows[name] = flow.entered == 0 && flow.waiting.isEmpty ? nil : flow
            }
            return Self.admit(&state, share: limits.share)
        }
        next?.resume(returning: true)
    }

    /// Gives a free place to the next client in turn that has not its share yet.
    private static func admit(_ state: inout State, share: Int) -> CheckedContinuation<Bool, Never>? {
        for _ in 0..<state.turns.count {
            guard let name = state.turns.popFirst(), var flow = state.flows[name] else { continue }
            guard flow.entered < share, let request = flow.waiting.popFirst() else {
                state.turns.append(name)
                continue
            }
            state.entered += 1
            flow.entered += 1
            state.flows[name] = flow
            if !flow.waiting.isEmpty { state.turns.append(name) }
            return request
        }
        return nil
    }
}
