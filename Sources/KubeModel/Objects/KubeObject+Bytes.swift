extension KubeObject {
    /// Itself, parsed for one use if it is kept as bytes: walking over many objects so leaves alone the trees of those that
    /// are in use.
    package var unpacked: KubeObject {
        // What is kept as bytes was written here: it can be read.
        guard let bytes, let tree = try? JSON.parse(bytes) else { return self }
        return KubeObject(tree)
    }

    /// As ``unpacked``, but without the record of its managers, which is up to half of an object.
    package var unpackedWithoutManagedFields: KubeObject {
        guard let bytes, let managedFields = bytes.withUnsafeBufferPointer(Self.managedFields) else {
            return unpacked
        }
        var rest: [UInt8] = []
        rest.reserveCapacity(bytes.count - managedFields.count + 2)
        rest += bytes[..<managedFields.lowerBound]
        rest += Array("[]".utf8)
        rest += bytes[managedFields.upperBound...]
        guard let tree = try? JSON.parse(rest) else { return self }
        return KubeObject(tree)
    }

    private static func managedFields(in bytes: UnsafeBufferPointer<UInt8>) -> Range<Int>? {
        var object = MemberScan(bytes: bytes, place: 1)
        guard let metadata = object.range(of: "metadata") else { return nil }
        var members = MemberScan(bytes: bytes, place: metadata.lowerBound + 1)
        return members.range(of: "managedFields")
    }

    /// Whether both are one and the same in memory.
    package func sharesBytes(with other: KubeObject) -> Bool { encoded != nil && encoded === other.encoded }

    /// Itself, kept as bytes from now on: for keeping many.
    package var packed: KubeObject {
        guard bytes == nil else { return self }
        return KubeObject(EncodedObject(bytes: json.encoded(), tree: json))
    }

    /// Itself, kept as bytes alone: for keeping many that are seldom looked at.
    package var packedAway: KubeObject {
        guard bytes == nil else { return self }
        return KubeObject(EncodedObject(bytesOf: json))
    }

    /// What is worked out from the object alone, kept with it for as long as it is kept as bytes: the same version is not
    /// looked at twice.
    package func remembering<Note: AnyObject & Sendable>(_ make: () -> Note) -> Note {
        encoded?.remembering(make) ?? make()
    }

    /// The bytes of a member of the object itself, where it is kept as bytes.
    package func bytes(of member: String) -> ArraySlice<UInt8>? {
        guard let bytes else { return nil }
        return bytes.withUnsafeBufferPointer { buffer in
            var scan = MemberScan(bytes: buffer, place: 1)
            return scan.range(of: member)
        }.map { bytes[$0] }
    }

    /// The bytes without `kind` and `apiVersion`, as in lists of built-in kinds; `nil` where they do not come first.
    package var bareBytes: ArraySlice<UInt8>? {
        guard let bytes else { return nil }
        let start = Array("{\"kind\":\"\(kind)\",\"apiVersion\":\"\(apiVersion)\",".utf8)
        guard bytes.count > start.count, bytes.starts(with: start) else { return nil }
        return bytes[start.count...]
    }
}
