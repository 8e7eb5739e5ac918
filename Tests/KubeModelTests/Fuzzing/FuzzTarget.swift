import KubeModel

/// What is given arbitrary bytes, to see that nothing crashes, hangs or contradicts itself.
///
/// `scripts/fuzz` looks for inputs that do, with libFuzzer; what it has found is replayed by the tests.
enum FuzzTarget: String, CaseIterable {
    case json, yaml, patch, apply, selector, fields, quantity

    /// Something that should hold for every input and does not for one.
    struct Violation: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    func run(_ bytes: [UInt8], schema: Schema? = nil) throws(Violation) {
        switch self {
        case .json: try Self.json(bytes)
        case .yaml: try Self.yaml(bytes)
        case .patch: try Self.patch(bytes, schema)
        case .apply: try Self.apply(bytes, schema)
        case .selector: try Self.selector(String(decoding: bytes, as: UTF8.self))
        case .fields: try Self.fields(bytes)
        case .quantity: try Self.quantity(String(decoding: bytes, as: UTF8.self))
        }
    }

    static func expect(_ isTrue: Bool, _ message: @autoclosure () -> String) throws(Violation) {
        if !isTrue { throw Violation(message()) }
    }

    /// The value of a JSON text; `nil` if it is none, which is no violation.
    static func value(_ bytes: [UInt8]) -> JSON? { try? JSON.parse(bytes) }

    /// A value as it is once it has been written and read: 1.0 has become 1 and -0.0 has become 0, as in Go.
    static func settled(_ value: JSON) -> JSON? {
        Self.value(value.encoded()).flatMap { Self.value($0.encoded()) }
    }

    // MARK: Texts

    private static func json(_ bytes: [UInt8]) throws(Violation) {
        _ = try? JSON.parse(bytes, limits: JSON.Limits(numbers: .kept))
        guard let first = value(bytes) else { return }
        guard let value = settled(first) else {
            throw Violation("what was written cannot be read: \(first.text)")
        }
        let text = value.encoded()
        try expect(Self.value(text) == value, "written and read again differs: \(value.text)")
        try expect(
            Self.value(value.encoded(indent: 2))?.encoded() == text,
            "the indented form says something else: \(value.text)"
        )
        try expect(value.depth <= JSON.Limits().depth, "deeper than allowed")
        guard case .object(let members) = value else { return }
        for order in [JSON.MemberOrder.structure, .name] {
            let bytes = value.encoded(order: order)
            try expect(
                Self.value(bytes)?.encoded() == text,
                "another order says something else: \(value.text)"
            )
            let object = KubeObject(EncodedObject(bytes: bytes, tree: value))
            for (key, member) in members where key.allSatisfy({ $0.isASCII && $0.isLetter }) {
                let found = object.bytes(of: key).flatMap { Self.value(Array($0)) }
                try expect(
                    found?.encoded() == member.encoded(),
                    "the bytes of \(key) are not found: \(value.text)"
                )
            }
        }
        var version = value
        version.set("", at: ["metadata", "resourceVersion"])
        let draft = ObjectDraft(version, order: .structure).bytes(version: 42)
        try expect(
            Self.value(draft)?.at("metadata", "resourceVersion") == "42",
            "a version cannot be put in: \(value.text)"
        )
    }

    private static func yaml(_ bytes: [UInt8]) throws(Violation) {
        let limits = YAML.Limits(depth: 200, nodes: 100_000)
        var repeated: [SyntaxError] = []
        _ = try? YAML.documents(bytes, limits: limits, repeated: &repeated)
        guard let documents = try? YAML.documents(bytes, limits: limits) else { return }
        for document in documents {
            try expect(document.value.depth <= 201, "deeper than allowed")
            guard let value = settled(document.value) else {
                throw Violation("what was written as JSON cannot be read: \(document.value.text)")
            }
            let text = YAML.text(of: value)
            guard let again = try? YAML.documents(Array(text.utf8)) else {
                throw Violation("what was written cannot be read: \(document.value.text)")
            }
            try expect(
                settled(again.first?.value ?? .null) == value,
                "written and read again differs: \(value.text)\n\(text)"
            )
        }
    }

    private static func selector(_ text: String) throws(Violation) {
        let labels = ["app": "web", "tier": "5", "": ""]
        if let selector = try? LabelSelector(parsing: text) {
            let shown = selector.description
            guard let again = try? LabelSelector(parsing: shown) else {
                throw Violation("\(text.debugDescription) is shown as \(shown), which cannot be read")
            }
            try expect(
                again.matches(labels) == selector.matches(labels) && again.description == shown,
                "\(text.debugDescription) and \(shown) are not the same"
            )
        }
        if let selector = try? FieldSelector(parsing: text) {
            _ = selector.matches { $0 }
            _ = selector.exactValue(of: "metadata.name")
        }
    }

    private static func fields(_ bytes: [UInt8]) throws(Violation) {
        guard let value = value(bytes), let set = FieldSet(fieldsV1: value) else { return }
        let written = set.fieldsV1
        guard let again = FieldSet(fieldsV1: written) else {
            throw Violation("what was written cannot be read: \(written.text)")
        }
        try expect(again == set, "written and read again differs: \(value.text) \(written.text)")
        try expect(set.union(set) == set, "the union with itself differs: \(value.text)")
        try expect(set.intersection(set) == set, "the intersection with itself differs: \(value.text)")
        try expect(set.difference(set).isEmpty, "something is left of itself: \(value.text)")
        for path in set.paths { try expect(set.contains(path), "\(path) is lost in \(value.text)") }
    }

    private static func quantity(_ text: String) throws(Violation) {
        if let quantity = Quantity(text) {
            try expect(Quantity(quantity.text) == quantity, "\(text) is written as \(quantity.text)")
            _ = (quantity.value, quantity.milliValue)
        }
        if let time = Timestamp(parsing: text) {
            try expect(Timestamp(parsing: time.text)?.text == time.text, "\(text) is written as \(time.text)")
        }
    }
}
