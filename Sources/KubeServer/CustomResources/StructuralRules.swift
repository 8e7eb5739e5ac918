import KubeModel

/// Whether a schema is structural: every value has a type outside of the logical keywords, and nothing contradicts
/// itself.
enum StructuralRules {
    private enum Level { case root, item, field }

    /// In the order of their texts, as Kubernetes answers them.
    static func validate(_ schema: JSON, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        invariants(schema, .root, path, &errors)
        completeness(schema, path, &errors)
        return errors.sorted { $0.description < $1.description }
    }

    /// Whether a keyword is there, other than with the value that it has when it is not.
    private static func has(_ schema: JSON, _ key: String) -> Bool {
        guard let value = schema[key] else { return false }
        return !value.isNull && value != false && value != "" && value != []
    }

    private static let intOrString: JSON = [["type": "integer"], ["type": "string"]]

    // MARK: Invariants

    private static func invariants(
        _ schema: JSON,
        _ level: Level,
        _ path: FieldPath,
        _ errors: inout [FieldError]
    ) {
        if schema["type"] == "array", schema.lacks("items") {
            errors.append(.required(path["items"], "must be specified"))
        }
        if case .object? = schema["items"] {
            invariants(schema["items"] ?? [:], .item, path["items"], &errors)
        }
        for (name, property) in schema["properties"]?.object ?? [:] {
            invariants(property, .field, path["properties"].key(name), &errors)
        }
        if let additional = schema["additionalProperties"], !additional.isNull {
            if level == .root {
                errors.append(.forbidden(path["additionalProperties"], "must not be used at the root"))
            }
            if case .object = additional {
                invariants(additional, .field, path["additionalProperties"], &errors)
            }
        }
        extensions(schema, path, &errors)
        let skipsAnyOf = schema["anyOf"] == intOrString
        let skipsFirst = schema.elements(of: "allOf").first?["anyOf"] == intOrString
        values(schema, skipsAnyOf: skipsAnyOf, skipsFirst: skipsFirst, path, &errors)
        type(schema, level, path, &errors)
        metadata(schema, level, path, &errors)
    }

    private static func extensions(_ schema: JSON, _ path: FieldPath, _ errors: inout [FieldError]) {
        guard has(schema, "x-kubernetes-int-or-string") else { return }
        for key in ["x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"]
        where has(schema, key) {
            errors.append(.invalid(path[key], true, "must be false if x-kubernetes-int-or-string is true"))
        }
    }

    private static func type(
        _ schema: JSON,
        _ level: Level,
        _ path: FieldPath,
        _ errors: inout [FieldError]
    ) {
        let type = schema["type"]?.string ?? ""
        let isEmbedded = has(schema, "x-kubernetes-embedded-resource")
        let isFree =
            has(schema, "x-kubernetes-int-or-string") || has(schema, "x-kubernetes-preserve-unknown-fields")
        if isEmbedded, type != "object" {
            let detail = "must be object if x-kubernetes-embedded-resource is true"
            errors.append(
                type.isEmpty
                    ? .required(path["type"], detail) : .invalid(path["type"], .string(type), detail)
            )
        } else if type.isEmpty, !isFree {
            let place =
                switch level {
                case .root: "at the root"
                case .item: "for specified array items"
                case .field: "for specified object fields"
                }
            errors.append(.required(path["type"], "must not be empty \(place)"))
        }
        if isEmbedded, !schema.lacks("additionalProperties") {
            errors.append(
                .forbidden(
                    path["additionalProperties"],
                    "must not be used if x-kubernetes-embedded-resource is set"
                )
            )
        }
        if level == .root, !type.isEmpty, type != "object" {
            errors.append(.invalid(path["type"], .string(type), "must be object at the root"))
        }
        if isEmbedded, !isFree, (schema["properties"]?.object ?? [:]).isEmpty {
            errors.append(
                .required(
                    path["properties"],
                    "must not be empty if x-kubernetes-embedded-resource is true without "
                        + "x-kubernetes-preserve-unknown-fields"
                )
            )
        }
    }

    private static func metadata(
        _ schema: JSON,
        _ level: Level,
        _ path: FieldPath,
        _ errors: inout [FieldError]
    ) {
        let isResource = level == .root || has(schema, "x-kubernetes-embedded-resource")
        guard isResource else { return }
        for key in ["kind", "apiVersion"] {
            guard let property = schema.at("properties", key), property["type"] != "string" else { continue }
            let place = path["properties"].key(key)["type"]
            errors.append(.invalid(place, property["type"] ?? "", "must be string"))
        }
        guard let metadata = schema.at("properties", "metadata") else { return }
        let place = path["properties"].key("metadata")
        if metadata["type"] != "object" {
            errors.append(.invalid(place["type"], metadata["type"] ?? "", "must be object"))
        }
        guard level == .root else { return }
        let names = Set((metadata["properties"]?.object ?? [:]).keys)
        // What only checks values may be there, too.
        let others = Set((metadata.object ?? [:]).keys).subtracting([
            "type", "properties", "default", "required",
        ])
        if !names.isSubset(of: ["name", "generateName"]) || others.contains(where: { generic.contains($0) }) {
            errors.append(
                .forbidden(
                    place,
                    "must not specify anything other than name and generateName, but metadata is implicitly specified"
                )
            )
        }
    }

