/// How numbers are spelled, as Go's `encoding/json` spells them.
package enum NumberText {
    /// The value of a JSON number literal that is not a short integer.
    static func value(of literal: String, spelling: JSON.NumberSpelling) -> JSON {
        let isWhole = !literal.utf8.contains { $0 == UInt8(ascii: ".") || $0 | 0x20 == UInt8(ascii: "e") }
        if isWhole, let value = Int64(literal) { return .integer(value) }
        guard let value = Double(literal), value.isFinite else { return .number(literal) }
        let isExact = !isWhole || text(of: value) == literal
        if spelling == .kept, text(of: value) != literal { return .number(literal) }
        return isExact ? .double(value) : .number(literal)
    }

    /// The shortest text that reads back as the same value: plain, or with an exponent below 1e-6 and from 1e21 on.
    package static func text(of value: Double) -> String {
        guard value.isFinite else { return "null" }
        if value == 0 { return value.sign == .minus ? "-0" : "0" }
        let parts = decimal(abs(value))
        let sign = value < 0 ? "-" : ""
        if parts.exponent < -6 || parts.exponent > 20 { return sign + scientific(parts, padsExponent: false) }
        return sign + plain(parts)
    }

    /// The text that Go's `%g` with the shortest precision gives, as YAML writers use it.
    static func generalText(of value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? ".nan" : value < 0 ? "-.inf" : ".inf" }
        if value == 0 { return value.sign == .minus ? "-0" : "0" }
        let parts = decimal(abs(value))
        let sign = value < 0 ? "-" : ""
        let limit = max(parts.digits.count, 21)
        if parts.exponent < -4 || parts.exponent >= limit {
            return sign + scientific(parts, padsExponent: true)
        }
        return sign + plain(parts)
    }

    /// Digits `d₀d₁d₂…` and the exponent of `d₀.d₁d₂… × 10ⁿ`.
    private typealias Decimal = (digits: [UInt8], exponent: Int)

    private static func decimal(_ value: Double) -> Decimal {
        var digits: [UInt8] = []
        var exponent = 0
        var point: Int?
        let text = Array(value.description.utf8)
        var index = 0
        while index < text.count {
            let byte = text[index]
            if byte == UInt8(ascii: "e") {
                exponent = Int(String(decoding: text[(index + 1)...], as: UTF8.self)) ?? 0
                break
            }
            if byte == UInt8(ascii: ".") { point = digits.count } else { digits.append(byte) }
            index += 1
        }
        exponent += (point ?? digits.count) - 1
        let leading = digits.prefix { $0 == UInt8(ascii: "0") }.count
        digits.removeFirst(leading)
        exponent -= leading
        while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
        return (digits, exponent)
    }

    private static func plain(_ parts: Decimal) -> String {
        let zero = UInt8(ascii: "0")
        var bytes: [UInt8] = []
        if parts.exponent < 0 {
            bytes =
                [zero, UInt8(ascii: ".")] + [UInt8](repeating: zero, count: -parts.exponent - 1)
                + parts.digits
        } else {
            let whole = parts.exponent + 1
            bytes += parts.digits.prefix(whole)
            bytes += [UInt8](repeating: zero, count: max(0, whole - parts.digits.count))
            if parts.digits.count > whole { bytes += [UInt8(ascii: ".")] + parts.digits.dropFirst(whole) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func scientific(_ parts: Decimal, padsExponent: Bool) -> String {
        var bytes = [parts.digits[0]]
        if parts.digits.count > 1 { bytes += [UInt8(ascii: ".")] + parts.digits.dropFirst() }
        let magnitude = abs(parts.exponent)
        let padding = padsExponent && magnitude < 10 ? "0" : ""
        return String(decoding: bytes, as: UTF8.self) + (parts.exponent < 0 ? "e-" : "e+") + padding
            + String(magnitude)
    }
}
