/// A patch of operations: RFC 6902, with the ways of the library that Kubernetes uses.
///
/// `replace` of a missing member adds it, `test` of a missing member against null passes, list positions may be
/// negative, and an operation without a value has null.
package struct JSONPatch: Sendable, Hashable {
    package static let maximumOperations = 10_000
    /// What all `copy` operations of a patch may add, in bytes: a value that is copied into itself doubles each time.
    package static let maximumCopied = 3 << 20

    private struct Operation: Sendable, Hashable {
        var name: String
        var path: String?
        var from: String?
        var value: JSON
    }

    private let operations: [Operation]

    /// From the body of a request.
    package init(_ json: JSON) throws(PatchError) {
        guard case .array(let items) = json else {
            if json.isNull {
                operations = []
                return
            }
            throw .malformed(
                "error decoding patch: json: cannot unmarshal \(PatchError.typeName(json)) into Go value of type "
                    + "[]handlers.jsonPatchOp"
            )
        }
        guard items.count <= Self.maximumOperations else { throw .tooManyOperations(items.count) }
        var operations: [Operation] = []
        for item in items {
            guard case .object(let object) = item else {
                throw .malformed(
                    "error decoding patch: json: cannot unmarshal \(PatchError.typeName(item)) into Go value of type "
                        + "handlers.jsonPatchOp"
                )
            }
            for key in ["op", "path", "from"] {
                guard let value = object[key], value.string == nil, !value.isNull else { continue }
                throw .malformed(
                    "error decoding patch: json: cannot unmarshal \(PatchError.typeName(value)) into Go struct field "
                        + "jsonPatchOp.\(key) of type string"
                )
            }
            operations.append(
                Operation(
                    name: object["op"]?.string ?? "",
                    path: object["path"]?.string,
                    from: object["from"]?.string,
                    value: object["value"] ?? .null
                )
            )
        }
        self.operations = operations
    }

    /// The document after all operations; nothing of them if one does not apply.
    package func applied(to document: JSON) throws(PatchError) -> JSON {
        var document = document
        var growth = Growth(depth: JSON.Limits().depth)
        for operation in operations {
            try apply(operation, to: &document, &growth)
            try growth.check(document)
        }
        try growth.measure(document)
        return document
    }

    /// How much larger operations have made a document, which a short patch can do without end.
    private struct Growth {
        /// At most so deep is the document, as far as known.
        var depth: Int
        var copied = 0

        mutating func copy(_ value: JSON) throws(PatchError) {
            copied += value.encoded().count
            guard copied <= JSONPatch.maximumCopied else {
                throw .doesNotApply("copies \(copied) bytes, more than \(JSONPatch.maximumCopied)")
            }
        }

        /// A value of the patch is put at a place.
        mutating func put(at path: String) { depth = max(depth, Self.steps(path) + JSON.Limits().depth) }

        /// A value of the document is put at another place.
        mutating func put(at path: String, from: String) {
            depth += max(0, Self.steps(path) - Self.steps(from))
        }

        /// Looks at the document only when it may be far too deep: that takes as long as the document is large.
        mutating func check(_ document: JSON) throws(PatchError) {
            if depth > 2 * JSON.Limits().depth { try measure(document) }
        }

        mutating func measure(_ document: JSON) throws(PatchError) {
            depth = document.depth
            let limit = JSON.Limits().depth
            guard depth <= limit else {
                throw .doesNotApply("nested \(depth) levels deep, more than \(limit)")
            }
        }

        private static func steps(_ pointer: String) -> Int { pointer.utf8.count { $0 == UInt8(ascii: "/") } }
    }

    private func apply(
        _ operation: Operation,
        to document: inout JSON,
        _ growth: inout Growth
    ) throws(PatchError) {
        guard let path = operation.path else { throw .doesNotApply("\(operation.name): missing path") }
        switch operation.name {
        case "add":
            growth.put(at: path)
            try change(path, in: &document) { $0.add($1, operation.value) }
        case "remove": try change(path, in: &document) { $0.remove($1) }
        case "replace":
            guard !path.isEmpty else {
                guard operation.value.object != nil || operation.value.array != nil else {
                    throw .doesNotApply("replace of the document by a scalar")
                }
                document = operation.value
                return
            }
            growth.put(at: path)
            try change(path, in: &document) { $0.replace($1, operation.value) }
        case "move":
            let from = try self.from(operation)
            let value = try value(at: from, in: document) ?? .null
            growth.put(at: path, from: from)
            try change(from, in: &document) { $0.remove($1) }
            try change(path, in: &document) { $0.add($1, value) }
        case "copy":
            let from = try self.from(operation)
            let value = try value(at: from, in: document) ?? .null
            try growth.copy(value)
            growth.put(at: path, from: from)
            try change(path, in: &document) { $0.add($1, value) }
        case "test":
            let value = path.isEmpty ? document : try value(at: path, in: document)
            guard (value ?? .null) == operation.value else { throw .doesNotApply("test \(path) failed") }
        default: throw .doesNotApply("unexpected operation \(operation.name)")
        }
    }

    private func from(_ operation: Operation) throws(PatchError) -> String {
        guard let from = operation.from else { throw .doesNotApply("\(operation.name): missing from") }
        return from
    }

    /// The steps of a pointer.
    ///
    /// What stands in front of the first slash does not count.
    private static func steps(_ pointer: String) -> [String] {
        pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map { part in
            part.contains("~")
                ? String(part.replacing("~1", with: "/").replacing("~0", with: "~")) : String(part)
        }
    }

    /// The value at a place; `nil` for a missing member of an object.
    private func value(at pointer: String, in document: JSON) throws(PatchError) -> JSON? {
        let steps = Self.steps(pointer)
        guard let last = steps.last else { throw .doesNotApply("missing path \(pointer)") }
        var container = document
        for step in steps.dropLast() {
            guard let next = container.child(step), !next.isNull else {
                throw .doesNotApply("missing path \(pointer)")
            }
            container = next
        }
        switch container {
        case .object(let object): return object[last]
        case .array:
            guard let item = container.child(last) else { throw .doesNotApply("no position \(last)") }
            return item
        default: throw .doesNotApply("missing path \(pointer)")
        }
    }

    /// Changes the container at the end of a pointer; `body` says whether it could.
    private func change(
        _ pointer: String,
        in document: inout JSON,
        _ body: (inout JSON, String) -> Bool
    ) throws(PatchError) {
        let steps = Self.steps(pointer)
        guard !steps.isEmpty, document.change(at: steps[...], body) else {
            throw .doesNotApply("cannot change \(pointer)")
        }
    }
}

