import Foundation
import KubeModel

/// A schedule in cron's five fields, as CronJobs have it: with names, steps, `@hourly` and the like.
struct CronSchedule: Sendable, Hashable {
    struct ParseError: Error, Hashable, CustomStringConvertible {
        let description: String
    }

    private var minutes: Set<Int>
    private var hours: Set<Int>
    private var days: Set<Int>
    private var months: Set<Int>
    private var weekdays: Set<Int>
    /// With both restricted, a day matches if either does.
    private var dayIsAny: Bool
    private var weekdayIsAny: Bool

    private static let macros = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
        "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]

    init(_ text: String) throws(ParseError) {
        let expression = Self.macros[text.lowercased()] ?? text
        let fields = expression.split(whereSeparator: \.isWhitespace).map(String.init)
        guard fields.count == 5 else {
            throw ParseError(description: "expected exactly 5 fields, found \(fields.count): [\(text)]")
        }
        let monthNames = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        let dayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
        minutes = try Self.field(fields[0], 0...59)
        hours = try Self.field(fields[1], 0...23)
        days = try Self.field(fields[2], 1...31)
        months = try Self.field(fields[3], 1...12, names: monthNames, firstName: 1)
        weekdays = Set(try Self.field(fields[4], 0...7, names: dayNames, firstName: 0).map { $0 % 7 })
        dayIsAny = fields[2].hasPrefix("*") || fields[2] == "?"
        weekdayIsAny = fields[4].hasPrefix("*") || fields[4] == "?"
    }

    private static func field(
        _ text: String,
        _ range: ClosedRange<Int>,
        names: [String] = [],
        firstName: Int = 0
    ) throws(ParseError) -> Set<Int> {
        func number(_ part: Substring) throws(ParseError) -> Int {
            if let place = names.firstIndex(of: part.lowercased()) { return place + firstName }
            guard let value = Int(part), range.contains(value) else {
                throw ParseError(
                    description: "\"\(part)\" is not in \(range.lowerBound)-\(range.upperBound): \(text)"
                )
            }
            return value
        }
        var result: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let pieces = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard let head = pieces.first, !head.isEmpty else {
                throw ParseError(description: "empty field: \(text)")
            }
            var step = 1
            if pieces.count == 2 {
                guard let value = Int(pieces[1]), value > 0 else {
                    throw ParseError(description: "step of range should be a positive number: \(text)")
                }
                step = value
            }
            var low = range.lowerBound
            var high = range.upperBound
            if head != "*", head != "?" {
                let ends = head.split(separator: "-", maxSplits: 1)
                low = try number(ends[0])
                high = ends.count == 2 ? try number(ends[1]) : (pieces.count == 2 ? range.upperBound : low)
                guard low <= high else {
                    throw ParseError(
                        description: "beginning of range (\(low)) beyond end of range (\(high)): \(text)"
                    )
                }
            }
            result.formUnion(stride(from: low, through: high, by: step))
        }
        return result
    }

    /// The first moment after this one; `nil` if there is none within five years.
    func next(after moment: Timestamp, in zone: TimeZone) -> Timestamp? {
        // Local minutes, counted as if the zone had no changes; a skipped hour is passed over, a doubled one comes once.
        func offset(_ seconds: Int) -> Int {
            zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds)))
        }
        let now = Int(moment.seconds)
        var local = (now + offset(now)) / 60 + 1
        let end = local + 5 * 366 * 24 * 60
        while local < end {
            let day = local / 1_440
            guard matches(day: day) else {
                local = (day + 1) * 1_440
                continue
            }
            let minuteOfDay = local % 1_440
            guard hours.contains(minuteOfDay / 60) else {
                local = day * 1_440 + (minuteOfDay / 60 + 1) * 60
                continue
            }
            guard minutes.contains(minuteOfDay % 60) else {
                local += 1
                continue
            }
            let guess = local * 60 - offset(local * 60 - offset(local * 60))
            if guess > now { return Timestamp(seconds: guess) }
            local += 1
        }
        return nil
    }

    private func matches(day: Int) -> Bool {
        let text = Timestamp(seconds: day * 86_400).text
        let parts = text.prefix(10).split(separator: "-").compactMap { Int($0) }
        guard parts.count == 3, months.contains(parts[1]) else { return false }
        let (dayMatches, weekdayMatches) = (days.contains(parts[2]), weekdays.contains((day + 4) % 7))
        return dayIsAny || weekdayIsAny ? dayMatches && weekdayMatches : dayMatches || weekdayMatches
    }
}
