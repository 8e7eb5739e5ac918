import KubeModel

/// Rules for the defaults of a schema: each must be a value that the schema itself would take.
enum SchemaDefaultRules {
    static func validate(_ schema: JSON, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        node(schema, path, &errors)
        return errors
    }

    private static func node(_ schema: JSON, _ path: FieldPath, _ errors: inout [FieldError]) {
        if let value = schema["default"], !value.isNull { check(value, schema, path["default"], &errors) }
        if let items = schema["items"], case .object = items { node(items, path["items"], &errors) }
        for (name, property) in schema["properties"]?.object ?? [:] {
            node(property, path["properties"].key(name), &errors)
        }
        if let additional = schema["additionalProperties"], case .object = additional {
            node(additional, path["additionalProperties"], &errors)
        }
    }

    private static func check(_ value: JSON, _ json: JSON, _ path: FieldPath, _ errors: inout [FieldError]) {
        let schema = CustomSchema(json)
        let whole = value.withWholeNumbers
        var unknown: [String] = []
        if schema.prune(whole, "", &unknown) != whole {
            errors.append(.invalid(path, value, "must be pruned"))
        }
        // As everywhere, the text of a message counts from the value that is checked, its field from the object.
        errors += schema.validate(whole, "").map { error in
            var error = error
            error.field = error.field.isEmpty ? path.description : "\(path).\(error.field)"
            return error
        }
    }
}
