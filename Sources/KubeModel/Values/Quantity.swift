/// An amount of a resource, exact to the nano: `100m`, `1.5Gi`, `1e3`.
package struct Quantity: Sendable, Hashable, Comparable {
    /// How it is written.
    package enum Format: Sendable, Hashable {
        case decimal, binary, exponent
    }

    /// Why a text is no quantity, in Kubernetes' words.
    package enum ParseError: String, Error, Sendable {
        case format =
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
        case suffix = "unable to parse quantity's suffix"
        case number = "unable to parse numeric part of quantity"
    }

    private static let unit: Int128 = 1_000_000_000
    private static let limit = Int128(Int64.max) * unit

    /// In 10⁻⁹.
    private let nanos: Int128
    package let format: Format

    private init(nanos: Int128, format: Format) {
        self.nanos = min(max(nanos, -Self.limit), Self.limit)
        self.format = format
    }

    package init(_ value: Int, format: Format = .decimal) {
        self.init(nanos: Int128(value) * Self.unit, format: format)
    }

    /// Thousandths.
    package init(milli value: Int) { self.init(nanos: Int128(value) * (Self.unit / 1000), format: .decimal) }

    package init?(_ text: String) {
        guard case .success(let quantity) = Self.parse(text) else { return nil }
        self = quantity
    }

    /// From a string or a number; `nil` for what is no quantity.
    package init?(_ json: JSON?) {
        switch json {
        case .string(let text)?: self.init(text)
        case .integer(let value)?: self.init(nanos: Int128(value) * Self.unit, format: .decimal)
        case .double(let value)?: self.init(NumberText.text(of: value))
        default: return nil
        }
    }

    /// Reads a quantity; what is finer than a nano is rounded away from zero, what is too large is cut off.
    package static func parse(_ text: String) -> Result<Quantity, ParseError> {
        let bytes = Array(text.utf8)
        var index = 0
        var isNegative = false
        if let sign = bytes.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            isNegative = sign == UInt8(ascii: "-")
            index = 1
        }
        var digits: [UInt8] = []
        var fraction = 0
        var hasPoint = false
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: ".") {
                guard !hasPoint else { return .failure(.format) }
                hasPoint = true
            } else if byte &- UInt8(ascii: "0") < 10 {
                digits.append(byte - UInt8(ascii: "0"))
                if hasPoint { fraction += 1 }
            } else {
                break
            }
            index += 1
        }
        guard !digits.isEmpty else { return .failure(.format) }
        guard let suffix = Suffix(bytes[index...]) else { return .failure(.suffix) }
        let magnitude = amount(digits, fraction: fraction, suffix)
        return .success(Quantity(nanos: isNegative ? -magnitude : magnitude, format: suffix.format))
    }

    /// The digits as a whole number, times the suffix, in nanos.
    private static func amount(_ digits: [UInt8], fraction: Int, _ suffix: Suffix) -> Int128 {
        var value: Int128 = 0
        var dropped = 0
        for digit in digits {
            // More digits than any representable quantity has only matter by their number.
            if value > limit { dropped += 1 } else { value = value * 10 + Int128(digit) }
        }
        guard value > 0 else { return 0 }
        var exponent = 9 - fraction + dropped + suffix.decimalExponent
        // Binary factors first: they only make the number larger, so that nothing is lost before the rounding.
        for _ in 0..<suffix.binaryFactors {
            let (product, overflow) = value.multipliedReportingOverflow(by: 1024)
            if overflow { return limit }
            value = product
        }
        while exponent > 0 {
            if value > limit { return limit }
            value *= 10
            exponent -= 1
        }
        var isInexact = false
        while exponent < 0, value > 0 {
            if value % 10 != 0 { isInexact = true }
            value /= 10
            exponent += 1
        }
        return min(isInexact ? value + 1 : value, limit)
    }

    // MARK: Values

    package static func == (left: Quantity, right: Quantity) -> Bool { left.nanos == right.nanos }
    package static func < (left: Quantity, right: Quantity) -> Bool { left.nanos < right.nanos }
    package func hash(into hasher: inout Hasher) { hasher.combine(nanos) }

    package var isZero: Bool { nanos == 0 }

    /// The value in whole units, rounded up (away from zero).
    package var value: Int { Int(Self.roundedUp(nanos, Self.unit)) }
    /// The value in thousandths, rounded up; at the limits of `Int` it stays there.
    package var milliValue: Int {
        Int(clamping: Self.roundedUp(nanos, Self.unit / 1000))
    }
    package var isWhole: Bool { nanos % Self.unit == 0 }

    private static func roundedUp(_ value: Int128, _ unit: Int128) -> Int128 {
        let (quotient, rest) = value.quotientAndRemainder(dividingBy: unit)
        return rest == 0 ? quotient : quotient + (value < 0 ? -1 : 1)
    }

    /// The sum, in the format of the first that is not zero.
    package static func + (left: Quantity, right: Quantity) -> Quantity {
        Quantity(nanos: left.nanos + right.nanos, format: left.isZero ? right.format : left.format)
    }
    package static func - (left: Quantity, right: Quantity) -> Quantity {
        Quantity(nanos: left.nanos - right.nanos, format: left.isZero ? right.format : left.format)
    }
    package static func += (left: inout Quantity, right: Quantity) { left = left + right }
    package static func -= (left: inout Quantity, right: Quantity) { left = left - right }
    package static let zero = Quantity(0)

    // MARK: Text

    /// The canonical form, as Kubernetes stores it: no fraction, the largest suffix that fits.
    package var text: String {
        if nanos == 0 { return "0" }
        if format == .binary, abs(nanos) >= 1024 * Self.unit, isWhole { return binaryText }
        var value = nanos
        var exponent = -9
        while value % 1000 == 0, exponent < 18 {
            value /= 1000
            exponent += 3
        }
        if format == .exponent { return "\(value)" + (exponent == 0 ? "" : "e\(exponent)") }
        let suffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"]
        return "\(value)" + suffixes[exponent / 3 + 3]
    }

    private var binaryText: String {
        var value = nanos / Self.unit
        var power = 0
        while value % 1024 == 0, power < 6 {
            value /= 1024
            power += 1
        }
        return "\(value)" + ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"][power]
    }
}

extension Quantity {
    private struct Suffix {
        var format = Format.decimal
        var decimalExponent = 0
        var binaryFactors = 0

        init?(_ bytes: ArraySlice<UInt8>) {
            let text = String(decoding: bytes, as: UTF8.self)
            if let index = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"].firstIndex(of: text) {
                decimalExponent = (index - 3) * 3
            } else if let index = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].firstIndex(of: text) {
                format = .binary
                binaryFactors = index + 1
            } else if let first = bytes.first, first | 0x20 == UInt8(ascii: "e"),
                let exponent = Int(text.dropFirst()),
                abs(exponent) < 1000
            {
                format = .exponent
                decimalExponent = exponent
            } else {
                return nil
            }
        }
    }
}

extension Quantity: CustomStringConvertible {
    package var description: String { text }
}
