/// Keys that wait for work: each key at most once, and never given out twice at a time.
///
/// A key that is added while it is being worked on is given out again afterwards. Memory is bounded by the number of
/// distinct keys.
package actor WorkQueue<Key: Hashable & Sendable> {
    package init(clock: any Clock<Duration> = ContinuousClock(), backoff: Backoff = Backoff()) { fatalError("H4 implements") }

    package func add(_ key: Key) { fatalError("H4 implements") }
    /// Adds the key later, unless it is added sooner by another way.
    package func add(_ key: Key, after delay: Duration) { fatalError("H4 implements") }
    /// Adds the key after its backoff, which doubles with every call until ``forget(_:)``.
    package func addRetry(_ key: Key) -> Duration { fatalError("H4 implements") }
    package func forget(_ key: Key) { fatalError("H4 implements") }
    /// The next key; waits for one. `nil` when the queue is shut down or the task is cancelled.
    package func next() async -> Key? { fatalError("H4 implements") }
    /// Gives a key back after its work.
    package func done(_ key: Key) { fatalError("H4 implements") }
    package func shutDown() { fatalError("H4 implements") }
    package var count: Int { fatalError("H4 implements") }
}

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
}
