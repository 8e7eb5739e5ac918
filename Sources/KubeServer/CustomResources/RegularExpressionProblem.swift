import Foundation

/// What is wrong with a regular expression, in Go's words.
enum RegularExpressionProblem {
    /// `nil` for one that can be used.
    static func first(in pattern: String) -> String? {
        var depth = 0
        var rest = pattern[...]
        var canRepeat = false
        while let character = rest.first {
            switch character {
            case "\\":
                if rest.dropFirst().isEmpty { return "trailing backslash at end of expression: ``" }
                rest = rest.dropFirst()
                canRepeat = true
            case "[":
                guard let end = classEnd(rest) else { return "missing closing ]: `\(rest)`" }
                rest = rest[end...]
                canRepeat = true
            case "(":
                for look in ["(?=", "(?!", "(?<=", "(?<!", "(?>"] where rest.hasPrefix(look) {
                    return "invalid or unsupported Perl syntax: `\(look.prefix(3))`"
                }
                depth += 1
                canRepeat = false
            case ")":
                depth -= 1
                if depth < 0 { return "unexpected ): `\(pattern)`" }
                canRepeat = true
            case "*", "+", "?":
                if !canRepeat, !rest.hasPrefix("?") || !pattern[..<rest.startIndex].hasSuffix("(") {
                    return "missing argument to repetition operator: `\(character)`"
                }
            case "|": canRepeat = false
            default: canRepeat = true
            }
            rest = rest.dropFirst()
        }
        if depth > 0 { return "missing closing ): `\(pattern)`" }
        do {
            _ = try NSRegularExpression(pattern: pattern)
            return nil
        } catch {
            return "invalid escape sequence: `\(pattern)`"
        }
    }

    private static func classEnd(_ text: Substring) -> Substring.Index? {
        var index = text.index(after: text.startIndex)
        if index < text.endIndex, text[index] == "^" { index = text.index(after: index) }
        var isFirst = true
        while index < text.endIndex {
            switch text[index] {
            case "]" where !isFirst: return index
            case "\\": index = text.index(index, offsetBy: 2, limitedBy: text.endIndex) ?? text.endIndex
            case "[" where text[index...].hasPrefix("[:"):
                guard let end = text[index...].range(of: ":]") else { return nil }
                index = end.upperBound
            default: index = text.index(after: index)
            }
            isFirst = false
        }
        return nil
    }
}
