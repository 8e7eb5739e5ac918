/// The members of a JSON object, in the order of their keys.
///
/// Two arrays sorted by key: small objects are the rule in Kubernetes, and for those a sorted array is smaller and
/// faster than a hash table, makes equality a comparison of arrays, and writes objects in a stable order.
package struct JSONObject: Sendable, Hashable {
    package private(set) var keys: [String]
    package private(set) var values: [JSON]

    package init() {
        keys = []
        values = []
    }

    /// The members, with `combine` deciding between values of equal keys.
    package init(
        _ members: some Sequence<(String, JSON)>,
        uniquingKeysWith combine: (JSON, JSON) throws -> JSON
    ) rethrows {
        self.init()
        for (key, value) in members {
            let place = lowerBound(of: key)
            if place < keys.count, keys[place] == key {
                values[place] = try combine(values[place], value)
            } else {
                keys.insert(key, at: place)
                values.insert(value, at: place)
            }
        }
    }

    /// Members that are already sorted by key and unique; the reader's fast path.
    package init(sortedKeys keys: [String], values: [JSON]) {
        assert(keys.count == values.count)
        self.keys = keys
        self.values = values
    }

    /// Sorts members by key where the last of equal keys wins; the keys that occurred more than once.
    static func sort(keys: inout [String], values: inout [JSON]) -> [String] {
        let order = keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
        var sortedKeys: [String] = []
        var sortedValues: [JSON] = []
        var duplicates: [String] = []
        sortedKeys.reserveCapacity(keys.count)
        sortedValues.reserveCapacity(keys.count)
        for index in order {
            if let last = sortedKeys.last, last == keys[index] {
                sortedValues[sortedValues.count - 1] = values[index]
                if duplicates.last != last { duplicates.append(last) }
            } else {
                sortedKeys.append(keys[index])
                sortedValues.append(values[index])
            }
        }
        keys = sortedKeys
        values = sortedValues
        return duplicates
    }

    package var count: Int { keys.count }
    package var isEmpty: Bool { keys.isEmpty }

    /// Where `key` is, or would be put.
    ///
    /// By hand: every member is found this way, and a debug build specialises nothing of a library.
    func lowerBound(of key: String) -> Int {
        var low = 0
        var high = keys.count
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] < key { low = middle + 1 } else { high = middle }
        }
        return low
    }

    package subscript(key: String) -> JSON? {
        get {
            let place = lowerBound(of: key)
            guard place < keys.count, keys[place] == key else { return nil }
            return values[place]
        }
        set {
            let place = lowerBound(of: key)
            let isPresent = place < keys.count && keys[place] == key
            switch (isPresent, newValue) {
            case (true, let value?): values[place] = value
            case (true, nil):
                keys.remove(at: place)
                values.remove(at: place)
            case (false, let value?):
                keys.insert(key, at: place)
                values.insert(value, at: place)
            case (false, nil): break
            }
        }
    }

    package subscript(key: String, default fallback: JSON) -> JSON {
        get { self[key] ?? fallback }
        set { self[key] = newValue }
    }

    /// Applies `change` to the value of a key, in place; makes the member if it is missing.
    package mutating func update(
        _ key: String,
        default fallback: JSON = .null,
        _ change: (inout JSON) throws -> Void
    )
        rethrows
    {
        let place = lowerBound(of: key)
        if place < keys.count, keys[place] == key {
            try change(&values[place])
        } else {
            var value = fallback
            try change(&value)
            keys.insert(key, at: place)
            values.insert(value, at: place)
        }
    }

    /// The members whose values `transform` keeps, transformed.
    package func compactMapValues(_ transform: (JSON) throws -> JSON?) rethrows -> JSONObject {
        var result = JSONObject()
        for (key, value) in self {
            guard let value = try transform(value) else { continue }
            result.keys.append(key)
            result.values.append(value)
        }
        return result
    }
}

extension JSONObject: Sequence {
    package struct Iterator: IteratorProtocol {
        let object: JSONObject
        var index = 0

        package mutating func next() -> (key: String, value: JSON)? {
            guard index < object.keys.count else { return nil }
            defer { index += 1 }
            return (object.keys[index], object.values[index])
        }
    }

    package func makeIterator() -> Iterator { Iterator(object: self) }
    package var underestimatedCount: Int { keys.count }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, JSON)...) {
        self.init(elements, uniquingKeysWith: { _, last in last })
    }
}
