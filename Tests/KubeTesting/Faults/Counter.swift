import Synchronization

/// Counts how often each thing happened.
package final class Counter: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    package init() {}

    /// Counts once more.
    ///
    /// - Returns: How often now: 1 the first time.
    package func next(_ key: String) -> Int {
        counts.withLock { counts in
            counts[key, default: 0] += 1
            return counts[key, default: 0]
        }
    }

    package subscript(key: String) -> Int { counts.withLock { $0[key] ?? 0 } }
}
