import Synchronization

/// Lets a burst through, then so many a second.
final class RateLimit: Sendable {
    private struct State {
        var permits: Double
        var last: ContinuousClock.Instant
    }

    private let burst: Double
    private let perSecond: Double
    private let state: Mutex<State>

    init(burst: Int, perSecond: Double, now: ContinuousClock.Instant = .now) {
        self.burst = Double(burst)
        self.perSecond = perSecond
        state = Mutex(State(permits: Double(burst), last: now))
    }

    /// Takes a permit if there is one.
    func admits(now: ContinuousClock.Instant = .now) -> Bool {
        state.withLock { state in
            let elapsed = max(0, (now - state.last) / .seconds(1))
            state.last = max(now, state.last)
            state.permits = min(burst, state.permits + elapsed * perSecond)
            guard state.permits >= 1 else { return false }
            state.permits -= 1
            return true
        }
    }
}