extension JSON {
    /// A list position: negative ones count from the end.
    fileprivate static func position(_ text: String, count: Int) -> Int? {
        guard let index = Int(text) else { return nil }
        let place = index < 0 ? index + count : index
        return place >= 0 && place < count ? place : nil
    }

    fileprivate func child(_ step: String) -> JSON? {
        switch self {
        case .object(let object): return object[step]
        case .array(let items): return Self.position(step, count: items.count).map { items[$0] }
        default: return nil
        }
    }

    fileprivate mutating func change(
        at steps: ArraySlice<String>,
        _ body: (inout JSON, String) -> Bool
    ) -> Bool {
        guard let first = steps.first else { return false }
        guard steps.count > 1 else { return body(&self, first) }
        switch self {
        case .object(var object):
            guard object[first] != nil else { return false }
            self = .null
            var isDone = false
            object.update(first) { isDone = $0.change(at: steps.dropFirst(), body) }
            self = .object(object)
            return isDone
        case .array(var items):
            guard let index = Self.position(first, count: items.count) else { return false }
            self = .null
            let isDone = items[index].change(at: steps.dropFirst(), body)
            self = .array(items)
            return isDone
        default: return false
        }
    }

    fileprivate mutating func add(_ step: String, _ value: JSON) -> Bool {
        switch self {
        case .object:
            self[step] = value
            return true
        case .array(var items):
            guard let index = step == "-" ? items.count : Self.position(step, count: items.count + 1) else {
                return false
            }
            self = .null
            items.insert(value, at: index)
            self = .array(items)
            return true
        default: return false
        }
    }

    fileprivate mutating func remove(_ step: String) -> Bool {
        switch self {
        case .object(let object):
            guard object[step] != nil else { return false }
            self[step] = nil
            return true
        case .array(var items):
            guard let index = Self.position(step, count: items.count) else { return false }
            self = .null
            items.remove(at: index)
            self = .array(items)
            return true
        default: return false
        }
    }

    fileprivate mutating func replace(_ step: String, _ value: JSON) -> Bool {
        switch self {
        case .object:
            self[step] = value
            return true
        case .array(var items):
            guard let index = Self.position(step, count: items.count) else { return false }
            self = .null
            items[index] = value
            self = .array(items)
            return true
        default: return false
        }
    }
}
