/// Text as it may be written to a terminal: what would move its cursor, change its colours or turn its direction is spelt.
///
/// Values come from repositories and clusters, which may be a stranger's. Only what ``Style`` paints is left to work.
enum Shown {
    /// Stands for the escape of our own colours until a line is written; nobody else can know it.
    static let mark = "\u{E000}" + String(UInt64.random(in: .min ... .max), radix: 36) + "\u{E001}"

    enum LineBreaks: Sendable {
        /// They are the text's own.
        case kept
        /// It is one line: a break in it is a value's.
        case shown
    }

    /// Every line of a text, in the colours that it was painted in.
    static func text(_ text: String, _ breaks: LineBreaks = .kept) -> String {
        guard text.unicodeScalars.contains(where: { isActive($0) || $0.value == 0xE000 }) else { return text }
        var result = ""
        var rest = Array(text.utf8)[...]
        while let found = rest.firstRange(of: Array(mark.utf8)) {
            result += spelt(String(decoding: rest[..<found.lowerBound], as: UTF8.self), breaks) + "\u{1B}"
            rest = rest[found.upperBound...]
        }
        return result + spelt(String(decoding: rest, as: UTF8.self), breaks)
    }

    /// A value, on one line.
    static func line(_ text: String) -> String { Self.text(text, .shown) }

    /// JSON that says the same: in it such characters are in texts only.
    static func json(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { isActive($0) && $0 != "\n" }) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if isActive(scalar), scalar != "\n" {
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func spelt(_ text: String, _ breaks: LineBreaks) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n" where breaks == .shown: result += "⏎"
            case "\n": result += "\n"
            case _ where isActive(scalar): result += "\\u{" + String(scalar.value, radix: 16) + "}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Controls, line breaks among them, and what turns the direction of writing.
    private static func isActive(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x09, 0x0A..<0x20, 0x7F...0x9F, 0x61C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