    private static let generic: Set<String> = [
        "description", "title", "nullable", "additionalProperties", "items",
        "x-kubernetes-preserve-unknown-fields",
        "x-kubernetes-embedded-resource", "x-kubernetes-int-or-string", "x-kubernetes-list-type",
        "x-kubernetes-list-map-keys", "x-kubernetes-map-type", "x-kubernetes-validations",
    ]

    // MARK: Logical keywords

    private static func values(
        _ schema: JSON,
        skipsAnyOf: Bool,
        skipsFirst: Bool,
        _ path: FieldPath,
        _ errors: inout [FieldError]
    ) {
        if !skipsAnyOf {
            for (index, branch) in schema.elements(of: "anyOf").enumerated() {
                nested(branch, skipsAnyOf: false, path["anyOf"][index], &errors)
            }
        }
        for (index, branch) in schema.elements(of: "allOf").enumerated() {
            nested(branch, skipsAnyOf: skipsFirst && index == 0, path["allOf"][index], &errors)
        }
        for (index, branch) in schema.elements(of: "oneOf").enumerated() {
            nested(branch, skipsAnyOf: false, path["oneOf"][index], &errors)
        }
        if let branch = schema["not"], !branch.isNull {
            nested(branch, skipsAnyOf: false, path["not"], &errors)
        }
        if let pattern = schema["pattern"]?.string, !pattern.isEmpty,
            let problem = RegularExpressionProblem.first(in: pattern)
        {
            errors.append(
                .invalid(
                    path["pattern"],
                    .string(pattern),
                    "must be a valid regular expression, but isn't: error parsing regexp: \(problem)"
                )
            )
        }
    }

    private static let forbidden: [(key: String, detail: String)] = [
        ("type", "must be empty to be structural"),
        ("additionalProperties", "must be undefined to be structural"),
        ("default", "must be undefined to be structural"), ("title", "must be empty to be structural"),
        ("description", "must be empty to be structural"), ("nullable", "must be false to be structural"),
        ("x-kubernetes-preserve-unknown-fields", "must be false to be structural"),
        ("x-kubernetes-embedded-resource", "must be false to be structural"),
        ("x-kubernetes-int-or-string", "must be false to be structural"),
        ("x-kubernetes-list-map-keys", "must be empty to be structural"),
        ("x-kubernetes-list-type", "must be undefined to be structural"),
        ("x-kubernetes-map-type", "must be undefined to be structural"),
        ("x-kubernetes-validations", "must be empty to be structural"),
    ]

    private static func nested(
        _ schema: JSON,
        skipsAnyOf: Bool,
        _ path: FieldPath,
        _ errors: inout [FieldError]
    ) {
        values(schema, skipsAnyOf: skipsAnyOf, skipsFirst: false, path, &errors)
        if case .object? = schema["items"] {
            nested(schema["items"] ?? [:], skipsAnyOf: false, path["items"], &errors)
        }
        for (name, property) in schema["properties"]?.object ?? [:] {
            nested(property, skipsAnyOf: false, path["properties"].key(name), &errors)
        }
        for (key, detail) in forbidden {
            let isThere =
                key == "default" || key == "additionalProperties" ? !schema.lacks(key) : has(schema, key)
            if isThere { errors.append(.forbidden(path[key], detail)) }
        }
        if schema.at("properties", "metadata") != nil {
            errors.append(
                .forbidden(
                    path["properties"].key("metadata"),
                    "must not be specified in a nested context"
                )
            )
        }
    }

    // MARK: Completeness

    /// Kubernetes asks this of the logical keywords at the root only.
    private static func completeness(_ schema: JSON, _ path: FieldPath, _ errors: inout [FieldError]) {
        branches(schema, of: schema, path, path, &errors)
    }

    /// What the logical keywords speak of must be there outside of them.
    private static func branches(
        _ values: JSON,
        of schema: JSON,
        _ path: FieldPath,
        _ place: FieldPath,
        _ errors: inout [FieldError]
    ) {
        if let branch = values["not"], !branch.isNull {
            complete(branch, schema, path, place["not"], &errors)
        }
        for key in ["allOf", "anyOf", "oneOf"] {
            for (index, branch) in values.elements(of: key).enumerated() {
                complete(branch, schema, path, place[key][index], &errors)
            }
        }
    }

    private static func complete(
        _ values: JSON,
        _ schema: JSON,
        _ path: FieldPath,
        _ place: FieldPath,
        _ errors: inout [FieldError]
    ) {
        branches(values, of: schema, path, place, &errors)
        if let items = values["items"], case .object = items {
            if let known = schema["items"], case .object = known {
                complete(items, known, path["items"], place["items"], &errors)
            } else {
                errors.append(.required(path["items"], "because it is defined in \(place["items"])"))
            }
        }
        for (name, property) in values["properties"]?.object ?? [:] {
            let inner = path["properties"].key(name)
            let innerPlace = place["properties"].key(name)
            if let known = schema.at("properties", name) {
                complete(property, known, inner, innerPlace, &errors)
            } else {
                errors.append(.required(inner, "because it is defined in \(innerPlace)"))
            }
        }
    }
}
