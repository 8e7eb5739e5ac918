/// A time span as kubectl prints ages: at most two units, the coarser the longer.
package enum HumanDuration {
    /// `45s`, `3m20s`, `2h15m`, `4d7h`, `400d`, `2y30d`; `<invalid>` for a span in the future.
    package static func text(seconds: Int64) -> String {
        // A clock that is behind by a moment is no reason to say that an object is not there yet.
        if seconds < -1 { return "<invalid>" }
        if seconds < 0 { return "0s" }
        if seconds < 120 { return "\(seconds)s" }
        let minutes = seconds / 60
        if minutes < 10 { return "\(minutes)m" + rest(seconds % 60, "s") }
        if minutes < 180 { return "\(minutes)m" }
        let hours = minutes / 60
        if hours < 8 { return "\(hours)h" + rest(minutes % 60, "m") }
        if hours < 48 { return "\(hours)h" }
        let days = hours / 24
        if hours < 24 * 8 { return "\(days)d" + rest(hours % 24, "h") }
        if days < 365 * 2 { return "\(days)d" }
        let years = days / 365
        if days < 365 * 8 { return "\(years)y" + rest(days % 365, "d") }
        return "\(years)y"
    }

    private static func rest(_ count: Int64, _ unit: String) -> String { count == 0 ? "" : "\(count)\(unit)" }

    /// The age of a moment at another, both in RFC 3339; `<unknown>` if one cannot be read.
    package static func age(of moment: String?, at now: Timestamp) -> String {
        guard let moment, let start = Timestamp(parsing: moment) else { return "<unknown>" }
        return text(seconds: now.seconds(since: start))
    }
}
