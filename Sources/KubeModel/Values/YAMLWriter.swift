/// Writes block style with lists not indented, in the order and with the quotes of `kubectl get -o yaml`.
struct YAMLWriter {
    private(set) var text = ""

    mutating func write(_ value: JSON) {
        switch value {
        case .object(let object) where !object.isEmpty: write(object, indent: 0, isOnLine: false)
        case .array(let elements) where !elements.isEmpty: write(elements, indent: 0, isOnLine: false)
        default:
            writeScalar(value, indent: 0)
            text += "\n"
        }
    }

    /// Members; with `isOnLine` the first of them continues the current line, behind a dash.
    private mutating func write(_ object: JSONObject, indent: Int, isOnLine: Bool) {
        let order = object.keys.indices.sorted { YAMLKeyOrder.isBefore(object.keys[$0], object.keys[$1]) }
        for (place, index) in order.enumerated() {
            if place > 0 || !isOnLine { space(indent) }
            text += YAMLText.quoted(object.keys[index])
            text += ":"
            write(member: object.values[index], indent: indent)
        }
    }

    private mutating func write(member value: JSON, indent: Int) {
        switch value {
        case .object(let object) where !object.isEmpty:
            text += "\n"
            write(object, indent: indent + 2, isOnLine: false)
        case .array(let elements) where !elements.isEmpty:
            text += "\n"
            write(elements, indent: indent, isOnLine: false)
        default:
            text += " "
            writeScalar(value, indent: indent)
            text += "\n"
        }
    }

    private mutating func write(_ elements: [JSON], indent: Int, isOnLine: Bool) {
        for (place, element) in elements.enumerated() {
            if place > 0 || !isOnLine { space(indent) }
            text += "- "
            switch element {
            case .object(let object) where !object.isEmpty: write(object, indent: indent + 2, isOnLine: true)
            case .array(let inner) where !inner.isEmpty: write(inner, indent: indent + 2, isOnLine: true)
            default:
                writeScalar(element, indent: indent)
                text += "\n"
            }
        }
    }

    private mutating func writeScalar(_ value: JSON, indent: Int) {
        switch value {
        case .string(let string):
            if YAMLText.isLiteral(string) {
                literal(string, indent: indent + 2)
            } else {
                text += YAMLText.quoted(string)
            }
        case .integer(let number): text += String(number)
        case .bool(let isTrue): text += isTrue ? "true" : "false"
        case .double(let number): text += NumberText.generalText(of: number)
        case .number(let literal): text += literal
        case .object: text += "{}"
        case .array: text += "[]"
        case .null: text += "null"
        }
    }

    /// A text of several lines behind `|`; the last line break is left to the caller.
    private mutating func literal(_ string: String, indent: Int) {
        text += "|"
        if string.utf8.first == 0x20 || string.utf8.first == 0x0A { text += "2" }
        var lines = string.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true {
            lines.removeLast()
            if lines.last?.isEmpty ?? true { text += "+" }
        } else {
            text += "-"
        }
        for line in lines {
            text += "\n"
            if !line.isEmpty {
                space(indent)
                text += line
            }
        }
    }

    private mutating func space(_ count: Int) {
        for _ in 0..<count { text += " " }
    }
}
