extension Schema {
    /// Why a list item cannot be named.
    struct ListItemError: Error {
        let message: String
    }

    /// The step by which an item of this list is named.
    func element(for item: JSON) throws(ListItemError) -> PathElement {
        switch listType {
        case .map(let keys): return try keyedElement(for: item, keys)
        case .set:
            switch item {
            case .object:
                throw ListItemError(message: "associative list without keys has an element that's a map type")
            case .array:
                throw ListItemError(message: "not supported: associative list with lists as elements")
            case .null:
                throw ListItemError(
                    message: "associative list without keys has an element that's an explicit null"
                )
            default: return .value(item)
            }
        case .atomic: throw ListItemError(message: "invalid indexing of non-associative list")
        }
    }

    private func keyedElement(for item: JSON, _ keys: [String]) throws(ListItemError) -> PathElement {
        guard case .object(let object) = item else {
            throw ListItemError(
                message: item.isNull
                    ? "associative list with keys may not have a null element"
                    : "associative list with keys may not have non-map elements"
            )
        }
        var values: [JSON] = []
        values.reserveCapacity(keys.count)
        for key in keys {
            guard let value = object[key] ?? items?.field(key)?.defaultValue else {
                throw ListItemError(
                    message: "associative list with keys has an element that omits key field "
                        + "\(GoText.quoted(key)) (and doesn't have default value)"
                )
            }
            values.append(value)
        }
        return .keys(JSONObject(sortedKeys: keys, values: values))
    }

    /// The items of a list that can be named, by the step that names them, in their order.
    func index(_ items: [JSON]) -> [(element: PathElement, item: JSON)] {
        var result: [(element: PathElement, item: JSON)] = []
        result.reserveCapacity(items.count)
        for item in items {
            guard let element = try? element(for: item) else { continue }
            result.append((element, item))
        }
        return result
    }
}
