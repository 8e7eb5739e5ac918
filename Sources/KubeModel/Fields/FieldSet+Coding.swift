extension FieldSet {
    /// From the `fieldsV1` of an entry; `nil` for what is none.
    package init?(fieldsV1 json: JSON) {
        guard case .object(let object) = json else { return nil }
        self.init(object)
    }

    private init?(_ object: JSONObject) {
        var nodes: [Node] = []
        nodes.reserveCapacity(object.count)
        for index in object.keys.indices where object.keys[index] != "." {
            guard let element = PathElement(serialized: object.keys[index]),
                case .object(let value) = object.values[index]
            else { return nil }
            if value.isEmpty {
                nodes.append(Node(element: element, isMember: true, children: FieldSet()))
            } else {
                guard let children = FieldSet(value) else { return nil }
                nodes.append(Node(element: element, isMember: value.keys[0] == ".", children: children))
            }
        }
        self.init(unsorted: nodes)
    }

    /// The form of `fieldsV1`.
    package var fieldsV1: JSON { .object(members(isMember: false)) }

    private func members(isMember: Bool) -> JSONObject {
        var keys: [String] = []
        var values: [JSON] = []
        keys.reserveCapacity(nodes.count + 1)
        values.reserveCapacity(nodes.count + 1)
        if isMember, !nodes.isEmpty {
            keys.append(".")
            values.append(.object([:]))
        }
        for node in nodes {
            keys.append(node.element.serialized)
            values.append(.object(node.children.members(isMember: node.isMember)))
        }
        return JSONObject(sortedKeys: keys, values: values)
    }
}
