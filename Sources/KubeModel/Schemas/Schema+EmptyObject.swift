extension Schema {
    /// What a new object of a built-in kind looks like before anything is set: the members that Kubernetes' types
    /// write even when they are empty.
    ///
    /// ``ServerSideApply`` compares with it when there is no live object; it decides, as in Kubernetes, whether the
    /// creator owns the map itself (`data`) or only what is in it (`spec`).
    package var emptyObject: JSON {
        var object = JSONObject()
        for (name, field) in zip(fieldNames, fields) {
            if let value = field.emptyValue(isRequired: required.contains(name)) { object[name] = value }
        }
        return .object(object)
    }

    private func emptyValue(isRequired: Bool) -> JSON? {
        switch defaultValue {
        case .object(let value)? where value.isEmpty: allowsMap && !fieldNames.isEmpty ? emptyObject : [:]
        case let value?: Self.isZero(value) ? value : JSON?.none
        case nil: isRequired ? .null : nil
        }
    }

    /// Whether a default is the zero of its type, which is written; others are set by defaulting.
    private static func isZero(_ value: JSON) -> Bool {
        switch value {
        case .string(let text): text.isEmpty
        case .integer(let number): number == 0
        case .double(let number): number == 0
        case .bool(let isTrue): !isTrue
        default: false
        }
    }
}
