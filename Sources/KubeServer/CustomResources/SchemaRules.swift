import KubeModel

/// Rules for the keywords of a schema, wherever they stand.
enum SchemaRules {
    /// What is known of the place of a schema.
    struct Context {
        var isRoot = true
        /// Why there may be no default here.
        var noDefaults: String?
        /// Whether it is below a resource's `metadata`.
        var isInMetadata = false
    }

    static func validate(_ schema: JSON, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        node(schema, path, Context(), &errors)
        return errors
    }

    private static let types = ["array", "boolean", "integer", "number", "object", "string"]
    private static let resourceFields: Set<String> = ["metadata", "kind", "apiVersion"]

    private static func node(
        _ schema: JSON,
        _ path: FieldPath,
        _ context: Context,
        _ errors: inout [FieldError]
    ) {
        keywords(schema, path, context, &errors)
        if schema["uniqueItems"]?.bool == true {
            errors.append(
                .forbidden(
                    path["uniqueItems"],
                    "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"
                )
            )
        }
        children(schema, path, context, &errors)
        if schema["x-kubernetes-preserve-unknown-fields"] == false {
            errors.append(
                .invalid(
                    path["x-kubernetes-preserve-unknown-fields"],
                    false,
                    "must be true or undefined"
                )
            )
        }
        mapType(schema, path, &errors)
        ListRules.validate(schema, path, &errors)
        rules(schema, path, &errors)
    }

    private static func keywords(
        _ schema: JSON,
        _ path: FieldPath,
        _ context: Context,
        _ errors: inout [FieldError]
    ) {
        let type = schema["type"]?.string ?? ""
        if !type.isEmpty, !types.contains(type) {
            errors.append(.notSupported(path["type"], .string(type), types))
        }
        if let reason = context.noDefaults, !schema.lacks("default") {
            errors.append(.forbidden(path["default"], "must not be set \(reason)"))
        }
        for key in ["id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref"]
        where !schema.lacks(key) {
            errors.append(.forbidden(path[key], "\(key) is not supported"))
        }
        if type == "null" {
            errors.append(
                .forbidden(path["type"], "type cannot be set to null, use nullable as an alternative")
            )
        }
        if case .array? = schema["items"] {
            errors.append(.forbidden(path["items"], "items must be a schema object and not an array"))
        }
        if context.isInMetadata, schema["x-kubernetes-embedded-resource"] == true {
            errors.append(
                .forbidden(
                    path["x-kubernetes-embedded-resource"],
                    "must not be used inside of resource meta"
                )
            )
        }
    }

    private static func children(
        _ schema: JSON,
        _ path: FieldPath,
        _ context: Context,
        _ errors: inout [FieldError]
    ) {
        var inner = context
        inner.isRoot = false
        let properties = schema["properties"]?.object ?? [:]
        if let additional = schema["additionalProperties"], !additional.isNull {
            if !properties.isEmpty, additional != true {
                errors.append(
                    .forbidden(
                        path["additionalProperties"],
                        "additionalProperties and properties are mutual exclusive"
                    )
                )
            }
            if case .object = additional {
                var below = inner
                if context.isInMetadata {
                    below.noDefaults = "inside additionalProperties applying to object metadata"
                }
                node(additional, path["additionalProperties"], below, &errors)
            }
        }
        let isResource = context.isRoot || schema["x-kubernetes-embedded-resource"] == true
        for (name, property) in properties {
            var below = inner
            if isResource, resourceFields.contains(name) {
                below.isInMetadata = true
                if context.isRoot { below.noDefaults = "in top-level \(name)" }
            }
            node(property, path["properties"].key(name), below, &errors)
        }
        if let branch = schema["not"], case .object = branch { node(branch, path["not"], inner, &errors) }
        for key in ["allOf", "oneOf", "anyOf"] {
            for (index, branch) in schema.elements(of: key).enumerated() {
                node(branch, path[key][index], inner, &errors)
            }
        }
        switch schema["items"] {
        case .object(let items)?: node(.object(items), path["items"], inner, &errors)
        case .array(let schemas)?:
            for (index, items) in schemas.enumerated() { node(items, path["items"][index], inner, &errors) }
        default: break
        }
    }

    private static func mapType(_ schema: JSON, _ path: FieldPath, _ errors: inout [FieldError]) {
        guard let kind = schema["x-kubernetes-map-type"], !kind.isNull else { return }
        errors += wrongType(
            schema,
            path,
            "object",
            "must be object if x-kubernetes-map-type is specified"
        )
        if kind != "granular", kind != "atomic" {
            errors.append(.notSupported(path["x-kubernetes-map-type"], kind, ["atomic", "granular"]))
        }
    }

    static func wrongType(
        _ schema: JSON,
        _ path: FieldPath,
        _ wanted: String,
        _ detail: String
    ) -> [FieldError] {
        let type = schema["type"]?.string ?? ""
        if type == wanted { return [] }
        return [
            type.isEmpty ? .required(path["type"], detail) : .invalid(path["type"], .string(type), detail)
        ]
    }

    private static let reasons = [
        "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired",
    ]

    /// The form of rules in CEL; what they say is not looked at.
    private static func rules(_ schema: JSON, _ path: FieldPath, _ errors: inout [FieldError]) {
        for (index, rule) in schema.elements(of: "x-kubernetes-validations").enumerated() {
            let place = path["x-kubernetes-validations"][index]
            func text(_ key: String) -> String { rule[key]?.string ?? "" }
            func trimmed(_ key: String) -> String { text(key).trimmed }
            func hasBreaks(_ text: String) -> Bool {
                text.contains { $0 == "\n" || $0 == "\r" || $0 == "\r\n" }
            }
            if trimmed("rule").isEmpty {
                errors.append(.required(place["rule"], "rule is not specified"))
            } else if !text("message").isEmpty, trimmed("message").isEmpty {
                errors.append(
                    .invalid(
                        place["message"],
                        rule["message"] ?? "",
                        "message must be non-empty if specified"
                    )
                )
            } else if hasBreaks(trimmed("message")) {
                errors.append(
                    .invalid(place["message"], rule["message"] ?? "", "message must not contain line breaks")
                )
            } else if hasBreaks(trimmed("rule")), trimmed("message").isEmpty {
                errors.append(
                    .required(place["message"], "message must be specified if rule contains line breaks")
                )
            }
            if !text("messageExpression").isEmpty, trimmed("messageExpression").isEmpty {
                errors.append(
                    .required(place["messageExpression"], "messageExpression must be non-empty if specified")
                )
            }
            if let reason = rule["reason"], !reasons.contains(reason.string ?? "") {
                errors.append(.notSupported(place["reason"], reason, reasons))
            }
        }
    }
}
