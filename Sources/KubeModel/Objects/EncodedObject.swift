import Synchronization

/// An object as the bytes in which it is stored and sent, for keeping many of them.
///
/// What is asked for all the time (name, uid, labels, owners) is read from the bytes; the rest is parsed when it is first
/// needed and forgotten again when other objects are, so that an object that nobody looks at costs little more than its
/// bytes. See ``RecentTrees``.
package final class EncodedObject: Sendable {
    /// One JSON object, compact, without white space around it.
    package let bytes: [UInt8]
    let apiVersion: String
    let kind: String
    let name: String
    let namespace: String
    private let places: MetadataPlaces
    private let tree: Mutex<JSON?>
    private let note = Mutex<(any AnyObject & Sendable)?>(nil)

    /// - Parameter tree: What the bytes say.
    package convenience init(bytes: [UInt8], tree: JSON) {
        self.init(bytes, tree, kept: tree)
        RecentTrees.shared.add(self)
    }

    /// An object that is seldom looked at: only its bytes are kept.
    convenience init(bytesOf tree: JSON) { self.init(tree.encoded(), tree, kept: nil) }

    private init(_ bytes: [UInt8], _ tree: JSON, kept: JSON?) {
        self.bytes = bytes
        apiVersion = Self.shared(tree["apiVersion"]?.string ?? "")
        kind = Self.shared(tree["kind"]?.string ?? "")
        let metadata = tree["metadata"]
        name = metadata?["name"]?.string ?? ""
        namespace = Self.shared(metadata?["namespace"]?.string ?? "")
        places = bytes.withUnsafeBufferPointer(MetadataPlaces.init)
        self.tree = Mutex(kept)
    }

    package var json: JSON {
        let (json, isNew) = tree.withLock { tree in
            if let tree { return (tree, false) }
            let parsed = Self.parse(bytes)
            tree = parsed
            return (parsed, true)
        }
        if isNew { RecentTrees.shared.add(self) }
        return json
    }

    /// Leaves only the bytes.
    func forget() {
        // Released after the lock: taking a large tree apart takes a while.
        let old = tree.withLock { tree in
            defer { tree = nil }
            return tree
        }
        _ = consume old
    }

    private static func parse(_ bytes: some Collection<UInt8>) -> JSON {
        do throws(SyntaxError) {
            return try JSON.parse(bytes)
        } catch {
            preconditionFailure("an object in memory is not JSON: \(error)")
        }
    }

    /// What was worked out from it, once: a second kind of note replaces the first.
    func remembering<Note: AnyObject & Sendable>(_ make: () -> Note) -> Note {
        if let known = note.withLock({ $0 }) as? Note { return known }
        let new = make()
        note.withLock { $0 = new }
        return new
    }

    // MARK: What is at hand

    /// A member of `metadata`, read from the bytes.
    func metadata(_ key: String) -> JSON? {
        bytes.withUnsafeBufferPointer { buffer in
            places.range(of: key, in: buffer).map { Self.value(UnsafeBufferPointer(rebasing: buffer[$0])) }
        }
    }

    /// A text in an object in `metadata`: a label, an annotation.
    func metadata(_ key: String, _ member: String) -> JSON? {
        bytes.withUnsafeBufferPointer { buffer in
            guard let range = places.range(of: key, in: buffer), buffer[range.lowerBound] == UInt8(ascii: "{")
            else { return nil }
            var members = MemberScan(bytes: buffer, place: range.lowerBound + 1)
            return members.range(of: member).map { Self.value(UnsafeBufferPointer(rebasing: buffer[$0])) }
        }
    }

    private static func value(_ bytes: UnsafeBufferPointer<UInt8>) -> JSON {
        if bytes.count > 1, bytes[0] == UInt8(ascii: "\""), !bytes.contains(UInt8(ascii: "\\")) {
            return .string(JSONTexts.text(UnsafeBufferPointer(rebasing: bytes[1..<(bytes.count - 1)])))
        }
        return parse(bytes)
    }

    /// Few different ones, in many objects.
    private static func shared(_ text: String) -> String {
        guard text.utf8.count > 15 else { return text }
        return names.withLock { names in
            if let known = names[text] { return known }
            if names.count < 16_384 { names[text] = text }
            return text
        }
    }

    private static let names = Mutex<[String: String]>([:])
}
