/// Where two versions of an object differ.
package struct TypedComparison: Sendable, Hashable {
    package var added = FieldSet()
    package var removed = FieldSet()
    package var modified = FieldSet()

    package var isEmpty: Bool { added.isEmpty && removed.isEmpty && modified.isEmpty }

    package init() {}

    /// Compares as the schema says: atomic maps and lists as a whole, items of other lists by their keys or values.
    package init(_ old: JSON, _ new: JSON, _ schema: Schema) {
        let difference = Self.compare(old, new, schema)
        added = difference.added.children
        removed = difference.removed.children
        modified = difference.modified.children
    }

    /// The comparison without what a filter hides.
    func without(_ ignored: FieldSet) -> TypedComparison {
        guard !ignored.isEmpty else { return self }
        var result = TypedComparison()
        result.added = added.recursiveDifference(ignored)
        result.removed = removed.recursiveDifference(ignored)
        result.modified = modified.recursiveDifference(ignored)
        return result
    }

    private struct Place {
        var isMember = false
        var children = FieldSet()

        static let member = Place(isMember: true)

        func node(_ element: PathElement) -> FieldSet.Node {
            FieldSet.Node(element: element, isMember: isMember, children: children)
        }

        var isEmpty: Bool { !isMember && children.isEmpty }
    }

    private struct Difference {
        var added = Place()
        var removed = Place()
        var modified = Place()
    }

    private static func compare(_ old: JSON?, _ new: JSON?, _ schema: Schema) -> Difference {
        if let old, let new, old == new { return Difference() }
        let shape = schema.shape(of: new ?? old)
        if let old, let new, schema.shape(of: old) != shape { return compareShapes(old, new, schema) }
        switch shape {
        case .scalar: return leaf(old, new)
        case .map:
            let left = old?.object
            let right = new?.object
            if schema.isAtomicMap || (left?.isEmpty ?? true) && (right?.isEmpty ?? true) {
                return leaf(old, new)
            }
            return members(left ?? [:], right ?? [:], schema, isNew: old == nil, isGone: new == nil)
        case .list:
            let left = old?.array ?? []
            let right = new?.array ?? []
            if schema.listType == .atomic || left.isEmpty && right.isEmpty { return leaf(old, new) }
            return items(left, right, schema, isNew: old == nil, isGone: new == nil)
        }
    }

    /// A value that changed its type: everything that was there is gone, and the place is modified.
    private static func compareShapes(_ old: JSON, _ new: JSON, _ schema: Schema) -> Difference {
        var difference = leaf(old, new)
        difference.removed.children = compare(old, nil, schema).removed.children
        difference.added.children = compare(nil, new, schema).added.children
        return difference
    }

    private static func leaf(_ old: JSON?, _ new: JSON?) -> Difference {
        switch (old, new) {
        case (nil, _?): Difference(added: .member)
        case (_?, nil): Difference(removed: .member)
        case (let old?, let new?): old.isEquivalent(to: new) ? Difference() : Difference(modified: .member)
        case (nil, nil): Difference()
        }
    }

    private static func members(
        _ left: JSONObject,
        _ right: JSONObject,
        _ schema: Schema,
        isNew: Bool,
        isGone: Bool
    ) -> Difference {
        var collected = Collected()
        var (l, r) = (0, 0)
        while l < left.count || r < right.count {
            let key: String
            var old: JSON?
            var new: JSON?
            if r == right.count || (l < left.count && left.keys[l] < right.keys[r]) {
                key = left.keys[l]
                old = left.values[l]
                l += 1
            } else if l == left.count || right.keys[r] < left.keys[l] {
                key = right.keys[r]
                new = right.values[r]
                r += 1
            } else {
                key = left.keys[l]
                old = left.values[l]
                new = right.values[r]
                l += 1
                r += 1
            }
            collected.add(compare(old, new, schema.member(key) ?? .deduced), at: .field(key))
        }
        return collected.difference(isNew: isNew, isGone: isGone)
    }

    private static func items(
        _ left: [JSON],
        _ right: [JSON],
        _ schema: Schema,
        isNew: Bool,
        isGone: Bool
    ) -> Difference {
        var order: [PathElement] = []
        var found: [PathElement: (left: [JSON], right: [JSON])] = [:]
        for (element, item) in schema.index(left) {
            if found[element] == nil { order.append(element) }
            found[element, default: ([], [])].left.append(item)
        }
        for (element, item) in schema.index(right) {
            if found[element] == nil { order.append(element) }
            found[element, default: ([], [])].right.append(item)
        }
        var collected = Collected()
        let itemSchema = schema.items ?? .untyped
        for element in order {
            guard let (old, new) = found[element] else { continue }
            var difference: Difference
            switch (old.count, new.count) {
            case (...1, ...1): difference = compare(old.first, new.first, itemSchema)
            case (2..., 2...):
                let isSame = old.count == new.count && zip(old, new).allSatisfy { $0.isEquivalent(to: $1) }
                difference = isSame ? Difference() : Difference(modified: .member)
            case (2..., _):
                difference = new.first.map { compare(nil, $0, itemSchema) } ?? Difference()
                difference.removed.isMember = true
            default:
                difference = old.first.map { compare($0, nil, itemSchema) } ?? Difference()
                difference.added.isMember = true
            }
            collected.add(difference, at: element)
        }
        return collected.difference(isNew: isNew, isGone: isGone)
    }

    private struct Collected {
        var added: [FieldSet.Node] = []
        var removed: [FieldSet.Node] = []
        var modified: [FieldSet.Node] = []

        mutating func add(_ difference: Difference, at element: PathElement) {
            if !difference.added.isEmpty { added.append(difference.added.node(element)) }
            if !difference.removed.isEmpty { removed.append(difference.removed.node(element)) }
            if !difference.modified.isEmpty { modified.append(difference.modified.node(element)) }
        }

        func difference(isNew: Bool, isGone: Bool) -> Difference {
            Difference(
                added: Place(isMember: isNew, children: FieldSet(unsorted: added)),
                removed: Place(isMember: isGone, children: FieldSet(unsorted: removed)),
                modified: Place(isMember: false, children: FieldSet(unsorted: modified))
            )
        }
    }
}

extension JSON {
    /// Equality that takes `1` and `1.0` for the same.
    package func isEquivalent(to other: JSON) -> Bool {
        switch (self, other) {
        case (.integer(let left), .integer(let right)): return left == right
        case (.integer, .double), (.double, .integer), (.double, .double), (.number, _), (_, .number):
            guard let left = number, let right = other.number else { return false }
            return left == right
        case (.array(let left), .array(let right)):
            return left.count == right.count && zip(left, right).allSatisfy { $0.isEquivalent(to: $1) }
        case (.object(let left), .object(let right)):
            return left.keys == right.keys
                && zip(left.values, right.values).allSatisfy { $0.isEquivalent(to: $1) }
        default: return self == other
        }
    }
}
