/// Whether two values are the same once the server has stored them.
struct Equivalence {
    enum Relation {
        case same
        /// The live value has what is wanted, and more.
        case extended
        case different
    }

    /// Whether empty members are dropped when they are stored, as those of built-in kinds are.
    let isBuiltIn: Bool

    func relation(_ live: JSON?, _ desired: JSON?, _ schema: Schema) -> Relation {
        guard let live else { return isNothing(desired, schema) ? .same : .different }
        guard let desired else { return isNothing(live, schema) ? .same : .different }
        if live.isEquivalent(to: desired) { return .same }
        if let isSame = sameMeaning(live, desired, schema) { return isSame ? .same : .different }
        switch (live, desired) {
        case (.object(let left), .object(let right)): return members(left, right, schema)
        case (.array(let left), .array(let right)):
            guard left.count == right.count else { return .different }
            return worst(
                zip(left, right).lazy.map { self.relation($0, $1, schema.items ?? .untyped) }
            )
        default: return isNothing(live, schema) && isNothing(desired, schema) ? .same : .different
        }
    }

    private func members(_ live: JSONObject, _ desired: JSONObject, _ schema: Schema) -> Relation {
        let wanted = desired.lazy.map { key, value in
            self.relation(live[key], value, schema.member(key) ?? .deduced)
        }
        let relation = worst(wanted)
        guard relation == .same else { return relation }
        let hasMore = live.contains { key, value in
            desired[key] == nil && !isNothing(value, schema.member(key) ?? .deduced)
                && value != schema.member(key)?.defaultValue
        }
        return hasMore ? .extended : .same
    }

    private func worst(_ relations: some Sequence<Relation>) -> Relation {
        var result = Relation.same
        for relation in relations {
            if relation == .different { return .different }
            if relation == .extended { result = .extended }
        }
        return result
    }

    /// Whether a value is stored as if it were not there.
    private func isNothing(_ value: JSON?, _ schema: Schema) -> Bool {
        switch value {
        case nil, .null?: true
        case .object(let object)?: isBuiltIn && object.isEmpty
        case .array(let items)?: isBuiltIn && items.isEmpty
        case .string(let text)?: isBuiltIn && text.isEmpty
        default: false
        }
    }

    /// Quantities and times by value; `nil` where the text itself counts.
    private func sameMeaning(_ live: JSON, _ desired: JSON, _ schema: Schema) -> Bool? {
        switch schema.meaning {
        case .quantity:
            guard let left = Quantity(live), let right = Quantity(desired) else { return nil }
            return left == right
        case .time, .microTime:
            guard let left = live.string.flatMap(Timestamp.init(parsing:)),
                let right = desired.string.flatMap(Timestamp.init(parsing:))
            else { return nil }
            return left == right
        default: return nil
        }
    }
}
