import KubeModel

/// A body that cannot be read as its kind; the text is Go's.
struct WireError: Error, Sendable {
    var message: String
}

/// Reads a value as a type: checks it, leaves out what the type does not know, and spells it as Kubernetes does.
struct WireDecoder {
    let schema: WireSchema
    /// Paths of members that the types do not know, in the order met: `spec.containers[0].frob`.
    private(set) var unknownFields: [String] = []

    private enum Step {
        case key(String)
        /// Part of the paths of unknown fields, but not of those in Go's messages.
        case mapKey(String)
        case index(Int)
    }
    private var path: [Step] = []
    private var owner = ""

    init(schema: WireSchema) { self.schema = schema }

    /// Reads an object of a built-in kind.
    mutating func object(_ json: JSON, as index: Int) throws(WireError) -> JSON {
        let type = schema.objects[index]
        owner = type.name
        return try structure(json, type, index)
    }

    /// Reads a value at a place in an object: `metadata` of a custom object.
    mutating func value(
        _ json: JSON,
        as type: WireType,
        at key: String,
        of owner: String
    ) throws(WireError) -> JSON {
        self.owner = owner
        path.append(.key(key))
        defer { path.removeLast() }
        return try self.value(json, type)
    }

    private mutating func structure(_ json: JSON, _ type: WireObject, _ index: Int) throws(WireError) -> JSON
    {
        guard case .object(let given) = json else {
            if json.isNull { return try structure([:], type, index) }
            throw mismatch(json, .object(index))
        }
        let outer = owner
        owner = type.name
        defer { owner = outer }
        var keys: [String] = []
        var values: [JSON] = []
        keys.reserveCapacity(given.count + 4)
        values.reserveCapacity(given.count + 4)
        var next = 0
        for position in type.fields.indices {
            let field = type.fields[position]
            while next < given.count, given.keys[next] < field.key {
                unknown(given.keys[next])
                next += 1
            }
            var member: JSON?
            if next < given.count, given.keys[next] == field.key {
                path.append(.key(field.key))
                member = try self.member(given.values[next], field)
                path.removeLast()
                next += 1
            }
            if member == nil, case .write(let zero) = field.absence { member = zero }
            if let member {
                keys.append(field.key)
                values.append(member)
            }
        }
        while next < given.count {
            unknown(given.keys[next])
            next += 1
        }
        return .object(JSONObject(sortedKeys: keys, values: values))
    }

    private mutating func member(_ json: JSON, _ field: WireField) throws(WireError) -> JSON? {
        if json.isNull { return nil }
        let value = try self.value(json, field.type)
        switch (value, field.absence) {
        case (.array(let elements), .omit) where elements.isEmpty:
            if case .array = field.type { return nil }
            return value
        case (.object(let members), _) where members.isEmpty:
            if case .map = field.type { return nil }
            return value
        case (.null, .omit), (.null, .omitZero): return nil
        case (.integer(0), .omitZero), (.bool(false), .omitZero), (.string(""), .omitZero): return nil
        default: return value
        }
    }

    private mutating func value(_ json: JSON, _ type: WireType) throws(WireError) -> JSON {
        switch type {
        case .any: return json
        case .object(let index): return try structure(json, schema.objects[index], index)
        case .array(let element):
            if json.isNull { return [] }
            guard case .array(var elements) = json else { throw mismatch(json, type) }
            for index in elements.indices {
                path.append(.index(index))
                elements[index] = try value(elements[index], element)
                path.removeLast()
            }
            return .array(elements)
        case .map(let valueType):
            if json.isNull { return [:] }
            guard case .object(let members) = json else { throw mismatch(json, type) }
            return .object(try map(members, valueType))
        default: return try scalar(json, type)
        }
    }

    private mutating func map(_ members: JSONObject, _ type: WireType) throws(WireError) -> JSONObject {
        if case .string = type, members.values.allSatisfy({ $0.string != nil }) { return members }
        var values = members.values
        for index in values.indices {
            path.append(.mapKey(members.keys[index]))
            values[index] = try value(values[index], type)
            path.removeLast()
        }
        return JSONObject(sortedKeys: members.keys, values: values)
    }

    private func scalar(_ json: JSON, _ type: WireType) throws(WireError) -> JSON {
        switch (type, json) {
        case (.string, .string), (.bool, .bool), (.integer(64), .integer), (.number, .double),
            (.number, .integer):
            return json
        case (.integer, .integer(let value)):
            guard Int32(exactly: value) != nil else { throw mismatch(json, type) }
            return json
        case (.string, .null): return ""
        case (.bool, .null): return false
        case (.integer, .null), (.number, .null): return 0
        case (.intOrString, .integer), (.intOrString, .string), (_, .null): return json
        case (.bytes, .string(let text)):
            if let position = Base64Text.firstProblem(in: text) {
                throw WireError(message: "illegal base64 data at input byte \(position)")
            }
            return json
        case (.quantity, .string(let text)): return .string(try quantity(text))
        case (.quantity, .integer(let value)): return .string(try quantity(String(value)))
        case (.quantity, .double), (.quantity, .number): return .string(try quantity(json.text))
        case (.time, .string(let text)): return try time(text, .seconds)
        case (.microTime, .string(let text)): return try time(text, .microseconds)
        default: throw mismatch(json, type)
        }
    }

    private func quantity(_ text: String) throws(WireError) -> String {
        guard let canonical = QuantityText.canonical(text) else {
            throw WireError(
                message: "quantities must match the regular expression "
                    + "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
            )
        }
        return canonical
    }

    private func time(_ text: String, _ precision: WireTime.Precision) throws(WireError) -> JSON {
        if text.isEmpty { return .null }
        do {
            return .string(try WireTime(text, precision).text(precision))
        } catch {
            throw WireError(message: error.message)
        }
    }

    private mutating func unknown(_ key: String) {
        var text = ""
        for step in path {
            switch step {
            case .key(let key), .mapKey(let key): text += text.isEmpty ? key : ".\(key)"
            case .index(let index): text += "[\(index)]"
            }
        }
        unknownFields.append(text.isEmpty ? key : "\(text).\(key)")
    }

    private func mismatch(_ json: JSON, _ type: WireType) -> WireError {
        let found: String
        switch json {
        case .string: found = "string"
        case .bool: found = "bool"
        case .array: found = "array"
        case .object: found = "object"
        case .null: found = "null"
        case .integer, .double, .number:
            if case .integer = type { found = "number \(json.text)" } else { found = "number" }
        }
        var names = owner
        for step in path {
            if case .key(let key) = step { names += ".\(key)" }
        }
        return WireError(
            message:
                "json: cannot unmarshal \(found) into Go struct field \(names) of type \(schema.goName(type))"
        )
    }
}
