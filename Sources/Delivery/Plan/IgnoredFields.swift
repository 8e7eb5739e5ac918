package import KubeModel
package import Rendering

/// Fields of one object that are left to others: neither compared nor sent once the object is there.
package struct IgnoredFields: Sendable, Hashable {
    private var pointers: [[String]] = []
    private var managers: Set<String> = []

    package init() {}

    package init(_ rules: [IgnoredDifference], for reference: ObjectReference) {
        for rule in rules {
            guard rule.group.map({ $0 == "*" || $0 == reference.group }) ?? true,
                rule.kind.isEmpty || rule.kind == "*" || rule.kind == reference.kind,
                rule.name.isEmpty || rule.name == reference.name,
                rule.namespace.isEmpty || rule.namespace == reference.namespace
            else { continue }
            pointers += rule.jsonPointers.map(Self.path)
            managers.formUnion(rule.managers)
        }
    }

    package var isEmpty: Bool { pointers.isEmpty && managers.isEmpty }

    /// A manifest as it is compared with a live object and sent over it.
    ///
    /// A field that the last apply set, and that nobody changed since, keeps its live value: leaving it out would
    /// remove it.
    package func applied(to manifest: KubeObject, over live: KubeObject, manager: String) -> KubeObject {
        guard !isEmpty else { return manifest }
        let ownership = FieldOwnership(live)
        let own = ownership.applied(by: manager)
        var result = manifest
        for path in pointers {
            var value: JSON?
            if let own, Self.owns(own, path[...], manifest.json) {
                value = Self.value(at: path[...], in: live.json, named: manifest.json)
            }
            Self.replace(path[...], in: &result.json, by: value)
        }
        for owner in ownership.owners where managers.contains(owner.manager) && owner.manager != manager {
            Self.remove(owner.fields, from: &result.json)
        }
        return result
    }

    // MARK: JSON pointers

    private static func path(_ pointer: String) -> [String] {
        pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map {
            String($0.replacing("~1", with: "/").replacing("~0", with: "~"))
        }
    }

    /// Whether a manager's fields have one at a path or below it.
    private static func owns(_ fields: JSON, _ path: ArraySlice<String>, _ manifest: JSON?) -> Bool {
        guard let first = path.first else { return true }
        guard let members = fields.object, !members.isEmpty else { return true }
        if let child = members["f:\(first)"] { return owns(child, path.dropFirst(), manifest?[first]) }
        guard let index = Int(first), let item = manifest?.array?.element(index),
            let key = members.keys.first(where: { ItemKey($0)?.matches(item) ?? false }),
            let child = members[key]
        else { return false }
        return owns(child, path.dropFirst(), item)
    }

    /// The live value at a path; items of lists are those that have the name of the manifest's.
    private static func value(at path: ArraySlice<String>, in live: JSON?, named manifest: JSON?) -> JSON? {
        guard let first = path.first else { return live }
        guard let items = live?.array, let index = Int(first) else {
            return value(at: path.dropFirst(), in: live?[first], named: manifest?[first])
        }
        let wanted = manifest?.array?.element(index)
        let item = wanted?["name"].map { name in items.first { $0["name"] == name } } ?? items.element(index)
        return value(at: path.dropFirst(), in: item, named: wanted)
    }

    private static func replace(_ path: ArraySlice<String>, in value: inout JSON, by new: JSON?) {
        guard let first = path.first else { return }
        let rest = path.dropFirst()
        if case .array(var items) = value {
            guard let index = Int(first), items.indices.contains(index) else { return }
            if !rest.isEmpty {
                replace(rest, in: &items[index], by: new)
            } else if let new {
                items[index] = new
            } else {
                items.remove(at: index)
            }
            value = .array(items)
            return
        }
        guard value.object != nil, var child = value[first] else { return }
        guard !rest.isEmpty else {
            value[first] = new
            return
        }
        replace(rest, in: &child, by: new)
        value[first] = child
    }

    // MARK: Fields of a manager

    /// Takes out what a manager's `fieldsV1` names.
    private static func remove(_ fields: JSON, from value: inout JSON) {
        for (key, child) in fields.object ?? [:] where key != "." {
            let members = child.object ?? [:]
            let isLeaf = members.isEmpty || (members.count == 1 && members.keys[0] == ".")
            if key.hasPrefix("f:") {
                let name = String(key.dropFirst(2))
                guard var inner = value[name] else { continue }
                if isLeaf {
                    value[name] = nil
                } else {
                    remove(child, from: &inner)
                    value[name] = inner
                }
            } else if let item = ItemKey(key), var items = value.array,
                let index = items.firstIndex(where: item.matches)
            {
                guard case .keys = item else { continue }
                if !isLeaf { removeMembers(child, of: item, from: &items[index]) }
                value = .array(items)
            }
        }
    }

    /// Takes fields of a list's item out, but those that name it.
    private static func removeMembers(_ fields: JSON, of key: ItemKey, from item: inout JSON) {
        guard case .keys(let names) = key else { return }
        var rest = fields.object ?? [:]
        for name in names.keys { rest["f:\(name)"] = nil }
        remove(.object(rest), from: &item)
    }
}

extension [JSON] {
    fileprivate func element(_ index: Int) -> JSON? { indices.contains(index) ? self[index] : nil }
}
