/// One JSON value, as Kubernetes reads it.
///
/// Integers, floating point numbers and numbers that fit neither stay apart, as they do in Kubernetes: `1` and
/// `1.0` are different values, and a number of 30 digits survives a round trip unchanged.
package enum JSON: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    /// A number that neither `Int64` nor `Double` holds exactly, as its literal text.
    case number(String)
    case string(String)
    case array([JSON])
    case object(JSONObject)
}

extension JSON {
    /// Texts are equal when their bytes are: `é` as one character and as two are different values to Kubernetes.
    package static func == (left: JSON, right: JSON) -> Bool {
        switch (left, right) {
        case (.string(let left), .string(let right)): left == right && hasSameBytes(left, right)
        case (.object(let left), .object(let right)): left == right
        case (.array(let left), .array(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.double(let left), .double(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.bool(let left), .bool(let right)): left == right
        case (.null, .null): true
        default: false
        }
    }

    /// Of texts that are equal as Swift compares them.
    private static func hasSameBytes(_ left: String, _ right: String) -> Bool {
        guard left.utf8.count == right.utf8.count else { return false }
        let isSame = left.utf8.withContiguousStorageIfAvailable { left in
            right.utf8.withContiguousStorageIfAvailable { left.elementsEqual($0) }
        }
        return isSame.flatMap { $0 } ?? left.utf8.elementsEqual(right.utf8)
    }

    /// The member of an object; `nil` for a missing key and for anything that is not an object.
    ///
    /// Setting on a value that is not an object replaces it by an object with that one member; setting `nil` removes
    /// the member.
    package subscript(key: String) -> JSON? {
        get {
            guard case .object(let object) = self else { return nil }
            return object[key]
        }
        set {
            guard case .object(var object) = self else {
                guard let newValue else { return }
                self = .object([key: newValue])
                return
            }
            // The payload is released before it changes, so that the change happens in place.
            self = .null
            object[key] = newValue
            self = .object(object)
        }
    }

    /// The element of an array; `nil` when out of range and for anything that is not an array.
    package subscript(index: Int) -> JSON? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    /// The value at a path of object keys; `nil` as soon as one is missing.
    package func at(_ path: String...) -> JSON? { at(path) }

    /// The value at a path of object keys; `nil` as soon as one is missing.
    package func at(_ path: [String]) -> JSON? {
        var value = self
        for key in path {
            guard let next = value[key] else { return nil }
            value = next
        }
        return value
    }

    /// Sets the value at a path of object keys, making objects on the way.
    package mutating func set(_ value: JSON?, at path: [String]) {
        guard let first = path.first else {
            self = value ?? .null
            return
        }
        guard path.count > 1 else {
            self[first] = value
            return
        }
        var child = self[first] ?? .object([:])
        self[first] = .null
        child.set(value, at: Array(path.dropFirst()))
        self[first] = child
    }

    /// The text of a string; `nil` for anything else.
    package var string: String? { if case .string(let value) = self { value } else { nil } }
    /// The value of an integer, or of a floating point number that is whole; `nil` for anything else.
    package var int: Int? {
        switch self {
        case .integer(let value): Int(value)
        case .double(let value): Int(exactly: value)
        default: nil
        }
    }
    /// The value of a number of either kind; `nil` for anything else.
    package var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .double(let value): value
        case .number(let text): Double(text)
        default: nil
        }
    }
    package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    package var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
    package var object: JSONObject? { if case .object(let value) = self { value } else { nil } }
    package var isNull: Bool { self == .null }

    /// How many arrays and objects stand within each other; 0 for a scalar.
    package var depth: Int {
        var deepest = 0
        var open = [(value: self, depth: 0)]
        while let (value, depth) = open.popLast() {
            switch value {
            case .array(let items): open += items.map { ($0, depth + 1) }
            case .object(let object): open += object.values.map { ($0, depth + 1) }
            default: continue
            }
            deepest = max(deepest, depth + 1)
        }
        return deepest
    }
}

/// There is no `nil` literal: in `isEmpty ? nil : value` it would silently mean null, where no value is meant. Inside of
/// an array or dictionary literal `nil` is null.
extension JSON: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(floatLiteral value: Double) { self = .double(value) }
    package init(stringLiteral value: String) { self = .string(value) }
    package init(arrayLiteral elements: JSON?...) { self = .array(elements.map { $0 ?? .null }) }
    package init(dictionaryLiteral elements: (String, JSON?)...) {
        self = .object(
            JSONObject(elements.lazy.map { ($0, $1 ?? .null) }, uniquingKeysWith: { _, last in last })
        )
    }
}
