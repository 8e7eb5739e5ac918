/// The types of plain scalars, as the YAML reader of Kubernetes' tools resolves them (YAML 1.1 with octals of 1.2).
enum YAMLScalar {
    /// A scalar that is not of the type its tag says.
    struct Mismatch: Error {
        let message: String
    }

    /// Whether a plain scalar could be anything but a string; says `true` too often, never `false` wrongly.
    static func mayBeTyped(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = bytes.first else { return true }
        switch first {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            return true
        case UInt8(ascii: "y"), UInt8(ascii: "Y"), UInt8(ascii: "n"), UInt8(ascii: "N"), UInt8(ascii: "t"),
            UInt8(ascii: "T"), UInt8(ascii: "f"), UInt8(ascii: "F"), UInt8(ascii: "o"), UInt8(ascii: "O"),
            UInt8(ascii: "~"):
            return bytes.count <= 5
        default: return false
        }
    }

    /// The value of a scalar that is plain (`tag` is `nil`) or has a tag.
    static func value(of text: String, tag: String?) throws(Mismatch) -> JSON {
        switch tag.map(shortTag) {
        case nil, "!": return tag == "!" ? .string(text) : try json(resolve(text), text: text)
        case "!!str": return .string(text)
        case "!!binary":
            guard let bytes = base64(text) else {
                throw Mismatch(message: "!!binary value contains invalid base64 data")
            }
            return .string(String(decoding: bytes, as: UTF8.self))
        case "!!float":
            switch resolve(text) {
            case .integer(let value): return .integer(value)
            case .float(let value): return try json(.float(value), text: text)
            default: throw Mismatch(message: "cannot decode `\(text)` as a !!float")
            }
        case "!!int":
            guard case .integer(let value) = resolve(text) else {
                throw Mismatch(message: "cannot decode `\(text)` as a !!int")
            }
            return .integer(value)
        case "!!bool":
            guard case .bool(let value) = resolve(text) else {
                throw Mismatch(message: "cannot decode `\(text)` as a !!bool")
            }
            return .bool(value)
        case "!!null":
            guard resolve(text) == .null else {
                throw Mismatch(message: "cannot decode `\(text)` as a !!null")
            }
            return .null
        default: return .string(text)
        }
    }

    enum Resolved: Equatable {
        case null
        case bool(Bool)
        case integer(Int64)
        case float(Double)
        case timestamp
        case mergeKey
        case string
    }

    /// What a plain scalar is.
    static func resolve(_ text: String) -> Resolved {
        if let word = words[text] { return word }
        guard let first = text.utf8.first else { return .null }
        switch first {
        case UInt8(ascii: "."):
            return isFloat(text.utf8) ? Double(text).map(Resolved.float) ?? .string : .string
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"): return number(text)
        default: return .string
        }
    }

    private static let words: [String: Resolved] = {
        var words: [String: Resolved] = ["": .null, "~": .null, "<<": .mergeKey]
        for word in ["null", "Null", "NULL"] { words[word] = .null }
        for word in ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"] {
            words[word] = .bool(true)
        }
        for word in ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"] {
            words[word] = .bool(false)
        }
        for word in [".nan", ".NaN", ".NAN"] { words[word] = .float(.nan) }
        for word in [".inf", ".Inf", ".INF"] {
            words[word] = .float(.infinity)
            words["+" + word] = .float(.infinity)
            words["-" + word] = .float(-.infinity)
        }
        return words
    }()

    private static func json(_ resolved: Resolved, text: String) throws(Mismatch) -> JSON {
        switch resolved {
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .integer(let value): return .integer(value)
        case .float(let value):
            guard value.isFinite else { throw Mismatch(message: "json: unsupported value: \(value)") }
            // By way of JSON text, as there: 3.0 becomes the integer 3.
            return NumberText.value(of: NumberText.text(of: value), spelling: .values)
        case .timestamp, .mergeKey, .string: return .string(text)
        }
    }

    private static func shortTag(_ tag: String) -> String {
        let prefix = "tag:yaml.org,2002:"
        return tag.hasPrefix(prefix) ? "!!" + tag.dropFirst(prefix.count) : tag
    }
}

// MARK: - Numbers and dates

extension YAMLScalar {
    private static func number(_ text: String) -> Resolved {
        if isTimestamp(text) { return .timestamp }
        let plain = text.utf8.contains(UInt8(ascii: "_")) ? String(text.filter { $0 != "_" }) : text
        if let value = integer(plain) { return value }
        guard isFloat(plain.utf8), let value = Double(plain), value.isFinite else { return .string }
        return .float(value)
    }

