/// Puts the values of a configuration into a live object: maps member by member, lists as their schema says.
enum TypedMerge {
    /// What results; `nil` when neither has a value.
    static func merge(_ live: JSON, _ config: JSON, _ schema: Schema) -> JSON {
        switch schema.shape(of: config) {
        case .scalar: return config
        case .map:
            guard !schema.isAtomicMap, case .object(let old) = live, !old.isEmpty else {
                return kept(live, config)
            }
            guard case .object(let new) = config, !new.isEmpty else { return live }
            return .object(merge(old, new, schema))
        case .list:
            guard schema.listType != .atomic, case .array(let old) = live, !old.isEmpty else {
                return kept(live, config)
            }
            guard case .array(let new) = config, !new.isEmpty else { return live }
            return .array(merge(old, new, schema))
        }
    }

    private static func kept(_ live: JSON, _ config: JSON) -> JSON { config }

    private static func merge(_ old: JSONObject, _ new: JSONObject, _ schema: Schema) -> JSONObject {
        var result = old
        for index in new.keys.indices {
            let key = new.keys[index]
            let value = new.values[index]
            guard let live = old[key] else {
                result[key] = value
                continue
            }
            let merged = merge(live, value, schema.member(key) ?? .deduced)
            // What did not change keeps its storage, so that comparing it with the live value costs nothing.
            if merged != live { result[key] = merged }
        }
        return result
    }

    /// Items of both lists; what both have is in the order of the configuration, what only the live list has stays in
    /// front of what it was in front of.
    private static func merge(_ old: [JSON], _ new: [JSON], _ schema: Schema) -> [JSON] {
        let left = schema.index(old)
        let right = schema.index(new)
        var leftItems: [PathElement: JSON?] = [:]
        var rightItems: [PathElement: JSON] = [:]
        // Of items that the live list has twice none is merged: a new one takes their place.
        for (element, item) in left {
            leftItems[element] = leftItems[element] == nil ? .some(item) : .some(nil)
        }
        for (element, item) in right { rightItems[element] = item }
        let itemSchema = schema.items ?? .untyped

        var shared = right.lazy.map(\.element).filter { leftItems[$0] != nil }.makeIterator()
        var nextShared = shared.next()
        var done: Set<PathElement> = []
        var result: [JSON] = []
        result.reserveCapacity(left.count + right.count)

        func take(_ element: PathElement) {
            guard let item = rightItems[element] else { return }
            done.insert(element)
            if let live = leftItems[element] ?? nil {
                result.append(merge(live, item, itemSchema))
            } else {
                result.append(item)
            }
            if nextShared == element { nextShared = shared.next() }
        }

        var (l, r) = (0, 0)
        while l < left.count || r < right.count {
            if l < left.count, r < right.count {
                let element = left[l].element
                if element == right[r].element {
                    take(element)
                    l += 1
                    r += 1
                    continue
                }
                if rightItems[element] != nil, let next = nextShared, next != element {
                    // Shared, but another one comes first in the configuration.
                    l += 1
                    continue
                }
            }
            if l < left.count {
                let element = left[l].element
                if rightItems[element] == nil {
                    result.append(left[l].item)
                    l += 1
                    continue
                }
                if done.contains(element) { l += 1 }
            }
            if r < right.count {
                take(right[r].element)
                r += 1
            }
        }
        return result == old ? old : result
    }
}
