/// A bounded cache that forgets what has not been used for longest, roughly.
///
/// Two generations: when the young one is full it becomes the old one, and what the old one had and nobody asked for
/// is gone. Costs no bookkeeping per use, and holds between half the limit and the limit.
package struct RecentlyUsed<Key: Hashable, Value> {
    private let limit: Int
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]
    private var youngCost = 0
    private let cost: (Value) -> Int

    /// - Parameter limit: The sum of the values' costs.
    package init(limit: Int, cost: @escaping (Value) -> Int = { _ in 1 }) {
        self.limit = limit
        self.cost = cost
    }

    package subscript(key: Key) -> Value? {
        mutating get {
            if let value = young[key] { return value }
            guard let value = old.removeValue(forKey: key) else { return nil }
            insert(value, key)
            return value
        }
        set {
            old[key] = nil
            if let value = young.removeValue(forKey: key) { youngCost -= cost(value) }
            if let newValue { insert(newValue, key) }
        }
    }

    package mutating func removeAll() {
        young = [:]
        old = [:]
        youngCost = 0
    }

    private mutating func insert(_ value: Value, _ key: Key) {
        young[key] = value
        youngCost += cost(value)
        guard youngCost > limit / 2 else { return }
        old = young
        young = [:]
        youngCost = 0
    }
}
