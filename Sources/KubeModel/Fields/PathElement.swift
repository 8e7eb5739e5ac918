/// One step into an object: a member, or an item of a list.
package enum PathElement: Hashable, Sendable {
    /// A member by name.
    case field(String)
    /// An item of a list, as `fieldsV1` names it: `k:{"name":"web"}` by keys, `v:"x"` by value, `i:0` by index.
    case item(String)

    /// From a key of `fieldsV1`; `nil` for what is none.
    init?(serialized key: String) {
        var text = key
        let parsed = text.withUTF8 { bytes -> PathElement?? in
            guard bytes.count > 1, bytes[1] == UInt8(ascii: ":") else { return .some(nil) }
            switch bytes[0] {
            case UInt8(ascii: "f"):
                return .field(String(decoding: UnsafeBufferPointer(rebasing: bytes[2...]), as: UTF8.self))
            case UInt8(ascii: "k"), UInt8(ascii: "v"):
                // Other writers may put spaces or other escapes; the common spelling needs no work.
                let isCommon = bytes.count > 2 && !bytes.contains { $0 == 0x20 || $0 == UInt8(ascii: "\\") }
                let isText = isCommon && (bytes[2] == UInt8(ascii: "{") || bytes[2] == UInt8(ascii: "\""))
                return isText ? .item(key) : nil
            case UInt8(ascii: "i"): return .some(Int(key.dropFirst(2)).map { .index($0) })
            default: return .some(nil)
            }
        }
        if let parsed {
            guard let parsed else { return nil }
            self = parsed
        } else {
            guard let text = Self.settled(key.utf8.dropFirst(2)) else { return nil }
            self = .item(String(key.prefix(2)) + text)
        }
    }

    /// The spelling that reads back as itself; a number too small to hold becomes `-0` first, and that `0`.
    private static func settled(_ value: Substring.UTF8View) -> String? {
        guard let once = try? JSON.parse(value), let twice = try? JSON.parse(once.text.utf8) else {
            return nil
        }
        return twice.text
    }

    /// The key of `fieldsV1`.
    var serialized: String {
        switch self {
        case .field(let name): "f:" + name
        case .item(let text): text
        }
    }

    /// The step by which a list item is found by its keys.
    static func keys(_ keys: JSONObject) -> PathElement { .item("k:", .object(keys)) }

    /// The step by which a member of a set is found.
    static func value(_ value: JSON) -> PathElement { .item("v:", value) }

    private static func item(_ prefix: StaticString, _ value: JSON) -> PathElement {
        var writer = JSONWriter(capacity: 96)
        writer.put(prefix)
        writer.write(value)
        return .item(writer.text)
    }

    static func index(_ index: Int) -> PathElement { .item("i:\(index)") }

    /// The keys of an item named by keys.
    package var keys: JSONObject? {
        guard case .item(let text) = self, text.hasPrefix("k:") else { return nil }
        // The text was made or checked by this type, so it can be read.
        return (try? JSON.parse(text.utf8.dropFirst(2)))?.object
    }

    /// The value of an item named by its value.
    package var value: JSON? {
        guard case .item(let text) = self, text.hasPrefix("v:") else { return nil }
        return try? JSON.parse(text.utf8.dropFirst(2))
    }
}

extension PathElement: Comparable {
    package static func < (left: PathElement, right: PathElement) -> Bool {
        switch (left, right) {
        case (.field(let left), .field(let right)): left < right
        case (.field, .item): true
        case (.item, .field): false
        case (.item(let left), .item(let right)): left < right
        }
    }
}

extension PathElement: CustomStringConvertible {
    /// As Kubernetes prints it in conflicts: `.spec`, `[name="web"]`, `[="x"]`, `[0]`.
    package var description: String {
        guard case .item(let text) = self else {
            if case .field(let name) = self { return "." + name }
            return ""
        }
        if let keys {
            return "[" + keys.map { "\($0)=\(Self.text(of: $1))" }.joined(separator: ",") + "]"
        }
        if let value { return "[=\(Self.text(of: value))]" }
        return "[\(text.dropFirst(2))]"
    }

    private static func text(of value: JSON) -> String {
        if case .string(let text) = value { return GoText.quoted(text) }
        return value.text
    }
}

/// The steps from an object's root to a place in it.
package struct FieldPath: Hashable, Sendable, CustomStringConvertible {
    package var elements: [PathElement]

    package init(_ elements: [PathElement] = []) { self.elements = elements }

    /// A path of members.
    package init(_ names: String...) { elements = names.map(PathElement.field) }

    /// As Kubernetes prints it: `.spec.ports[port=80,protocol="TCP"].name`.
    package var description: String { elements.map(\.description).joined() }
}
