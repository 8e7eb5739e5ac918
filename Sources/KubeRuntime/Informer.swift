package import KubeClient
package import KubeModel
import Synchronization

/// A live copy of one resource's objects: list once, then watch, for ever.
///
/// State is complete once ``hasSynced``; afterwards reads are local and cost no request. An object that changed several
/// times may be seen only in its last state. When the watch breaks or expires the informer resumes or lists again, with a
/// backoff, and computes what changed in between.
package final class Informer: Sendable {
    package enum Change: Sendable {
        case added(KubeObject)
        case updated(old: KubeObject, new: KubeObject)
        case removed(KubeObject)
        /// Everything that existed at the start has been seen.
        case synced
    }

    package typealias Handler = @Sendable (Change) -> Void

    package let resource: APIResource

    package init(
        client: KubeClient,
        resource: APIResource,
        namespace: String? = nil,
        labelSelector: String? = nil,
        fieldSelector: String? = nil
    ) {
        self.resource = resource
        fatalError("H4 implements")
    }

    /// Adds a handler, which is called at once for everything already known, then in order for every change.
    ///
    /// Handlers run on the informer's task and must return quickly: put a key on a queue.
    package func onChange(_ handler: @escaping Handler) { fatalError("H4 implements") }

    /// Lists and watches until cancelled.
    package func run() async throws { fatalError("H4 implements") }

    package var hasSynced: Bool { fatalError("H4 implements") }

    /// The last failure to reach the server, while it lasts.
    package var failure: (any Error)? { fatalError("H4 implements") }

    /// Returns when ``hasSynced``, or throws on cancellation.
    package func waitUntilSynced() async throws { fatalError("H4 implements") }

    package func get(_ name: ObjectName) -> KubeObject? { fatalError("H4 implements") }

    /// The known objects of a namespace, or of all, in no particular order.
    package func list(namespace: String? = nil) -> [KubeObject] { fatalError("H4 implements") }

    /// The known objects whose controlling owner has this uid; from an index.
    package func list(controlledBy uid: String) -> [KubeObject] { fatalError("H4 implements") }
}
