extension JSON {
    /// In which order the members of an object are written.
    package enum MemberOrder: Sendable {
        /// As Kubernetes writes objects of built-in kinds: `kind`, `apiVersion` and `metadata` first, its members as its
        /// structures have them.
        case structure
        /// By name, as Kubernetes writes objects of custom kinds.
        case name
    }
}

/// An object written down to be stored; its version is put in when it is known.
package struct ObjectDraft: Sendable {
    private let bytes: [UInt8]
    /// Where the digits of the version belong.
    private let place: Int

    /// - Parameter object: Has a `metadata.resourceVersion`, whatever it is.
    package init(_ object: JSON, order: JSON.MemberOrder) {
        var writer = JSONWriter()
        writer.write(object, order: order, leavesVersionOut: true)
        place = writer.versionPlace ?? 0
        bytes = writer.bytes()
    }

    package func bytes(version: UInt64) -> [UInt8] {
        guard place > 0 else { return bytes }
        let digits = Array(String(version).utf8)
        return [UInt8](unsafeUninitializedCapacity: bytes.count + digits.count) { buffer, count in
            for part in [bytes[..<place], digits[...], bytes[place...]] {
                part.withUnsafeBufferPointer { part in
                    guard let source = part.baseAddress, let target = buffer.baseAddress else { return }
                    (target + count).initialize(from: source, count: part.count)
                    count += part.count
                }
            }
        }
    }
}

extension JSON {
    /// The compact form with the members of the first levels in an order.
    package func encoded(order: MemberOrder) -> [UInt8] {
        var writer = JSONWriter()
        writer.write(self, order: order, leavesVersionOut: false)
        return writer.bytes()
    }
}

extension JSONWriter {
    /// Writes an object with the members of its first levels in an order.
    ///
    /// - Parameter leavesVersionOut: Writes `metadata.resourceVersion` as an empty text and notes where it is.
    mutating func write(_ value: JSON, order: JSON.MemberOrder, leavesVersionOut: Bool) {
        guard case .object(let object) = value else { return write(value) }
        let isStatus = object["kind"]?.string == "Status"
        members(of: object, first: order == .name ? [] : isStatus ? Self.status : Self.object) {
            (writer, key, value) in
            switch key {
            case "metadata":
                writer.writeMetadata(value, order, leavesVersionOut: leavesVersionOut)
            case "details" where isStatus && order == .structure:
                guard case .object(let details) = value else { return writer.write(value) }
                writer.members(of: details, first: Self.details) { $0.write($2) }
            default: writer.write(value)
            }
        }
    }

    private mutating func writeMetadata(_ value: JSON, _ order: JSON.MemberOrder, leavesVersionOut: Bool) {
        guard case .object(let metadata) = value else { return write(value) }
        members(of: metadata, first: order == .name ? [] : Self.metadata) { (writer, key, value) in
            if key == "resourceVersion", leavesVersionOut {
                writer.put(UInt8(ascii: "\""))
                writer.versionPlace = writer.count
                writer.put(UInt8(ascii: "\""))
            } else if key == "managedFields", order == .structure, case .array(let entries) = value {
                writer.put(UInt8(ascii: "["))
                for (index, entry) in entries.enumerated() {
                    if index > 0 { writer.put(UInt8(ascii: ",")) }
                    guard case .object(let members) = entry else {
                        writer.write(entry)
                        continue
                    }
                    writer.members(of: members, first: Self.manager) { $0.write($2) }
                }
                writer.put(UInt8(ascii: "]"))
            } else {
                writer.write(value)
            }
        }
    }

    /// Writes an object's members: some first, in their order, the others by name.
    private mutating func members(
        of object: JSONObject,
        first: [String],
        _ write: (inout JSONWriter, String, JSON) -> Void
    ) {
        put(UInt8(ascii: "{"))
        var isFirst = true
        func member(_ writer: inout JSONWriter, _ key: String, _ value: JSON) {
            if !isFirst { writer.put(UInt8(ascii: ",")) }
            isFirst = false
            writer.write(key)
            writer.put(UInt8(ascii: ":"))
            write(&writer, key, value)
        }
        for key in first {
            if let value = object[key] { member(&self, key, value) }
        }
        for (key, value) in object where first.isEmpty || !first.contains(key) { member(&self, key, value) }
        put(UInt8(ascii: "}"))
    }

    private static let object = ["kind", "apiVersion", "metadata"]
    private static let status = [
        "kind", "apiVersion", "metadata", "status", "message", "reason", "details", "code",
    ]
    private static let details = ["name", "group", "kind", "uid", "causes", "retryAfterSeconds"]
    private static let manager = [
        "manager", "operation", "apiVersion", "time", "fieldsType", "fieldsV1", "subresource",
    ]
    private static let metadata = [
        "name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation",
        "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations",
        "ownerReferences", "finalizers", "managedFields",
    ]
}
