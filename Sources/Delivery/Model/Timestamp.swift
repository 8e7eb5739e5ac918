/// Times as Kubernetes writes them.
package enum Timestamp {
    /// For example `2026-11-22T18:30:00Z`.
    package static func text(_ seconds: Double) -> String {
        let total = Int64(seconds.rounded(.down))
        let (days, rest) = total.quotientAndRemainder(dividingBy: 86_400)
        let (year, month, day) = date(ofDay: rest < 0 ? days - 1 : days)
        let time = rest < 0 ? rest + 86_400 : rest
        return
            "\(year)-\(two(month))-\(two(day))T\(two(time / 3_600)):\(two(time / 60 % 60)):\(two(time % 60))Z"
    }

    /// From `2026-11-22T18:30:00Z`, with or without a fraction; `nil` for another form.
    package static func seconds(_ text: String) -> Double? {
        let parts = text.split { "-T:Z".contains($0) }
        guard text.hasSuffix("Z"), parts.count == 6, let year = Int64(parts[0]), let month = Int64(parts[1]),
            let day = Int64(parts[2]), let hour = Int64(parts[3]), let minute = Int64(parts[4]),
            let second = Double(parts[5])
        else { return nil }
        return Double(dayNumber(year, month, day) * 86_400 + hour * 3_600 + minute * 60) + second
    }

    private static func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// Days since 1970 of a date, counting years from March as the calendar's arithmetic wants it.
    private static func dayNumber(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func date(ofDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let calendarMonth = month + (month < 10 ? 3 : -9)
        return (
            yearOfEra + era * 400 + (calendarMonth <= 2 ? 1 : 0), calendarMonth,
            dayOfYear - (153 * month + 2) / 5 + 1
        )
    }
}
