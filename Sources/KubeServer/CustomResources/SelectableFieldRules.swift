import KubeModel

/// Rules for the paths that field selectors may use.
enum SelectableFieldRules {
    private static let maximum = 8

    static func validate(_ fields: [JSON], schema: JSON?, _ path: FieldPath) -> [FieldError] {
        guard !fields.isEmpty else { return [] }
        var errors: [FieldError] = []
        var seen: Set<String> = []
        for (index, field) in fields.enumerated() {
            let place = path[index]["jsonPath"]
            let text = field["jsonPath"]?.string ?? ""
            guard !text.isEmpty else {
                errors.append(.required(place))
                continue
            }
            switch target(text, schema ?? [:]) {
            case .failure(let problem):
                errors.append(.invalid(place, .string(text), "is an invalid path: \(problem.text)"))
                continue
            case .success(let target):
                if text.hasPrefix(".metadata.") || text == ".metadata" {
                    errors.append(.invalid(place, .string(text), "must not point to fields in metadata"))
                }
                if !["string", "boolean", "integer"].contains(target["type"]?.string ?? "") {
                    errors.append(
                        .invalid(
                            place,
                            .string(text),
                            "must point to a field of type string, boolean or integer. Enum string fields and strings "
                                + "with formats are allowed."
                        )
                    )
                }
                if !seen.insert(text).inserted { errors.append(.duplicate(place, .string(text))) }
            }
        }
        if seen.count > maximum { errors.append(.tooMany(path, seen.count, maximum: maximum)) }
        return errors
    }

    private struct Problem: Error { var text: String }

    private static func target(_ text: String, _ schema: JSON) -> Result<JSON, Problem> {
        var current = schema
        var rest = text[...]
        while let first = rest.first {
            if first == "[" { return .failure(Problem(text: "array notation is not allowed")) }
            guard first == "." else {
                let token = rest.prefix { $0 != "." && $0 != "[" && $0 != "]" }
                return .failure(Problem(text: "expected [ or . but got: \(token.isEmpty ? "]" : token)"))
            }
            rest = rest.dropFirst()
            let name = rest.prefix { $0 != "." && $0 != "[" && $0 != "]" }
            if rest.isEmpty { return .failure(Problem(text: "unexpected end of JSON path")) }
            rest = rest.dropFirst(name.count)
            guard let next = current.at("properties", String(name)) else {
                return .failure(Problem(text: "does not refer to a valid field"))
            }
            current = next
        }
        return .success(current)
    }
}
