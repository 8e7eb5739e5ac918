extension StrategicMergePatch {
    /// Merges a list whose strategy is `merge`.
    func merge(_ patch: [JSON], into original: [JSON], _ schema: Schema) throws(PatchError) -> [JSON] {
        guard let first = original.first ?? patch.first else { return original }
        guard case .object = first else {
            var merged: [JSON] = []
            for item in original + patch where !merged.contains(item) { merged.append(item) }
            return try Self.ordered(merged, by: patch, original: original, key: nil)
        }
        guard let key = schema.patchMergeKey else {
            throw .failed("cannot merge lists without merge key for \(schema.typeName)")
        }
        let (kept, plain) = try special(patch, original, key)
        var merged = kept
        let itemSchema = schema.items ?? .deduced
        for item in plain {
            guard case .object(let object) = item else { throw Self.badItem(item) }
            let value = try Self.key(key, of: object)
            let place = merged.firstIndex { $0[key] == value }
            if let place, case .object(let old) = merged[place] {
                merged[place] = .object(try merge(object, into: old, itemSchema))
            } else {
                merged.append(Self.withoutDirectives(item))
            }
        }
        return try Self.ordered(merged, by: plain, original: kept, key: key)
    }

    /// Carries out the items with `$patch`; what is left of the original, and the other items of the patch.
    private func special(
        _ patch: [JSON],
        _ original: [JSON],
        _ key: String
    ) throws(PatchError) -> (original: [JSON], patch: [JSON]) {
        var kept = original
        var plain: [JSON] = []
        var replaces = false
        for item in patch {
            guard case .object(let object) = item else { throw Self.badItem(item) }
            guard let directive = object[Self.patch] else {
                plain.append(item)
                continue
            }
            switch directive.string {
            case "delete":
                let value = try Self.key(key, of: object)
                kept.removeAll { $0[key] == value }
            case "replace": replaces = true
            case "merge": throw .failed("merging lists cannot yet be specified in the patch")
            default: throw Self.unknownDirective(directive, object)
            }
        }
        return replaces ? (plain, []) : (kept, plain)
    }

    /// Carries out the `$setElementOrder` directives of a map, with the lists that they are for.
    func orderLists(
        _ patch: inout JSONObject,
        _ original: inout JSONObject,
        _ schema: Schema
    ) throws(PatchError) {
        for (directive, value) in patch where directive.hasPrefix(Self.setElementOrder) {
            patch[directive] = nil
            let name = try Self.orderedListName(directive)
            guard case .array(let order) = value else { throw Self.badType(value) }
            let member = schema.member(name) ?? .deduced
            let key = member.patchMergeKey
            let old = try Self.items(original[name])
            let new = try Self.items(patch[name])
            guard old != nil || new != nil else { continue }
            try Self.check(new ?? [], follows: order, key)
            let merged: [JSON] =
                if let old, let new {
                    member.patchStrategies.contains("merge") ? try merge(new, into: old, member) : new
                } else if let old {
                    old
                } else {
                    Self.withoutDirectives(.array(new ?? [])).array ?? []
                }
            patch[name] = nil
            original[name] = .array(try Self.ordered(merged, by: order, original: old ?? [], key: key))
        }
    }

    private static func orderedListName(_ directive: String) throws(PatchError) -> String {
        let parts = directive.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == setElementOrder[...] else {
            throw .malformed("invalid patch format of setElementOrder list")
        }
        return String(parts[1])
    }

    private static func items(_ value: JSON?) throws(PatchError) -> [JSON]? {
        switch value {
        case nil: return nil
        case .array(let items)?: return items
        case let value?: throw badType(value)
        }
    }

    /// The items that the patch sets must come in the order that the directive says.
    private static func check(_ patch: [JSON], follows order: [JSON], _ key: String?) throws(PatchError) {
        var rest = (key == nil ? patch : patch.filter { $0[Self.patch]?.string != "delete" })[...]
        for item in order {
            guard let next = rest.first else { return }
            if isSame(next, item, key) { rest = rest.dropFirst() }
        }
        guard rest.isEmpty else {
            throw .failed(
                "The order in patch list:\n\(GoText.value(.array(patch)))\n doesn't match \(setElementOrder) list:\n"
                    + "\(GoText.value(.array(order)))\n"
            )
        }
    }

    /// Puts the items of `order` in its order, and the others where they were in the original list before those.
    private static func ordered(
        _ merged: [JSON],
        by order: [JSON],
        original: [JSON],
        key: String?
    ) throws(PatchError) -> [JSON] {
        func place(_ item: JSON, _ list: [JSON]) -> Int? { list.firstIndex { isSame($0, item, key) } }
        func sorted(_ items: [JSON], by list: [JSON]) -> [JSON] {
            items.enumerated().sorted {
                (place($0.element, list) ?? .max, $0.offset) < (place($1.element, list) ?? .max, $1.offset)
            }.map(\.element)
        }
        var named = sorted(merged.filter { place($0, order) != nil }, by: order)[...]
        var others = sorted(merged.filter { place($0, order) == nil }, by: original)[...]
        var result: [JSON] = []
        while let other = others.first, let next = named.first {
            if let left = place(other, original), let right = place(next, original), left < right {
                result.append(others.removeFirst())
            } else {
                result.append(named.removeFirst())
            }
        }
        return result + others + named
    }

    private static func isSame(_ left: JSON, _ right: JSON, _ key: String?) -> Bool {
        guard let key else { return left == right }
        return left[key] != nil && left[key] == right[key]
    }

    private static func key(_ key: String, of object: JSONObject) throws(PatchError) -> JSON {
        guard let value = object[key] else {
            throw .failed("map: \(GoText.value(.object(object))) does not contain declared merge key: \(key)")
        }
        return value
    }

    private static func badItem(_ item: JSON) -> PatchError {
        .failed("expected a map[string]interface {}, but received a \(GoText.type(item))")
    }

    private static func badType(_ value: JSON) -> PatchError {
        .failed("expected a []interface {}, but received a \(GoText.type(value))")
    }
}
