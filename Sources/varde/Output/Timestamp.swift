import FoundationEssentials

/// A moment as the API writes it, and its age as people read it.
struct Timestamp: Sendable, Hashable, Comparable {
    let date: Date

    init(_ date: Date) { self.date = date }

    /// From RFC 3339, with or without fractions of a second; `nil` for anything else.
    init?(_ text: String?) {
        guard let text else { return nil }
        let exact = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        // Either spelling is right; only a text that is neither has no date.
        guard let date = (try? exact.parse(text)) ?? (try? Date.ISO8601FormatStyle().parse(text)) else {
            return nil
        }
        self.date = date
    }

    static var now: Timestamp { Timestamp(Date()) }

    /// `45s`, `5m`, `3h`, `2d`: one unit, as long as it says enough.
    var age: String { Self.words(Date().timeIntervalSince(date)) }

    /// `age` counted from a moment of one's choice.
    func age(at moment: Timestamp) -> String { Self.words(moment.date.timeIntervalSince(date)) }

    /// `14:03:59`, in UTC.
    var clock: String { String(date.formatted(Date.ISO8601FormatStyle()).dropFirst(11).prefix(8)) }

    /// `2026-11-24 14:03`, in UTC.
    var minute: String {
        let text = date.formatted(Date.ISO8601FormatStyle())
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5))"
    }

    static func < (left: Self, right: Self) -> Bool { left.date < right.date }

    static func words(_ interval: TimeInterval) -> String {
        let seconds = Int(max(0, min(interval, 1e10)).rounded(.down))
        return switch seconds {
        case ..<120: "\(seconds)s"
        case ..<7_200: "\(seconds / 60)m"
        case ..<172_800: "\(seconds / 3_600)h"
        default: "\(seconds / 86_400)d"
        }
    }
}
