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

    /// As messages have it: `Sun, 22 Nov 2026 21:00:00 +0000`.
    var rfc1123Text: String {
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let parts = text.split { "-T:Z".contains($0) }.compactMap { Int($0) }
        guard parts.count >= 6, (1...12).contains(parts[1]) else { return text }
        let weekday = days[((Int(seconds) / 86_400) % 7 + 7) % 7]
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let time = "\(two(parts[3])):\(two(parts[4])):\(two(parts[5]))"
        return "\(weekday), \(two(parts[2])) \(months[parts[1] - 1]) \(parts[0]) \(time) +0000"
    }
}
