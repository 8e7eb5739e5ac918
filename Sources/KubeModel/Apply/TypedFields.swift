/// What is wrong with a value by its schema, in the words of Kubernetes' merge library.
package struct TypedError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A place and what is wrong there.
    package struct Fault: Sendable, Hashable {
        package let path: FieldPath
        package let message: String
    }

    package let faults: [Fault]

    package var description: String {
        let texts = faults.map { $0.path.elements.isEmpty ? $0.message : "\($0.path): \($0.message)" }
        return texts.count == 1 ? texts[0] : (["errors:"] + texts.map { "  " + $0 }).joined(separator: "\n")
    }
}

/// Which fields a value sets, checked against its schema on the way.
struct TypedFields {
    private var faults: [TypedError.Fault] = []
    private var path: [PathElement] = []
    private let checks: Checks

    /// Whether faults are looked for; live objects were checked when they were written.
    enum Checks {
        case all, none
    }

    private init(_ checks: Checks) { self.checks = checks }

    /// The fields of an object.
    static func fields(
        of value: JSON,
        _ schema: Schema,
        checks: Checks = .none
    ) throws(TypedError) -> FieldSet {
        var walker = TypedFields(checks)
        let node = walker.fields(of: value, schema)
        if !walker.faults.isEmpty { throw TypedError(faults: walker.faults) }
        return node.children
    }

    private typealias Fields = (isMember: Bool, children: FieldSet)

    private mutating func fields(of value: JSON, _ schema: Schema) -> Fields {
        switch schema.shape(of: value) {
        case .scalar:
            if let scalar = schema.scalar { check(value, scalar) }
            return (true, FieldSet())
        case .list: return list(value, schema)
        case .map: return map(value, schema)
        }
    }

    private mutating func map(_ value: JSON, _ schema: Schema) -> Fields {
        guard case .object(let object) = value else {
            if !value.isNull { fault("expected map, got &{\(GoText.value(value))}") }
            return (schema.isAtomicMap, FieldSet())
        }
        // Inside of an atomic map types are still checked, but its members are not fields of their own.
        if schema.isAtomicMap, checks == .none { return (true, FieldSet()) }
        var nodes: [FieldSet.Node] = []
        nodes.reserveCapacity(object.count)
        for index in object.keys.indices {
            let element = PathElement.field(object.keys[index])
            let declared = schema.field(object.keys[index])
            guard let member = declared ?? schema.additional else {
                if checks == .all {
                    path.append(element)
                    fault("field not declared in schema")
                    path.removeLast()
                }
                continue
            }
            let value = object.values[index]
            path.append(element)
            let fields = fields(of: value, member)
            path.removeLast()
            let isMember = fields.isMember || declared == nil || Self.isEmptyMap(value)
            nodes.append(FieldSet.Node(element: element, isMember: isMember, children: fields.children))
        }
        return schema.isAtomicMap ? (true, FieldSet()) : (false, FieldSet(sorted: nodes))
    }

    private static func isEmptyMap(_ value: JSON) -> Bool {
        switch value {
        case .null: true
        case .object(let object): object.isEmpty
        default: false
        }
    }

    private mutating func list(_ value: JSON, _ schema: Schema) -> Fields {
        guard case .array(let items) = value else {
            if !value.isNull { fault("expected list, got &{\(GoText.value(value))}") }
            return (schema.listType == .atomic, FieldSet())
        }
        if schema.listType == .atomic {
            if checks == .all { checkItems(items, schema) }
            return (true, FieldSet())
        }
        var nodes: [FieldSet.Node] = []
        var seen: Set<PathElement> = []
        nodes.reserveCapacity(items.count)
        for (index, item) in items.enumerated() {
            let element: PathElement
            do throws(Schema.ListItemError) {
                element = try schema.element(for: item)
            } catch {
                fault("element \(index): \(error.message)")
                if checks == .all { break }
                continue
            }
            guard seen.insert(element).inserted else {
                fault("duplicate entries for key \(element)")
                continue
            }
            path.append(element)
            let fields = fields(of: item, schema.items ?? .untyped)
            path.removeLast()
            nodes.append(FieldSet.Node(element: element, isMember: true, children: fields.children))
        }
        return (false, FieldSet(unsorted: nodes))
    }

    private mutating func checkItems(_ items: [JSON], _ schema: Schema) {
        guard let itemSchema = schema.items, itemSchema !== Schema.untyped else { return }
        for (index, item) in items.enumerated() {
            path.append(.index(index))
            _ = fields(of: item, itemSchema)
            path.removeLast()
        }
    }

    private mutating func check(_ value: JSON, _ scalar: Schema.Scalar) {
        switch (scalar, value) {
        case (_, .null), (.string, .string), (.numeric, .integer), (.numeric, .double), (.numeric, .number),
            (.boolean, .bool), (.untyped, .string), (.untyped, .integer), (.untyped, .double),
            (.untyped, .number),
            (.untyped, .bool):
            return
        case (.numeric, _): fault("expected numeric (int or float), got \(GoText.type(value))")
        case (.string, _):
            fault("expected string, got &value.valueUnstructured{Value:\(GoText.literal(value))}")
        case (.boolean, _): fault("expected boolean, got &{\(GoText.value(value))}")
        case (.untyped, _): fault("expected any scalar, got &{\(GoText.value(value))}")
        }
    }

    private mutating func fault(_ message: @autoclosure () -> String) {
        guard checks == .all else { return }
        faults.append(TypedError.Fault(path: FieldPath(path), message: message()))
    }
}
