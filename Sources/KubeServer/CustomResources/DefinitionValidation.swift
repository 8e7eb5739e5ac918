import KubeModel

/// Rules for CustomResourceDefinitions themselves.
enum DefinitionValidation {
    private static let path = FieldPath("spec")

    static func validate(_ object: KubeObject) -> [FieldError] {
        let spec = object["spec"] ?? [:]
        let names = spec["names"] ?? [:]
        let group = spec["group"]?.string ?? ""
        var errors: [FieldError] = []
        if object.name != "\(names["plural"]?.string ?? "").\(group)" {
            errors.append(
                .invalid(
                    FieldPath("metadata", "name"),
                    .string(object.name),
                    "must be spec.names.plural+\".\"+spec.group"
                )
            )
        }
        errors += approval(object, group)
        if group.isEmpty {
            errors.append(.required(path["group"]))
        } else {
            errors += Rules.subdomain(.string(group), path["group"])
            if !group.contains(".") {
                errors.append(
                    .invalid(path["group"], .string(group), "should be a domain with at least one dot")
                )
            }
        }
        if spec.lacks("scope") {
            errors.append(.required(path["scope"]))
        } else {
            errors += Rules.oneOf(spec["scope"], ["Cluster", "Namespaced"], path["scope"])
        }
        errors += versions(spec.elements(of: "versions"))
        errors += self.names(names, path["names"])
        if object.at("status", "storedVersions")?.array?.isEmpty ?? true {
            errors.append(
                .invalid(
                    FieldPath("status", "storedVersions"),
                    .null,
                    "must have at least one stored version"
                )
            )
        }
        return errors
    }

    private static func approval(_ object: KubeObject, _ group: String) -> [FieldError] {
        let isProtected = ["k8s.io", "kubernetes.io"].contains { group == $0 || group.hasSuffix(".\($0)") }
        guard isProtected else { return [] }
        let key = "api-approved.kubernetes.io"
        let place = FieldPath("metadata", "annotations").key(key)
        let value = object.annotation(key) ?? ""
        if value.hasPrefix("https://") || value.hasPrefix("unapproved") { return [] }
        if value.isEmpty {
            return [
                .required(
                    place,
                    "protected groups must have approval annotation \"\(key)\", see "
                        + "https://github.com/kubernetes/enhancements/pull/1111"
                )
            ]
        }
        return [
            .invalid(
                place,
                .string(value),
                "protected groups must have approval annotation \"\(key)\" with either a URL or a reason starting with "
                    + "\"unapproved\", see https://github.com/kubernetes/enhancements/pull/1111"
            )
        ]
    }

    private static func names(_ names: JSON, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        for key in ["plural", "singular", "kind", "listKind"] {
            guard let name = names[key]?.string, !name.isEmpty else {
                errors.append(.required(path[key]))
                continue
            }
            let checked = key == "kind" || key == "listKind" ? name.lowercased() : name
            for problem in NameRule.label1035.problems(of: checked) {
                errors.append(.invalid(path[key], .string(name), problem))
            }
        }
        for (index, name) in names.elements(of: "shortNames").enumerated() {
            for problem in NameRule.label1035.problems(of: name.string ?? "") {
                errors.append(.invalid(path["shortNames"][index], name, problem))
            }
        }
        if !names.lacks("kind"), names["kind"] == names["listKind"] {
            errors.append(
                .invalid(path["listKind"], names["listKind"] ?? "", "kind and listKind may not be the same")
            )
        }
        return errors
    }

    private static func versions(_ versions: [JSON]) -> [FieldError] {
        let place = path["versions"]
        var errors: [FieldError] = []
        // One schema for all versions is spoken of as the definition's.
        let schemas = versions.map { $0.at("schema", "openAPIV3Schema") }
        let isShared = schemas.allSatisfy { $0 == schemas.first }
        for (index, version) in versions.enumerated() {
            let name = version["name"]?.string ?? ""
            errors += NameRule.label1035.problems(of: name).map {
                .invalid(place[index]["name"], .string(name), $0)
            }
            guard let schema = schemas[index] else {
                errors.append(.required(place[index]["schema"]["openAPIV3Schema"]))
                continue
            }
            if !isShared { errors += SchemaRules.validate(schema, place[index]["schema"]["openAPIV3Schema"]) }
        }
        if isShared, let schema = schemas.first ?? nil {
            errors += SchemaRules.validate(schema, path["validation"]["openAPIV3Schema"])
        }
        let names = versions.compactMap { $0["name"]?.string }
        if Set(names).count < names.count {
            errors.append(.invalid(place, rendered: shown(versions), "must contain unique version names"))
        }
        if versions.count(where: { $0["storage"]?.bool == true }) != 1 {
            errors.append(
                .invalid(
                    place,
                    rendered: versions.isEmpty ? "null" : shown(versions),
                    "must have exactly one version marked as storage version"
                )
            )
        }
        return errors
    }

    /// As Kubernetes shows its internal form, where a schema that all versions share is elsewhere.
    private static func shown(_ versions: [JSON]) -> String {
        let texts = versions.map { version in
            func flag(_ key: String) -> String { version[key]?.bool == true ? "true" : "false" }
            return "{\"Name\":\((version["name"]?.string ?? "").goQuoted),\"Served\":\(flag("served")),"
                + "\"Storage\":\(flag("storage")),\"Deprecated\":\(flag("deprecated")),"
                + "\"DeprecationWarning\":\(version["deprecationWarning"]?.text ?? "null"),\"Schema\":null,"
                + "\"Subresources\":null,\"AdditionalPrinterColumns\":null,\"SelectableFields\":null}"
        }
        return "[" + texts.joined(separator: ",") + "]"
    }

