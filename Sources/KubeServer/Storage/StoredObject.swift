package import KubeModel

/// An object at one version, as the store keeps it: never changed, shared by memory, change log, lists and watches.
package final class StoredObject: Sendable {
    package let name: ObjectName
    /// Its `metadata.resourceVersion`.
    package let version: UInt64
    /// Kept as its bytes.
    package let object: KubeObject
    /// How many bytes it has.
    let size: Int

    /// - Parameters:
    ///   - object: Gets the version.
    ///   - draft: The same object, written down.
    init(name: ObjectName, version: UInt64, object: consuming KubeObject, draft: ObjectDraft) {
        self.version = version
        object.set(.string(String(version)), at: "metadata", "resourceVersion")
        let bytes = draft.bytes(version: version)
        self.object = KubeObject(EncodedObject(bytes: bytes, tree: object.json))
        self.name = name.sharing(self.object)
        size = bytes.count
    }

    /// An object as it was read from the database.
    ///
    /// - Throws: `SyntaxError` for what is not JSON.
    init(name: ObjectName, version: UInt64, stored bytes: [UInt8]) throws(SyntaxError) {
        self.version = version
        var bytes = bytes
        var tree = try JSON.parse(bytes)
        let text = JSON.string(String(version))
        if tree["metadata"]?["resourceVersion"] != text {
            // Written by a version of Varde that put the version in when it read.
            tree.set(text, at: ["metadata", "resourceVersion"])
            bytes = tree.encoded(order: .structure)
        }
        object = KubeObject(EncodedObject(bytes: bytes, tree: tree))
        self.name = name.sharing(object)
        size = bytes.count
    }
}

extension ObjectName {
    /// The same name, in the memory that an object has for it.
    fileprivate func sharing(_ object: KubeObject) -> ObjectName {
        let own = object.objectName
        return own == self ? own : self
    }
}

/// One change of one object, in the order of versions.
package final class StoreEvent: Sendable {
    package enum Kind: Sendable { case added, modified, removed }

    package let kind: Kind
    /// The group-resource, as in ``ClusterStore/Key``.
    package let resource: String
    /// What it became; for a removal its last content, at the version of the removal.
    package let current: StoredObject
    /// What it was; `nil` for an object that is new.
    package let previous: StoredObject?

    package var version: UInt64 { current.version }
    package var name: ObjectName { current.name }
    package var object: KubeObject { current.object }
    /// How many bytes are kept only because of this event.
    var size: Int { (previous?.size ?? 0) + (kind == .removed ? current.size : 0) }

    init(kind: Kind, resource: String, current: StoredObject, previous: StoredObject?) {
        self.kind = kind
        self.resource = resource
        self.current = current
        self.previous = previous
    }
}
