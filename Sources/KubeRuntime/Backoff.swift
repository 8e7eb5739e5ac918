/// How long to wait before the next try.
package struct Backoff: Sendable, Hashable {
    package var first: Duration
    package var limit: Duration

    package init(first: Duration = .seconds(5), limit: Duration = .seconds(180)) {
        self.first = first
        self.limit = limit
    }

    /// The delay before try number `attempt`, counted from 0: `first`, doubled each time, up to `limit`.
    package func delay(attempt: Int) -> Duration {
        attempt >= 20 ? limit : min(limit, first * (1 << attempt))
    }

    /// ``delay(attempt:)``, made shorter by up to a half, so that many clients do not come back at one moment.
    package func jittered(attempt: Int) -> Duration {
        delay(attempt: attempt) * Double.random(in: 0.5...1)
    }
}
