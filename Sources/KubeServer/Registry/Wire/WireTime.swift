import Foundation

/// A moment, as Kubernetes writes it: RFC 3339 in UTC, in whole seconds or with six digits.
struct WireTime: Sendable, Hashable, Comparable {
    enum Precision { case seconds, microseconds }

    struct ParseError: Error { var message: String }

    /// Since 1970.
    var seconds: Int
    var microseconds: Int = 0

    static func now() -> WireTime {
        let now = Date().timeIntervalSince1970
        let seconds = now.rounded(.down)
        return WireTime(seconds: Int(seconds), microseconds: Int((now - seconds) * 1_000_000))
    }

    init(seconds: Int, microseconds: Int = 0) {
        self.seconds = seconds
        self.microseconds = microseconds
    }

    /// Reads RFC 3339 as Go does; a text with microseconds must have exactly six digits.
    init(_ text: String, _ precision: Precision = .seconds) throws(ParseError) {
        let layout = precision == .seconds ? "2006-01-02T15:04:05Z07:00" : "2006-01-02T15:04:05.000000Z07:00"
        let bytes = Array(text.utf8)
        func fail(_ rest: Int, _ expected: String) -> ParseError {
            let remainder = String(decoding: bytes[min(rest, bytes.count)...], as: UTF8.self)
            return ParseError(
                message: "parsing time \(text.goQuoted) as \(layout.goQuoted): "
                    + "cannot parse \(remainder.goQuoted) as \(expected.goQuoted)"
            )
        }
        func number(_ start: Int, _ count: Int, _ expected: String) throws(ParseError) -> Int {
            guard start + count <= bytes.count else { throw fail(start, expected) }
            var value = 0
            for byte in bytes[start..<start + count] {
                guard (48...57).contains(byte) else { throw fail(start, expected) }
                value = value * 10 + Int(byte) - 48
            }
            return value
        }
        func literal(_ position: Int, _ character: String) throws(ParseError) {
            guard position < bytes.count, bytes[position] == character.utf8.first else {
                throw fail(position, character)
            }
        }
        let year = try number(0, 4, "2006")
        try literal(4, "-")
        let month = try number(5, 2, "01")
        try literal(7, "-")
        let day = try number(8, 2, "02")
        try literal(10, "T")
        let hour = try number(11, 2, "15")
        try literal(13, ":")
        let minute = try number(14, 2, "04")
        try literal(16, ":")
        let second = try number(17, 2, "05")
        guard (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 60 else {
            throw ParseError(message: "parsing time \(text.goQuoted): out of range")
        }
        var position = 19
        var fraction = 0
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            let start = position
            position += 1
            var digits = 0
            while position < bytes.count, (48...57).contains(bytes[position]) {
                if digits < 6 { fraction = fraction * 10 + Int(bytes[position]) - 48 }
                digits += 1
                position += 1
            }
            if precision == .microseconds, digits != 6 { throw fail(start, ".000000") }
            while digits < 6 {
                fraction *= 10
                digits += 1
            }
        } else if precision == .microseconds {
            throw fail(position, ".000000")
        }
        var offset = 0
        if position < bytes.count, bytes[position] == UInt8(ascii: "Z") {
            position += 1
        } else {
            guard position < bytes.count, bytes[position] == 43 || bytes[position] == 45 else {
                throw fail(position, "Z07:00")
            }
            let sign = bytes[position] == 43 ? 1 : -1
            offset =
                sign * (try number(position + 1, 2, "Z07:00") * 3600 + number(position + 4, 2, "Z07:00") * 60)
            position += 6
        }
        guard position == bytes.count else {
            let extra = String(decoding: bytes[position...], as: UTF8.self)
            throw ParseError(message: "parsing time \(text.goQuoted): extra text: \(extra.goQuoted)")
        }
        seconds = Self.days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset
        microseconds = fraction
    }

    func text(_ precision: Precision = .seconds) -> String {
        let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let time = seconds - days * 86_400
        let (year, month, day) = Self.date(days)
        var text =
            Self.pad(year, 4) + "-" + Self.pad(month, 2) + "-" + Self.pad(day, 2) + "T"
            + Self.pad(time / 3600, 2)
            + ":" + Self.pad(time / 60 % 60, 2) + ":" + Self.pad(time % 60, 2)
        if precision == .microseconds { text += "." + Self.pad(microseconds, 6) }
        return text + "Z"
    }

    func adding(seconds: Int) -> WireTime {
        WireTime(seconds: self.seconds + seconds, microseconds: microseconds)
    }

    static func < (left: WireTime, right: WireTime) -> Bool {
        (left.seconds, left.microseconds) < (right.seconds, right.microseconds)
    }

    private static func pad(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// Days since 1970 of a date of the proleptic Gregorian calendar.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func date(_ days: Int) -> (Int, Int, Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthIndex + 2) / 5 + 1
        let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}
