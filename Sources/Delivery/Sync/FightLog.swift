package import KubeModel

/// Counts how often objects had to be repaired, to notice when somebody else keeps changing them back.
package struct FightLog: Sendable {
    /// This many repairs within ``window`` are a fight.
    package static let limit = 5
    /// Seconds.
    package static let window = 60.0

    private var repairs: [ObjectReference: [Double]] = [:]

    package init() {}

    /// Notes a repair.
    ///
    /// - Returns: How many seconds to leave the object alone, when this is a fight.
    package mutating func repaired(_ object: ObjectReference, at now: Double) -> Double? {
        var times = (repairs[object] ?? []).filter { now - $0 < Self.window }
        times.append(now)
        repairs[object] = times
        guard times.count >= Self.limit else { return nil }
        let rounds = times.count - Self.limit
        return min(180, 15 * Double(1 << min(rounds, 4)))
    }

    /// Moves all times: the clock was set.
    package mutating func shift(by step: Double) {
        repairs = repairs.mapValues { $0.map { $0 + step } }
    }

    /// Forgets what is long over.
    package mutating func prune(now: Double) {
        guard !repairs.isEmpty else { return }
        repairs = repairs.filter { $0.value.contains { now - $0 < Self.window } }
    }
}
