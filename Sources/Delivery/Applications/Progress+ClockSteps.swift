import Synchronization

/// Deadlines are kept as times of day, because people read them. A clock that is set would make them come at once, or hours
/// late: they move with it.
extension Progress {
    /// Seconds that a clock may be corrected by without anything being moved.
    private static let tolerance = 2.0

    /// By how many seconds the clock was set between two looks at it; `nil` when it was not.
    static func step(from known: Double?, to offset: Double) -> Double? {
        known.flatMap { abs(offset - $0) > tolerance ? offset - $0 : nil }
    }

    /// Notices that the wall clock was set, and moves every deadline with it.
    mutating func follow(clockOffset offset: Double) {
        if let step = Self.step(from: clockOffset, to: offset) { shift(by: step) }
        clockOffset = offset
    }

    private mutating func shift(by step: Double) {
        resolveAt += step
        for reference in failures.keys { failures[reference]?.retryAt += step }
        for reference in pauses.keys { pauses[reference]?.until += step }
        for reference in hookResults.keys { hookResults[reference]?.retryAt += step }
        for reference in contents.keys { contents[reference]?.at += step }
        blocked?.retryAt += step
        if let retryAt = rejected?.retryAt { rejected?.retryAt = retryAt + step }
        waveWait?.since += step
        formerState?.since += step
        formerState?.until += step
        fights.shift(by: step)
    }
}

extension ApplicationCell {
    /// Moves what this process waits for when the wall clock was set; a directory's grace time is as long as it was, too.
    ///
    /// Pins end at the time of day that they name.
    func follow(clockOffset offset: Double) {
        progress.withLock { $0.follow(clockOffset: offset) }
        inputs.withLock { inputs in
            guard case .vanished(var tombstone) = inputs.presence else { return }
            if let step = Progress.step(from: inputs.tombstoneOffset, to: offset) {
                tombstone.since += step
                inputs.presence = .vanished(tombstone)
            }
            inputs.tombstoneOffset = offset
        }
    }
}
