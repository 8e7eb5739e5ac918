package import KubeModel

/// Finds where a live object differs from what applying a manifest would make of it.
///
/// The manager's own `fieldsV1` says which fields its last apply set, and whether a list is a map by keys, a set or one
/// value; so no schema is needed. A field that somebody else changed is no longer among the manager's, and a field that
/// the manifest no longer sets still is: both are differences, whatever the values say.
package struct FieldComparison {
    package struct Difference: Sendable, Hashable {
        /// For example `spec.template.spec.containers[name=web].image`.
        package var path: String
        /// The same as keys of `fieldsV1`.
        package var fields: [String]
        package var live: JSON?
        package var desired: JSON?
    }

    /// Differences, at most `limit`.
    ///
    /// - Parameter owned: What the manager applied before; `nil` when it never did, so that only values are compared.
    package static func differences(
        desired: KubeObject,
        live: KubeObject,
        owned: JSON?,
        limit: Int = 100
    ) -> [Difference] {
        var comparison = FieldComparison(limit: limit)
        let place = Place(path: "", fields: [])
        var wanted = desired.json.object ?? [:]
        wanted["apiVersion"] = nil
        wanted["kind"] = nil
        var metadata = wanted["metadata"]?.object ?? [:]
        metadata["name"] = nil
        metadata["namespace"] = nil
        wanted["metadata"] = metadata.isEmpty ? nil : .object(metadata)
        if let owned {
            comparison.compare(.object(wanted), live.json, owned, place)
        } else {
            comparison.compareValues(.object(wanted), live.json, place)
        }
        return comparison.found
    }

    private struct Place {
        var path: String
        var fields: [String]

        func field(_ name: String) -> Place {
            Place(path: path.isEmpty ? name : "\(path).\(name)", fields: fields + ["f:\(name)"])
        }
        func item(_ text: String, _ key: String) -> Place {
            Place(path: "\(path)[\(text)]", fields: fields + [key])
        }
    }

    private let limit: Int
    private var found: [Difference] = []

    private init(limit: Int) { self.limit = limit }

    private mutating func report(_ place: Place, live: JSON?, desired: JSON?) {
        guard found.count < limit else { return }
        found.append(Difference(path: place.path, fields: place.fields, live: live, desired: desired))
    }

    // MARK: With the fields that were applied

    private mutating func compare(_ desired: JSON, _ live: JSON?, _ owned: JSON, _ place: Place) {
        guard found.count < limit else { return }
        let members = owned.object ?? [:]
        let isLeaf = members.isEmpty || (members.count == 1 && members.keys[0] == ".")
        switch desired {
        case .object(let object) where !isLeaf || object.isEmpty:
            guard live?.object != nil else {
                // Applied, and ours still: the server keeps nothing of an empty one. Had somebody taken it away, it would not be.
                return object.isEmpty ? () : report(place, live: live, desired: desired)
            }
            compareMembers(object, live, members, place)
        case .array(let items) where !isLeaf:
            compareItems(items, live, members, place)
        default:
            compareValues(desired, live, place)
        }
    }

    private mutating func compareMembers(
        _ desired: JSONObject,
        _ live: JSON?,
        _ owned: JSONObject,
        _ place: Place
    ) {
        for (key, value) in desired {
            let next = place.field(key)
            if let owned = owned["f:\(key)"] {
                compare(value, live?[key], owned, next)
            } else if !Self.isSame(value, nil) || live?[key] != nil {
                compareUnowned(value, live?[key], next)
            }
        }
        for (key, _) in owned where key.hasPrefix("f:") {
            let name = String(key.dropFirst(2))
            guard desired[name] == nil else { continue }
            report(place.field(name), live: live?[name], desired: nil)
        }
    }

    /// A field that the last apply did not set, or that somebody took since: a difference whatever its value is.
    private mutating func compareUnowned(_ desired: JSON, _ live: JSON?, _ place: Place) {
        if desired.isNull { return }
        let before = found.count
        if desired.object?.isEmpty == false, live?.object != nil { compareValues(desired, live, place) }
        if found.count == before { report(place, live: live, desired: desired) }
    }

    private mutating func compareItems(_ desired: [JSON], _ live: JSON?, _ owned: JSONObject, _ place: Place)
    {
        var entries = owned.keys.filter { $0 != "." }
        let items = live?.array ?? []
        for value in desired {
            guard let index = entries.firstIndex(where: { ItemKey($0)?.matches(value) ?? false }),
                let key = ItemKey(entries[index])
            else {
                report(place.item(ItemKey.guess(value), ""), live: nil, desired: value)
                continue
            }
            let next = place.item(key.text, entries[index])
            let fields = owned[entries.remove(at: index)] ?? [:]
            guard let item = items.first(where: key.isKey(of:)) else {
                report(next, live: nil, desired: value)
                continue
            }
            if case .keys = key { compare(value, item, fields, next) }
        }
        for entry in entries {
            guard let key = ItemKey(entry) else { continue }
            report(place.item(key.text, entry), live: items.first(where: key.isKey(of:)), desired: nil)
        }
    }

    // MARK: By values alone

    /// Whether everything that is wanted is there; objects may have more members, lists not more items.
    private mutating func compareValues(_ desired: JSON, _ live: JSON?, _ place: Place) {
        guard found.count < limit else { return }
        switch (desired, live) {
        case (.object(let object), .object(let other)?):
            for (key, value) in object { compareValues(value, other[key], place.field(key)) }
        case (.array(let items), .array(let others)?):
            guard items.count == others.count else { return report(place, live: live, desired: desired) }
            for (index, item) in items.enumerated() {
                compareValues(item, others[index], place.item(ItemKey.guess(item, at: index), ""))
            }
        default:
            if !Self.isSame(desired, live) { report(place, live: live, desired: desired) }
        }
    }

    private static func isSame(_ desired: JSON, _ live: JSON?) -> Bool {
        guard let live else {
            switch desired {
            case .null: return true
            case .object(let object): return object.isEmpty
            case .array(let items): return items.isEmpty
            default: return false
            }
        }
        if desired == live { return true }
        if let left = desired.number, let right = live.number { return left == right }
        return false
    }
}
