import Synchronization

/// An object as the bytes in which it is stored and sent, for keeping many of them.
///
/// What is asked for all the time (name, uid, labels, owners) is at hand; the rest is parsed when it is first needed and
/// forgotten again when other objects are, so that an object that nobody looks at costs little more than its bytes. See
/// ``RecentTrees``.
package final class EncodedObject: Sendable {
    /// One JSON object, compact, without white space around it.
    package let bytes: [UInt8]
    /// `metadata` without what is large and seldom asked for.
    let metadata: JSON
    let apiVersion: String
    let kind: String
    private let tree: Mutex<JSON?>

    /// - Parameter tree: What the bytes say.
    package init(bytes: [UInt8], tree: JSON) {
        self.bytes = bytes
        metadata = Self.summary(of: tree)
        apiVersion = Self.shared(tree["apiVersion"]?.string ?? "")
        kind = Self.shared(tree["kind"]?.string ?? "")
        self.tree = Mutex(tree)
        RecentTrees.shared.add(self)
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

    private static func parse(_ bytes: [UInt8]) -> JSON {
        do throws(SyntaxError) {
            return try JSON.parse(bytes)
        } catch {
            preconditionFailure("an object in memory is not JSON: \(error)")
        }
    }

    // MARK: What is at hand

    /// Members of `metadata` that are answered without the tree.
    static func isAtHand(_ key: String) -> Bool { key != "managedFields" && key != "annotations" }

    private static func summary(of tree: JSON) -> JSON {
        guard let metadata = tree["metadata"]?.object else { return [:] }
        var keys: [String] = []
        var values: [JSON] = []
        keys.reserveCapacity(metadata.count)
        values.reserveCapacity(metadata.count)
        for (key, value) in metadata where isAtHand(key) {
            keys.append(key)
            values.append(value)
        }
        return .object(JSONObject(sortedKeys: keys, values: values))
    }

    /// Few different ones, in many objects.
    private static func shared(_ text: String) -> String {
        guard text.utf8.count > 15 else { return text }
        return names.withLock { names in
            if let known = names[text] { return known }
            if names.count < 4096 { names[text] = text }
            return text
        }
    }

    private static let names = Mutex<[String: String]>([:])
}
