import Foundation
import Synchronization

/// Random numbers that a failing test can have again: with the same `VARDE_SEED`, the same numbers.
package final class SeededRandom: Sendable {
    package let seed: UInt64
    private let state: Mutex<UInt64>

    /// Takes the seed from `VARDE_SEED`, else a new one.
    package init() {
        let given = ProcessInfo.processInfo.environment["VARDE_SEED"].flatMap(UInt64.init)
        seed = given ?? UInt64.random(in: 1...999_999)
        state = Mutex(seed)
    }

    /// SplitMix64.
    package func next() -> UInt64 {
        state.withLock { state in
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
    }

    package func next(below limit: Int) -> Int { Int(next() % UInt64(max(1, limit))) }
}