    /// Decimal, `0x`, `0o`, `0b` and octal with a leading zero, with a sign or without.
    private static func integer(_ text: String) -> Resolved? {
        var digits = Substring(text)
        var isNegative = false
        if let sign = digits.first, sign == "-" || sign == "+" {
            isNegative = sign == "-"
            digits = digits.dropFirst()
        }
        guard let first = digits.utf8.first, first >= UInt8(ascii: "0"), first <= UInt8(ascii: "9") else {
            return nil
        }
        var radix = 10
        if first == UInt8(ascii: "0"), digits.utf8.count > 1 {
            switch digits.dropFirst().first {
            case "x", "X": radix = 16
            case "o", "O": radix = 8
            case "b", "B": radix = 2
            default: radix = 0
            }
            digits = digits.dropFirst(radix == 0 ? 1 : 2)
            if radix == 0 { radix = 8 }
        }
        guard let start = digits.first, start != "+", start != "-",
            let magnitude = UInt64(digits, radix: radix)
        else { return nil }
        if isNegative {
            guard magnitude <= UInt64(Int64.max) + 1 else { return nil }
            return .integer(magnitude > UInt64(Int64.max) ? .min : -Int64(magnitude))
        }
        guard magnitude <= UInt64(Int64.max) else { return .float(Double(magnitude)) }
        return .integer(Int64(magnitude))
    }

    /// For example `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`.
    private static func isFloat(_ text: String.UTF8View) -> Bool {
        var rest = text[...]
        func skipDigits() -> Int {
            let digits = rest.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }.count
            rest = rest.dropFirst(digits)
            return digits
        }
        func skipSign() {
            if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        }
        skipSign()
        let whole = skipDigits()
        var fraction = 0
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            fraction = skipDigits()
        }
        guard whole > 0 || fraction > 0 else { return false }
        if let byte = rest.first, byte | 0x20 == UInt8(ascii: "e") {
            rest = rest.dropFirst()
            skipSign()
            guard skipDigits() > 0 else { return false }
        }
        return rest.isEmpty
    }

    /// `12:30:45`, a number to base 60 in YAML 1.1: read as a string here, but written with quotes.
    static func isBase60(_ text: String) -> Bool {
        var parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count > 1 else { return false }
        var first = parts.removeFirst()
        if let sign = first.first, sign == "-" || sign == "+" { first = first.dropFirst() }
        guard let digit = first.first, digit.isASCII, digit.isNumber,
            first.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == "_") })
        else { return false }
        if let last = parts.last, let point = last.firstIndex(of: ".") {
            guard last[point...].dropFirst().allSatisfy({ $0.isASCII && ($0.isNumber || $0 == "_") }) else {
                return false
            }
            parts[parts.count - 1] = last[..<point]
        }
        return parts.allSatisfy { part in
            part.count <= 2 && part.allSatisfy(\.isASCII) && UInt8(part).map { $0 < 60 } ?? false
        }
    }

    /// `2006-1-2`, alone or followed by a time of day.
    static func isTimestamp(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count >= 8, bytes[4] == UInt8(ascii: "-"), isDigits(bytes[..<4]) else { return false }
        let dateEnd = bytes[5...].firstIndex { !($0 == UInt8(ascii: "-") || isDigit($0)) } ?? bytes.count
        let date = bytes[5..<dateEnd].split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard date.count == 2, let month = smallNumber(date[0]), let day = smallNumber(date[1]),
            (1...12).contains(month), (1...31).contains(day)
        else { return false }
        guard dateEnd < bytes.count else { return true }
        let separator = bytes[dateEnd]
        guard separator | 0x20 == UInt8(ascii: "t") || separator == UInt8(ascii: " ") else { return false }
        var time = bytes[(dateEnd + 1)...]
        if separator != UInt8(ascii: " ") {
            guard
                let zone = time.firstIndex(where: {
                    $0 == UInt8(ascii: "Z") || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-")
                })
            else { return false }
            guard bytes[zone] == UInt8(ascii: "Z") ? zone == bytes.count - 1 : isOffset(bytes[(zone + 1)...])
            else {
                return false
            }
            time = time[..<zone]
        }
        let parts = time.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 3, let hour = smallNumber(parts[0]), let minute = smallNumber(parts[1]) else {
            return false
        }
        let seconds = parts[2].split(
            separator: UInt8(ascii: "."),
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        guard let second = smallNumber(seconds[0]), hour < 24, minute < 60, second < 60 else { return false }
        return seconds.count == 1 || isDigits(seconds[1])
    }

    private static func isOffset(_ bytes: ArraySlice<UInt8>) -> Bool {
        let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { $0.count == 2 && isDigits($0) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
    private static func isDigits(_ bytes: ArraySlice<UInt8>) -> Bool {
        !bytes.isEmpty && bytes.allSatisfy(isDigit)
    }

    /// A number of one or two digits.
    private static func smallNumber(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.count <= 2, isDigits(bytes) else { return nil }
        return bytes.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    private static func base64(_ text: String) -> [UInt8]? { Base64.decoded(text.utf8.filter { $0 > 0x20 }) }
}
