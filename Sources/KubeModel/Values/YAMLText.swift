/// Which quotes a string needs in YAML.
enum YAMLText {
    /// Whether a string is written behind `|`: several lines, and nothing in them that such a text cannot hold.
    static func isLiteral(_ string: String) -> Bool {
        guard string.utf8.contains(0x0A) else { return false }
        var last: Unicode.Scalar = "\n"
        for scalar in string.unicodeScalars {
            if scalar == "\n" {
                if last == " " { return false }
            } else if !isPrintable(scalar) {
                return false
            }
            last = scalar
        }
        return last != " "
    }

    /// A string on one line: plain if it reads back as the same string, else in quotes.
    static func quoted(_ string: String) -> String {
        guard string.unicodeScalars.allSatisfy(isPrintable), !string.isEmpty else {
            return doubleQuoted(string)
        }
        guard YAMLScalar.resolve(string) == .string, !YAMLScalar.isBase60(string) else {
            return doubleQuoted(string)
        }
        if isPlain(string) { return string }
        return "'" + string.replacing("'", with: "''") + "'"
    }

    /// Whether a printable string that is no other type needs no quotes in block style.
    private static func isPlain(_ string: String) -> Bool {
        let bytes = Array(string.utf8)
        guard let first = bytes.first, first != 0x20, bytes.last != 0x20 else { return false }
        if string.hasPrefix("---") || string.hasPrefix("...") { return false }
        switch first {
        case UInt8(ascii: "#"), UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"),
            UInt8(ascii: "}"), UInt8(ascii: "&"), UInt8(ascii: "*"), UInt8(ascii: "!"), UInt8(ascii: "|"),
            UInt8(ascii: ">"), UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "%"), UInt8(ascii: "@"),
            UInt8(ascii: "`"):
            return false
        case UInt8(ascii: "-"), UInt8(ascii: "?"):
            if bytes.count == 1 || bytes[1] == 0x20 { return false }
        default: break
        }
        for (index, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: ":"), index + 1 == bytes.count || bytes[index + 1] == 0x20 {
                return false
            }
            if byte == UInt8(ascii: "#"), index > 0, bytes[index - 1] == 0x20 { return false }
        }
        return true
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E, 0xA0...0x2027, 0x202F...0x2065, 0x206A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD:
            true
        default: false
        }
    }

    private static func doubleQuoted(_ string: String) -> String {
        var result = "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\0": result += "\\0"
            case "\u{7}": result += "\\a"
            case "\u{8}": result += "\\b"
            case "\t": result += "\\t"
            case "\n": result += "\\n"
            case "\u{B}": result += "\\v"
            case "\u{C}": result += "\\f"
            case "\r": result += "\\r"
            case "\u{1B}": result += "\\e"
            case "\u{85}": result += "\\N"
            case "\u{2028}": result += "\\L"
            case "\u{2029}": result += "\\P"
            case "\u{FEFF}": result += "\\uFEFF"
            case _ where isPrintable(scalar): result.unicodeScalars.append(scalar)
            default: result += escape(scalar.value)
            }
        }
        return result + "\""
    }

    private static func escape(_ value: UInt32) -> String {
        let (letter, width) = value < 0x100 ? ("x", 2) : value < 0x10000 ? ("u", 4) : ("U", 8)
        let digits = String(value, radix: 16, uppercase: true)
        return "\\" + letter + String(repeating: "0", count: width - digits.count) + digits
    }
}
