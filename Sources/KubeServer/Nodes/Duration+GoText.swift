extension Duration {
    /// A duration as Go writes it (`1m30s`, `250ms`); a bare number is seconds.
    init?(goText text: String) {
        if let seconds = Double(text) {
            self = .seconds(seconds)
            return
        }
        let units: [String: Double] = ["h": 3_600, "m": 60, "s": 1, "ms": 0.001, "us": 0.000_001]
        var total = 0.0
        var rest = text[...]
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isNumber || $0 == "." }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let number = Double(digits), let scale = units[String(unit)] else { return nil }
            total += number * scale
        }
        self = .seconds(total)
    }

    var microseconds: Int {
        Int(components.seconds) * 1_000_000 + Int(components.attoseconds / 1_000_000_000_000)
    }

    /// As Go writes it, for messages: `10s`, `2m40s`, `123ms`.
    var goText: String {
        let milliseconds = microseconds / 1_000
        if milliseconds < 1_000 { return "\(milliseconds)ms" }
        let seconds = milliseconds / 1_000
        let fraction = milliseconds % 1_000
        if fraction != 0 {
            var digits = String(fraction + 1_000).dropFirst()
            while digits.hasSuffix("0") { digits = digits.dropLast() }
            return (seconds >= 60 ? "\(seconds / 60)m" : "") + "\(seconds % 60).\(digits)s"
        }
        return (seconds >= 3_600 ? "\(seconds / 3_600)h" : "")
            + (seconds >= 60 ? "\(seconds / 60 % 60)m" : "") + "\(seconds % 60)s"
    }
}
