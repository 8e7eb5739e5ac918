extension JSON {
    /// The value without the members and items of a set.
    ///
    /// - Returns: `null` where nothing is left of a map or list, as in Kubernetes.
    func removing(_ fields: FieldSet, _ schema: Schema) -> JSON {
        guard !fields.isEmpty else { return self }
        switch (schema.shape(of: self), self) {
        case (.map, .object(let object)):
            guard !object.isEmpty, !schema.isAtomicMap else { return .null }
            var keys: [String] = []
            var values: [JSON] = []
            for index in object.keys.indices {
                let key = object.keys[index]
                let node = fields[.field(key)]
                if node?.isMember == true { continue }
                keys.append(key)
                let value = object.values[index]
                values.append(
                    node.map { value.removing($0.children, schema.member(key) ?? .deduced) } ?? value
                )
            }
            return keys.isEmpty ? .null : .object(JSONObject(sortedKeys: keys, values: values))
        case (.list, .array(let items)):
            guard !items.isEmpty, schema.listType != .atomic else { return .null }
            var kept: [JSON] = []
            for item in items {
                guard let element = try? schema.element(for: item), let node = fields[element] else {
                    kept.append(item)
                    continue
                }
                if !node.isMember { kept.append(item.removing(node.children, schema.items ?? .untyped)) }
            }
            return kept.isEmpty ? .null : .array(kept)
        case (.scalar, _): return self
        default: return .null
        }
    }
}

extension FieldSet {
    /// The set with every declared member that has members below it: those maps go when all that is in them goes.
    func includingDeclaredFields(_ schema: Schema) -> FieldSet {
        FieldSet(
            sorted: nodes.map { node in
                var child: Schema?
                var isDeclared = false
                switch node.element {
                case .field(let name):
                    if schema.allowsMap {
                        let declared = schema.field(name)
                        isDeclared = declared != nil
                        child = declared ?? schema.additional
                    }
                case .item: if schema.allowsList { child = schema.items }
                }
                return Node(
                    element: node.element,
                    isMember: node.isMember || isDeclared,
                    children: node.children.isEmpty
                        ? node.children : node.children.includingDeclaredFields(child ?? .untyped)
                )
            }
        )
    }
}
