import KubeModel

/// What is checked after the schema itself: resources inside of others, and the elements of lists among each other.
extension CustomSchema {
    /// Elements that occur twice in sets, and in lists by their keys.
    func repeated(in value: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        if hasMembersToCompare { repeated(value, FieldPath(), &errors) }
        return errors
    }

    private func repeated(_ value: JSON, _ path: FieldPath, _ errors: inout [FieldError]) {
        guard hasMembersToCompare else { return }
        if case .array(let elements) = value {
            switch listType {
            case "set": repeatedValues(elements, path, &errors)
            case "map": repeatedKeys(elements, path, &errors)
            default: break
            }
        }
        children(value, path) { $0.repeated($1, $2, &errors) }
    }

    private func repeatedValues(_ elements: [JSON], _ path: FieldPath, _ errors: inout [FieldError]) {
        var seen: Set<JSON> = []
        for (index, element) in elements.enumerated() where !seen.insert(element).inserted {
            errors.append(.duplicate(path[index], element))
        }
    }

    private func repeatedKeys(_ elements: [JSON], _ path: FieldPath, _ errors: inout [FieldError]) {
        var seen: Set<JSON> = []
        for (index, element) in elements.enumerated() {
            var key = JSONObject()
            for name in listMapKeys {
                key[name] = element[name] ?? items.first?.property(name)?.defaultValue
            }
            guard key.count == listMapKeys.count, !seen.insert(.object(key)).inserted else { continue }
            errors.append(.duplicate(path[index], .object(key)))
        }
    }

    /// What is wrong with resources inside of this one: their types and metadata.
    func embedded(in value: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        if hasMembersToCompare { embedded(value, FieldPath(), &errors) }
        return errors
    }

    private func embedded(_ value: JSON, _ path: FieldPath, _ errors: inout [FieldError]) {
        guard hasMembersToCompare else { return }
        if isEmbeddedResource, case .object(let object) = value { resource(object, path, &errors) }
        children(value, path) { $0.embedded($1, $2, &errors) }
    }

    private func children(_ value: JSON, _ path: FieldPath, _ visit: (CustomSchema, JSON, FieldPath) -> Void)
    {
        switch value {
        case .object(let object):
            for (key, member) in object {
                if let schema = property(key) {
                    visit(schema, member, path[key])
                } else if case .schema(let schema) = additional {
                    visit(schema, member, path.key(key))
                }
            }
        case .array(let elements):
            guard let schema = items.first else { return }
            for (index, element) in elements.enumerated() { visit(schema, element, path[index]) }
        default: break
        }
    }

    private func resource(_ object: JSONObject, _ path: FieldPath, _ errors: inout [FieldError]) {
        for key in ["apiVersion", "kind"] where object[key] == nil {
            errors.append(.required(path[key], "must not be empty"))
        }
        for key in ["apiVersion", "kind"] {
            guard let value = object[key] else { continue }
            guard let text = value.string else {
                errors.append(.invalid(path[key], value, "must be a string"))
                continue
            }
            if text.isEmpty {
                errors.append(.invalid(path[key], value, "must not be empty"))
            } else if key == "apiVersion" {
                guard text.split(separator: "/", omittingEmptySubsequences: false).count > 2 else { continue }
                errors.append(.invalid(path[key], value, "unexpected GroupVersion string: \(text)"))
            } else {
                let problems = NameRule.label1035.problems(of: text.lowercased())
                guard !problems.isEmpty else { continue }
                let list = problems.joined(separator: ",")
                errors.append(
                    .invalid(path[key], value, "may have mixed case, but should otherwise match: \(list)")
                )
            }
        }
        guard case .object(let metadata)? = object["metadata"] else { return }
        var named = KubeObject(["metadata": .object(metadata)])
        if metadata["name"] == nil { named.set("fakename", at: "metadata", "name") }
        let isNamespaced = !(metadata["namespace"]?.string ?? "").isEmpty
        errors += MetadataValidation.validate(named, names: .pathSegment, isNamespaced: isNamespaced).map {
            var error = $0
            error.field = path.description.isEmpty ? error.field : "\(path).\(error.field)"
            return error
        }
    }
}

/// Rules for what the scale subresource reads.
enum ScalePathRules {
    static func validate(_ object: JSON, _ scale: ScaleView) -> [FieldError] {
        var errors: [FieldError] = []
        for steps in [scale.specReplicas, scale.statusReplicas] {
            guard let value = steps.reduce(object as JSON?, { $0?[$1] }) else { continue }
            let text = "." + steps.joined(separator: ".")
            func refuse(_ detail: String) {
                errors.append(
                    FieldError(
                        reason: .invalid,
                        field: text,
                        message: "Invalid value: \(value.text): \(detail)"
                    )
                )
            }
            // What is no number the schema speaks about.
            guard let number = value.int else { continue }
            if number < 0 { refuse("should be a non-negative integer") }
            if number > Int(Int32.max) { refuse("should be less than or equal to \(Int32.max)") }
        }
        return errors
    }
}
