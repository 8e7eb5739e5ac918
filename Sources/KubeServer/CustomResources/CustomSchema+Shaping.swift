import KubeModel

extension CustomSchema {
    /// Leaves out what the schema does not know; the paths of that go to `unknown`.
    func prune(_ value: JSON, _ path: String, _ unknown: inout [String], isRoot: Bool = false) -> JSON {
        switch value {
        case .object(let object):
            var keys: [String] = []
            var values: [JSON] = []
            keys.reserveCapacity(object.count)
            values.reserveCapacity(object.count)
            for (key, member) in object {
                let place = path.isEmpty ? key : "\(path).\(key)"
                let isTypeOrMetadata =
                    (isRoot || isEmbeddedResource)
                    && (key == "apiVersion" || key == "kind" || key == "metadata")
                if isTypeOrMetadata {
                    keys.append(key)
                    values.append(member)
                } else if let schema = property(key) {
                    keys.append(key)
                    values.append(schema.prune(member, place, &unknown))
                } else if case .schema(let schema) = additional {
                    keys.append(key)
                    values.append(schema.prune(member, place, &unknown))
                } else if case .any = additional {
                    keys.append(key)
                    values.append(member)
                } else if preservesUnknownFields {
                    keys.append(key)
                    values.append(member)
                } else {
                    unknown.append(place)
                }
            }
            return .object(JSONObject(sortedKeys: keys, values: values))
        case .array(let elements):
            guard let schema = items.first else { return value }
            return .array(
                elements.enumerated().map { schema.prune($0.element, "\(path)[\($0.offset)]", &unknown) }
            )
        default: return value
        }
    }

    /// Drops nulls where they are not allowed and have no default, and fills in defaults.
    func fill(_ value: inout JSON) {
        switch value {
        case .object(var object):
            value = .null
            fill(&object)
            value = .object(object)
        case .array(var elements):
            guard let schema = items.first else { return }
            value = .null
            for index in elements.indices { schema.fill(&elements[index]) }
            value = .array(elements)
        default: break
        }
    }

    private func fill(_ object: inout JSONObject) {
        for (index, name) in propertyNames.enumerated() {
            let schema = propertySchemas[index]
            if let present = object[name], present.isNull, !schema.isNullable {
                object[name] = schema.defaultValue
            } else if object[name] == nil, let value = schema.defaultValue {
                object[name] = value
            }
            guard schema.hasDefaults || object[name] != nil else { continue }
            if object[name] != nil { object.update(name) { schema.fill(&$0) } }
        }
        if case .schema(let schema) = additional {
            for key in object.keys where property(key) == nil {
                if object[key] == .null, !schema.isNullable {
                    object[key] = schema.defaultValue
                    continue
                }
                object.update(key) { schema.fill(&$0) }
            }
        }
    }
}
