import KubeModel

/// Rules for the lists of a schema that are merged by key or are sets.
enum ListRules {
    static func validate(_ schema: JSON, _ path: FieldPath, _ errors: inout [FieldError]) {
        let type = schema["x-kubernetes-list-type"].flatMap { $0.isNull ? nil : $0 }
        let keys = schema.elements(of: "x-kubernetes-list-map-keys")
        if let type {
            let wrong = SchemaRules.wrongType(
                schema,
                path,
                "array",
                "must be array if x-kubernetes-list-type is specified"
            )
            errors += wrong
            if wrong.isEmpty, type == "set", let items = schema["items"], case .object = items {
                itemsOfSet(items, path["items"], &errors)
            }
            if !["atomic", "set", "map"].contains(type.string ?? "") {
                errors.append(
                    .notSupported(path["x-kubernetes-list-type"], type, ["atomic", "set", "map"])
                )
            }
        }
        if !keys.isEmpty, type != "map" {
            let detail = "must be map if x-kubernetes-list-map-keys is non-empty"
            let place = path["x-kubernetes-list-type"]
            errors.append(type.map { .invalid(place, $0, detail) } ?? .required(place, detail))
        }
        if type == "map" { map(schema, keys, path, &errors) }
        if type == "map" || type == "set" { entries(schema, type?.string ?? "", keys, path, &errors) }
    }

    private static func itemsOfSet(_ items: JSON, _ path: FieldPath, _ errors: inout [FieldError]) {
        let detail = "must be atomic as item of a list with x-kubernetes-list-type=set"
        let listType = items["x-kubernetes-list-type"]
        switch items["type"]?.string {
        case "array"? where listType != nil && listType != "atomic":
            errors.append(.invalid(path["x-kubernetes-list-type"], listType ?? .null, detail))
        case "object"? where items["x-kubernetes-map-type"] != "atomic":
            // Kubernetes shows the list type here.
            errors.append(.invalid(path["x-kubernetes-map-type"], listType ?? .null, detail))
        default: break
        }
    }

    private static func map(
        _ schema: JSON,
        _ keys: [JSON],
        _ path: FieldPath,
        _ errors: inout [FieldError]
    ) {
        let place = path["x-kubernetes-list-map-keys"]
        if keys.isEmpty {
            errors.append(.required(place, "must not be empty if x-kubernetes-list-type is map"))
        }
        guard let items = schema["items"], case .object = items else {
            if schema.lacks("items") {
                errors.append(
                    .required(path["items"], "must have a schema if x-kubernetes-list-type is map")
                )
            }
            return
        }
        guard items["type"] == "object" else {
            errors.append(
                .invalid(
                    path["items"]["type"],
                    items["type"] ?? "",
                    "must be object if parent array's x-kubernetes-list-type is map"
                )
            )
            return
        }
        var seen: Set<JSON> = []
        for key in keys {
            if let property = items.at("properties", key.string ?? "") {
                if property["type"] == "array" || property["type"] == "object" {
                    errors.append(
                        .invalid(
                            path["items"]["properties"].key(key.string ?? "")["type"],
                            "object",
                            "must be a scalar type if parent array's x-kubernetes-list-type is map"
                        )
                    )
                }
            } else {
                errors.append(.invalid(place, .array(keys), "entries must all be names of item properties"))
            }
            if !seen.insert(key).inserted {
                errors.append(.invalid(place, .array(keys), "must not contain duplicate entries"))
            }
        }
    }

    /// Entries of maps and sets are not null, and the keys of maps are always there.
    private static func entries(
        _ schema: JSON,
        _ type: String,
        _ keys: [JSON],
        _ path: FieldPath,
        _ errors: inout [FieldError]
    ) {
        guard let items = schema["items"], case .object = items else { return }
        if items["nullable"] == true {
            errors.append(
                .forbidden(
                    path["items"]["nullable"],
                    "cannot be nullable when x-kubernetes-list-type is \(type)"
                )
            )
        }
        guard type == "map" else { return }
        let required = items.elements(of: "required")
        for key in keys {
            let name = key.string ?? ""
            guard let property = items.at("properties", name) else { continue }
            let place = path["items"]["properties"].key(name)
            if !required.contains(key), property.lacks("default") {
                errors.append(
                    .required(
                        place["default"],
                        "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required "
                            + "property"
                    )
                )
            }
            if property["nullable"] == true {
                errors.append(
                    .forbidden(
                        place["nullable"],
                        "this property is in x-kubernetes-list-map-keys, so it cannot be nullable"
                    )
                )
            }
        }
    }
}
