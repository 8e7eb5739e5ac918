/// Amounts with suffixes: `500m`, `1.5Gi`, `1e3`.
struct QuantityText: Sendable {
    private enum Format { case binary, decimal, exponent }

    /// In units of 10⁻⁹.
    let nanos: Int128
    private let format: Format

    /// The canonical spelling; `nil` for a text that is no quantity.
    static func canonical(_ text: String) -> String? {
        // Most quantities are canonical already: small numbers with one suffix.
        if isPlainInteger(text) { return text }
        return QuantityText(text)?.canonical
    }

    private static func isPlainInteger(_ text: String) -> Bool {
        let bytes = text.utf8
        guard let first = bytes.first, bytes.count <= 3, (49...57).contains(first) else { return false }
        return bytes.allSatisfy { (48...57).contains($0) }
    }

    init?(_ text: String) {
        var rest = text[...]
        var sign: Int128 = 1
        if rest.hasPrefix("+") {
            rest = rest.dropFirst()
        } else if rest.hasPrefix("-") {
            sign = -1
            rest = rest.dropFirst()
        }
        var mantissa: Int128 = 0
        var fractionDigits = 0
        var digits = 0
        var isFraction = false
        while let character = rest.utf8.first {
            if (48...57).contains(character) {
                guard fractionDigits < 18, mantissa < Int128(1) << 96 else { return nil }
                mantissa = mantissa * 10 + Int128(character) - 48
                digits += 1
                if isFraction { fractionDigits += 1 }
            } else if character == UInt8(ascii: "."), !isFraction {
                isFraction = true
            } else {
                break
            }
            rest = rest.dropFirst()
        }
        guard digits > 0 else { return nil }
        guard let (format, factor) = Self.factor(of: rest) else { return nil }
        self.format = format
        // factor is in nanos, so that every suffix is a whole number.
        let (product, overflow) = mantissa.multipliedReportingOverflow(by: factor)
        guard !overflow else { return nil }
        var divisor: Int128 = 1
        for _ in 0..<fractionDigits { divisor *= 10 }
        // Parts of a nano are rounded away from zero.
        nanos = sign * ((product + divisor - 1) / divisor)
    }

    private static let unit: Int128 = 1_000_000_000

    private static func factor(of suffix: Substring) -> (Format, Int128)? {
        switch suffix {
        case "": return (.decimal, unit)
        case "n": return (.decimal, 1)
        case "u": return (.decimal, 1000)
        case "m": return (.decimal, 1_000_000)
        case "k": return (.decimal, unit * 1000)
        case "M": return (.decimal, unit * 1_000_000)
        case "G": return (.decimal, unit * unit)
        case "T": return (.decimal, unit * unit * 1000)
        case "P": return (.decimal, unit * unit * 1_000_000)
        case "E": return (.decimal, unit * unit * unit)
        case "Ki": return (.binary, unit << 10)
        case "Mi": return (.binary, unit << 20)
        case "Gi": return (.binary, unit << 30)
        case "Ti": return (.binary, unit << 40)
        case "Pi": return (.binary, unit << 50)
        case "Ei": return (.binary, unit << 60)
        default:
            guard suffix.first == "e" || suffix.first == "E", let exponent = Int(suffix.dropFirst()) else {
                return nil
            }
            guard (-9...18).contains(exponent) else { return nil }
            var factor: Int128 = 1
            for _ in 0..<(exponent + 9) { factor *= 10 }
            return (.exponent, factor)
        }
    }

    var canonical: String {
        let whole = nanos / Self.unit
        if format == .binary, !(-1024 < whole && whole < 1024) {
            var amount = nanos % Self.unit == 0 ? whole : whole + (nanos > 0 ? 1 : -1)
            var index = 0
            let suffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]
            while amount % 1024 == 0, index < suffixes.count - 1 {
                amount /= 1024
                index += 1
            }
            return "\(amount)\(suffixes[index])"
        }
        if nanos == 0 { return "0" }
        var amount = nanos
        var exponent = -9
        while amount % 1000 == 0, exponent < 18 {
            amount /= 1000
            exponent += 3
        }
        if format == .exponent { return exponent == 0 ? "\(amount)" : "\(amount)e\(exponent)" }
        let suffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"]
        return "\(amount)\(suffixes[(exponent + 9) / 3])"
    }

    static func compare(_ left: String, _ right: String) -> Int {
        let difference = (QuantityText(left)?.nanos ?? 0) - (QuantityText(right)?.nanos ?? 0)
        return difference == 0 ? 0 : difference < 0 ? -1 : 1
    }

    /// A sum of two, spelled like the first.
    static func sum(_ left: String, _ right: String) -> String {
        guard let left = QuantityText(left) else { return right }
        guard let right = QuantityText(right) else { return left.canonical }
        let format = left.nanos == 0 ? right.format : left.format
        return QuantityText(nanos: left.nanos + right.nanos, format: format).canonical
    }

    private init(nanos: Int128, format: Format) {
        self.nanos = nanos
        self.format = format
    }
}
