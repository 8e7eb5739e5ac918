package import KubeModel

/// An object at one version, as the store keeps it: never changed, shared by memory, change log, lists and watches.
package final class StoredObject: Sendable {
    package let name: ObjectName
    /// Its `metadata.resourceVersion`.
    package let version: UInt64
    package let object: KubeObject

    package init(name: ObjectName, version: UInt64, object: KubeObject) {
        self.name = name
        self.version = version
        var object = object
        object.set(.string(String(version)), at: "metadata", "resourceVersion")
        self.object = object
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

    init(kind: Kind, resource: String, current: StoredObject, previous: StoredObject?) {
        self.kind = kind
        self.resource = resource
        self.current = current
        self.previous = previous
    }
}
