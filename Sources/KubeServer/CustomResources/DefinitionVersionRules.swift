import KubeModel

/// Rules for the versions of a definition, and for what their versions have in common.
enum DefinitionVersionRules {
    static func missingSchemas(_ hub: DefinitionHub) -> [FieldError] {
        hub.versions.enumerated().compactMap { index, version in
            version.at("schema", "openAPIV3Schema") == nil
                ? .required(hub.own[index].path["schema"]["openAPIV3Schema"]) : nil
        }
    }

    static func validate(_ hub: DefinitionHub) -> [FieldError] {
        var errors: [FieldError] = []
        for (index, version) in hub.versions.enumerated() {
            let part = hub.own[index]
            let name = version["name"]?.string ?? ""
            let problems = NameRule.label1035.problems(of: name)
            if !problems.isEmpty {
                errors.append(
                    .invalid(part.path["name"], .string(name), problems.joined(separator: ","))
                )
            }
            errors += deprecation(version, part.path["deprecationWarning"])
            errors += schema(part, hasStatus: hub.hasStatus(index))
            errors += subresources(part.subresources, part.path["subresources"])
            errors += columns(part)
            errors += SelectableFieldRules.validate(
                part.selectableFields,
                schema: version.at("schema", "openAPIV3Schema"),
                part.path["selectableFields"]
            )
        }
        let place = hub.shared.path["versions"]
        let names = hub.versions.compactMap { $0["name"]?.string }
        if Set(names).count < names.count {
            errors.append(
                .invalid(place, rendered: hub.shownVersions, "must contain unique version names")
            )
        }
        if hub.versions.count(where: { $0["storage"]?.bool == true }) != 1 {
            errors.append(
                .invalid(
                    place,
                    rendered: hub.shownVersions,
                    "must have exactly one version marked as storage version"
                )
            )
        }
        return errors
    }

    /// What all versions share.
    static func shared(_ hub: DefinitionHub) -> [FieldError] {
        let part = hub.shared
        return schema(part, hasStatus: hub.hasAnyStatus)
            + subresources(part.subresources, part.path["subresources"]) + columns(part)
            + SelectableFieldRules.validate(
                part.selectableFields,
                schema: part.schema ?? hub.versions.first?.at("schema", "openAPIV3Schema"),
                part.path["selectableFields"]
            )
    }

    private static func schema(_ part: DefinitionHub.Part, hasStatus: Bool) -> [FieldError] {
        guard let schema = part.schema else { return [] }
        let place = part.schemaPath
        var errors: [FieldError] = []
        if hasStatus { errors += rootWithStatus(schema, place) }
        if schema["nullable"] == true {
            errors.append(.forbidden(place["nullable"], "nullable cannot be true at the root"))
        }
        let structural = StructuralRules.validate(schema, place)
        errors += structural.isEmpty ? SchemaDefaultRules.validate(schema, place) : structural
        return errors + SchemaRules.validate(schema, place)
    }

    private static let rootFields = [
        "Description", "Type", "Format", "Title", "Maximum", "ExclusiveMaximum", "Minimum",
        "ExclusiveMinimum",
        "MaxLength", "MinLength", "Pattern", "MaxItems", "MinItems", "UniqueItems", "MultipleOf", "Required",
        "Items",
        "Properties", "ExternalDocs", "Example", "XPreserveUnknownFields", "XValidations",
    ]
    private static let forbiddenAtRoot = [
        "default", "enum", "maxProperties", "minProperties", "allOf", "oneOf", "anyOf", "not",
        "additionalProperties",
        "nullable", "x-kubernetes-embedded-resource", "x-kubernetes-int-or-string",
        "x-kubernetes-list-map-keys",
        "x-kubernetes-list-type", "x-kubernetes-map-type",
    ]

