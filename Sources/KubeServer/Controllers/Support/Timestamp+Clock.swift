import Foundation
import KubeModel

extension Timestamp {
    /// The moment on the system's clock.
    static func now() -> Timestamp {
        Timestamp(microseconds: Int((Date().timeIntervalSince1970 * 1_000_000).rounded(.down)))
    }

    init(seconds: Int) { self.init(seconds: Int64(seconds)) }

    private init(microseconds: Int) {
        self.init(
            seconds: Int64(microseconds / 1_000_000),
            nanoseconds: Int32(microseconds % 1_000_000) * 1_000
        )
    }

    private var microseconds: Int { Int(seconds) * 1_000_000 + Int(nanoseconds / 1_000) }

    /// Nanoseconds since 1970.
    var epochNanoseconds: Int { Int(seconds) * 1_000_000_000 + Int(nanoseconds) }

    func adding(seconds more: Int) -> Timestamp { adding(seconds: Int64(more)) }

    func adding(_ duration: Duration) -> Timestamp {
        Timestamp(microseconds: microseconds + duration.microseconds)
    }

    func duration(to later: Timestamp) -> Duration { .microseconds(later.microseconds - microseconds) }
}
