/// Texts as Go's formatter prints them, for messages that must be Kubernetes' own.
package enum GoText {
    /// `%q`.
    package static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{7}": result += "\\a"
            case "\u{8}": result += "\\b"
            case "\u{B}": result += "\\v"
            case "\u{C}": result += "\\f"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F: result += "\\x" + hex(scalar.value, 2)
            case _ where scalar.value >= 0x80 && !isPrintable(scalar):
                result += scalar.value < 0x10000 ? "\\u" + hex(scalar.value, 4) : "\\U" + hex(scalar.value, 8)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// `%v` of a value as Go holds JSON: `map[a:1 b:[x y]]`.
    package static func value(_ json: JSON) -> String {
        switch json {
        case .null: "<nil>"
        case .bool(let isTrue): isTrue ? "true" : "false"
        case .integer(let number): String(number)
        case .double(let number): NumberText.generalText(of: number)
        case .number(let literal): literal
        case .string(let text): text
        case .array(let elements): "[" + elements.map(value).joined(separator: " ") + "]"
        case .object(let object): "map[" + object.map { "\($0):\(value($1))" }.joined(separator: " ") + "]"
        }
    }

    /// `%T` of a value as Go holds JSON.
    package static func type(_ json: JSON) -> String {
        switch json {
        case .null: "<nil>"
        case .bool: "bool"
        case .integer: "int64"
        case .double, .number: "float64"
        case .string: "string"
        case .array: "[]interface {}"
        case .object: "map[string]interface {}"
        }
    }

    /// `%#v` of a scalar as Go holds JSON.
    package static func literal(_ json: JSON) -> String {
        switch json {
        case .string(let text): quoted(text)
        case .null: "interface {}(nil)"
        case .array(let elements): "[]interface {}{" + elements.map(literal).joined(separator: ", ") + "}"
        case .object(let object):
            "map[string]interface {}{" + object.map { "\(quoted($0)):\(literal($1))" }.joined(separator: ", ")
                + "}"
        default: value(json)
        }
    }

    private static func hex(_ value: UInt32, _ width: Int) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            false
        default: true
        }
    }
}
