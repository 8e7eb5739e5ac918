package import KubeModel

/// Where one cluster's objects are: an SQLite database for durability, memory for reads and watches.
///
/// Writers share transactions (group commit); a write is visible to readers and watchers only after it is durable. Reads
/// never touch the database. Resource versions come from one counter per cluster and grow with every write.
package final class ClusterStore: Sendable {
    /// Names one object: its group-resource (`deployments.apps`, `pods`) without a version, and its name.
    package struct Key: Sendable, Hashable {
        package var resource: String
        package var name: ObjectName

        package init(resource: String, name: ObjectName) {
            self.resource = resource
            self.name = name
        }
    }

    /// What a write does to an object.
    package enum Change: Sendable {
        /// Stores the object; the store sets `metadata.resourceVersion`.
        case put(KubeObject)
        /// Removes the object; what watchers see last is this content, with the version of the deletion.
        case remove(KubeObject)
    }

    /// The write was computed from a version of the object that is no longer the current one: read and compute again.
    package struct Stale: Error { package init() {} }

    /// The current object, in its stored version.
    package func get(_ key: Key) -> KubeObject? { fatalError("H2 implements") }

    /// The objects of a resource in order of namespace and name, and the cluster's resource version at that moment.
    package func list(_ resource: String, namespace: String?) -> (items: [KubeObject], resourceVersion: UInt64) {
        fatalError("H2 implements")
    }

    /// Commits a change if the object is still at `expected` (`nil`: does not exist), and returns when it is durable.
    ///
    /// - Throws: ``Stale`` when it is not; nothing was written.
    /// - Returns: The object with its new resource version.
    package func commit(_ key: Key, expecting expected: UInt64?, _ change: Change) async throws -> KubeObject {
        fatalError("H2 implements")
    }

    init() {}
}