    /// With a status of its own, the root may have only what does not speak of status and the rest together.
    private static func rootWithStatus(_ schema: JSON, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        let type = schema["type"]?.string ?? ""
        if !type.isEmpty, type != "object" {
            errors.append(
                .invalid(
                    path["type"],
                    .string(type),
                    "only \"object\" is allowed as the type at the root of the schema if the status subresource is enabled"
                )
            )
        }
        let wrong = forbiddenAtRoot.contains { key in
            schema[key].map { $0 != false && $0 != [] && !$0.isNull } ?? false
        }
        if wrong {
            let fields = rootFields.joined(separator: " ")
            errors.append(
                .invalid(
                    path,
                    schema,
                    "only [\(fields)] fields are allowed at the root of the schema if the status subresource is enabled"
                )
            )
        }
        return errors
    }

    private static func deprecation(_ version: JSON, _ path: FieldPath) -> [FieldError] {
        guard let warning = version["deprecationWarning"]?.string else { return [] }
        func refuse(_ detail: String) -> FieldError { .invalid(path, .string(warning), detail) }
        guard version["deprecated"]?.bool == true else {
            return [refuse("can only be set for deprecated versions")]
        }
        var errors: [FieldError] = []
        if warning.utf8.count > 256 { errors.append(refuse("must be <= 256 characters long")) }
        if warning.isEmpty { errors.append(refuse("must not be an empty string")) }
        var index = 0
        for scalar in warning.unicodeScalars {
            if scalar.value < 0x20 || scalar.value == 0x7f {
                errors.append(
                    refuse(
                        "must only contain printable UTF-8 characters; non-printable character found at index \(index)"
                    )
                )
                break
            }
            index += UTF8.width(scalar)
        }
        return errors
    }

    // MARK: Subresources and columns

    private static func subresources(_ subresources: JSON?, _ path: FieldPath) -> [FieldError] {
        guard let scale = subresources?["scale"], !scale.isNull else { return [] }
        var errors: [FieldError] = []
        for (key, root) in [("specReplicasPath", "spec"), ("statusReplicasPath", "status")] {
            let place = path["scale"][key]
            let text = scale[key]?.string ?? ""
            if text.isEmpty {
                errors.append(.required(place))
            } else if let error = simplePath(text, place) {
                errors.append(error)
            } else if !text.hasPrefix(".\(root).") {
                errors.append(.invalid(place, .string(text), "should be a json path under .\(root)"))
            }
        }
        if let text = scale["labelSelectorPath"]?.string, !text.isEmpty {
            let place = path["scale"]["labelSelectorPath"]
            if let error = simplePath(text, place) {
                errors.append(error)
            } else if !text.hasPrefix(".spec."), !text.hasPrefix(".status.") {
                errors.append(
                    .invalid(place, .string(text), "should be a json path under either .spec or .status")
                )
            }
        }
        return errors
    }

    private static func simplePath(_ text: String, _ path: FieldPath) -> FieldError? {
        text.hasPrefix(".")
            ? nil : .invalid(path, .string(text), "must be a simple json path starting with .")
    }

    private static let columnTypes = ["boolean", "date", "integer", "number", "string"]
    private static let columnFormats = [
        "byte", "date", "date-time", "double", "float", "int32", "int64", "password",
    ]

    private static func columns(_ part: DefinitionHub.Part) -> [FieldError] {
        var errors: [FieldError] = []
        for (index, column) in part.columns.enumerated() {
            let place = part.path["additionalPrinterColumns"][index]
            func text(_ key: String) -> String { column[key]?.string ?? "" }
            if text("name").isEmpty { errors.append(.required(place["name"])) }
            let types = "must be one of " + columnTypes.joined(separator: ",")
            if text("type").isEmpty {
                errors.append(.required(place["type"], types))
            } else if !columnTypes.contains(text("type")) {
                errors.append(.invalid(place["type"], .string(text("type")), types))
            }
            if !text("format").isEmpty, !columnFormats.contains(text("format")) {
                let formats = "must be one of " + columnFormats.joined(separator: ",")
                errors.append(.invalid(place["format"], .string(text("format")), formats))
            }
            if text("jsonPath").isEmpty {
                errors.append(.required(place["JSONPath"]))
            } else if let error = simplePath(text("jsonPath"), place["JSONPath"]) {
                errors.append(error)
            }
        }
        return errors
    }
}
