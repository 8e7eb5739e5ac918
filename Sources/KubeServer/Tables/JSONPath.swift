import KubeModel

/// The simple JSON paths of printer columns: `.a.b`, `['key']`, `[0]`, `[*]`, `[?(@.type=="Ready")]`.
struct JSONPath: Sendable {
    private enum Step: Sendable {
        case key(String)
        case index(Int)
        case all
        case filter(path: [String], value: JSON, isEqual: Bool)
    }

    private var steps: [Step] = []

    /// `nil` for a path that is not understood.
    init?(_ text: String) {
        var rest = Substring(text)
        if rest.first == "{", rest.last == "}" { rest = rest.dropFirst().dropLast() }
        if rest.first == "$" { rest = rest.dropFirst() }
        while let first = rest.first {
            switch first {
            case ".":
                rest = rest.dropFirst()
                guard let key = Self.key(&rest) else { continue }
                steps.append(key == "*" ? .all : .key(key))
            case "[":
                guard let step = Self.bracket(&rest) else { return nil }
                steps.append(step)
            default:
                guard let key = Self.key(&rest) else { return nil }
                steps.append(.key(key))
            }
        }
    }

    /// Up to the next dot or bracket that is not escaped.
    private static func key(_ rest: inout Substring) -> String? {
        var key = ""
        while let character = rest.first, character != ".", character != "[" {
            rest = rest.dropFirst()
            if character == "\\", let next = rest.first {
                key.append(next)
                rest = rest.dropFirst()
            } else {
                key.append(character)
            }
        }
        return key.isEmpty ? nil : key
    }

    private static func bracket(_ rest: inout Substring) -> Step? {
        var content = ""
        var quote: Character?
        var depth = 0
        for (offset, character) in rest.enumerated() {
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "'" || character == "\"" {
                quote = character
            } else if character == "[" {
                depth += 1
                if depth == 1 { continue }
            } else if character == "]" {
                depth -= 1
                if depth == 0 {
                    rest = rest.dropFirst(offset + 1)
                    return step(content.trimmed)
                }
            }
            content.append(character)
        }
        return nil
    }

    private static func step(_ content: String) -> Step? {
        if content == "*" { return .all }
        if let index = Int(content) { return .index(index) }
        if let first = content.first, first == "'" || first == "\"", content.last == first {
            return .key(String(content.dropFirst().dropLast()))
        }
        guard content.hasPrefix("?("), content.hasSuffix(")") else { return nil }
        let condition = content.dropFirst(2).dropLast()
        for (sign, isEqual) in [("==", true), ("!=", false)] {
            guard let place = condition.firstIndex(of: sign.first ?? "="), condition[place...].hasPrefix(sign)
            else { continue }
            let left = String(condition[..<place]).trimmed
            let right = String(condition[condition.index(place, offsetBy: 2)...]).trimmed
            guard left.hasPrefix("@.") else { return nil }
            let path = left.dropFirst(2).split(separator: ".").map(String.init)
            return .filter(path: path, value: literal(right), isEqual: isEqual)
        }
        return nil
    }

    private static func literal(_ text: String) -> JSON {
        if let first = text.first, first == "'" || first == "\"", text.last == first {
            return .string(String(text.dropFirst().dropLast()))
        }
        // What is no JSON value is compared as a text.
        return (try? JSON.parse(text)) ?? .string(text)
    }

    /// The first value at the path.
    func first(in value: JSON) -> JSON? {
        var values = [value]
        for step in steps {
            values = values.flatMap { Self.apply(step, to: $0) }
            if values.isEmpty { return nil }
        }
        return values.first
    }

    private static func apply(_ step: Step, to value: JSON) -> [JSON] {
        switch step {
        case .key(let key): value[key].map { [$0] } ?? []
        case .index(let index):
            value[index < 0 ? (value.array?.count ?? 0) + index : index].map { [$0] } ?? []
        case .all: value.array ?? value.object.map { Array($0.values) } ?? []
        case .filter(let path, let wanted, let isEqual):
            (value.array ?? []).filter { ($0.at(path) == wanted) == isEqual }
        }
    }
}