    static func validateUpdate(_ object: KubeObject, _ old: KubeObject) -> [FieldError] {
        guard old.condition("Established")?.isTrue == true else { return [] }
        var errors: [FieldError] = []
        for key in ["scope", "group"] where object.at("spec", key) != old.at("spec", key) {
            errors.append(.invalid(path[key], object.at("spec", key) ?? "", Rules.immutable))
        }
        for key in ["kind", "plural"] where object.at("spec", "names", key) != old.at("spec", "names", key) {
            errors.append(
                .invalid(path["names"][key], object.at("spec", "names", key) ?? "", Rules.immutable)
            )
        }
        return errors
    }

    static func warnings(_ object: KubeObject) -> [String] {
        object.json.at("spec", "versions")?.array?.compactMap { version in
            guard CustomSchema(version.at("schema", "openAPIV3Schema") ?? [:]).hasRules else { return nil }
            return
                "spec.versions[\(version["name"]?.string ?? "")].schema: x-kubernetes-validations are kept, but this "
                + "API server does not evaluate them"
        } ?? []
    }
}

/// Whether a schema is structural: every value has a type, and nothing contradicts itself.
enum SchemaRules {
    static func validate(_ schema: JSON, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        let type = schema["type"]?.string ?? ""
        if type.isEmpty {
            errors.append(.required(path["type"], "must not be empty at the root"))
        } else if type != "object" {
            errors.append(.invalid(path["type"], .string(type), "must be object at the root"))
        }
        node(schema, path, &errors)
        return errors
    }

    private static func node(_ schema: JSON, _ path: FieldPath, _ errors: inout [FieldError]) {
        let properties = schema["properties"]?.object ?? [:]
        if let additional = schema["additionalProperties"], additional != false {
            if !properties.isEmpty {
                errors.append(
                    .forbidden(
                        path["additionalProperties"],
                        "additionalProperties and properties are mutual exclusive"
                    )
                )
            }
            if case .object = additional { child(additional, path["additionalProperties"], .field, &errors) }
        }
        for (name, property) in properties { child(property, path["properties"].key(name), .field, &errors) }
        if let items = schema["items"] {
            if case .object = items {
                child(items, path["items"], .item, &errors)
            } else {
                errors.append(.forbidden(path["items"], "items must be a schema object and not an array"))
            }
        } else if schema["type"] == "array" {
            errors.append(.required(path["items"], "must be specified"))
        }
        if schema["uniqueItems"]?.bool == true {
            errors.append(
                .forbidden(
                    path["uniqueItems"],
                    "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"
                )
            )
        }
        if schema["$ref"] != nil { errors.append(.forbidden(path["$ref"], "$ref is not supported")) }
        listType(schema, path, &errors)
        if let type = schema["x-kubernetes-map-type"], type != "granular", type != "atomic" {
            errors.append(.notSupported(path["x-kubernetes-map-type"], type, ["granular", "atomic"]))
        }
        if let value = schema["default"] {
            let problems = CustomSchema(schema).validate(value.withWholeNumbers, "")
            errors += problems.map { problem in
                var moved = problem
                let place = path["default"].description
                moved.field = problem.field.isEmpty ? place : "\(place).\(problem.field)"
                return moved
            }
        }
    }

    private enum Place { case field, item }

    private static func child(_ schema: JSON, _ path: FieldPath, _ place: Place, _ errors: inout [FieldError])
    {
        let isFree =
            schema["x-kubernetes-int-or-string"]?.bool == true
            || schema["x-kubernetes-preserve-unknown-fields"]?.bool == true
        if schema["type"]?.string ?? "" == "", !isFree {
            errors.append(
                .required(
                    path["type"],
                    "must not be empty for specified \(place == .field ? "object fields" : "array items")"
                )
            )
        }
        node(schema, path, &errors)
    }

    private static func listType(_ schema: JSON, _ path: FieldPath, _ errors: inout [FieldError]) {
        guard let type = schema["x-kubernetes-list-type"] else { return }
        let keys = schema.elements(of: "x-kubernetes-list-map-keys").compactMap(\.string)
        switch type.string ?? "" {
        case "atomic", "set": break
        case "map":
            if keys.isEmpty {
                errors.append(
                    .required(
                        path["x-kubernetes-list-map-keys"],
                        "must not be empty if x-kubernetes-list-type is map"
                    )
                )
            }
            let required = Set(schema["items"]?.elements(of: "required").compactMap(\.string) ?? [])
            for key in keys {
                let place = path["items"]["properties"].key(key)
                guard let property = schema.at("items", "properties", key) else {
                    errors.append(
                        .invalid(
                            path["x-kubernetes-list-map-keys"],
                            .array(keys.map(JSON.string)),
                            "entries must all be names of item properties"
                        )
                    )
                    continue
                }
                if !required.contains(key), property["default"] == nil {
                    errors.append(
                        .required(
                            place["default"],
                            "this property is in x-kubernetes-list-map-keys, so it must have a default or be a "
                                + "required property"
                        )
                    )
                }
            }
        default:
            errors.append(.notSupported(path["x-kubernetes-list-type"], type, ["atomic", "set", "map"]))
        }
    }
}
