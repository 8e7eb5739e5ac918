package import KubeClient
import KubeModel
package import Logging
import Synchronization

/// The informers of one cluster, one per resource, shared by everything that wants to know of that resource.
package final class InformerSet: Sendable {
    private let client: KubeClient
    private let logger: Logger?
    private let informers = Mutex<[GroupVersionResource: Informer]>([:])
    private let wanted: AsyncStream<Informer>
    private let request: AsyncStream<Informer>.Continuation

    package init(client: KubeClient, logger: Logger? = nil) {
        self.client = client
        self.logger = logger
        (wanted, request) = AsyncStream.makeStream()
    }

    /// The informer of a resource in all namespaces; made when first asked for, running while ``run()`` runs.
    package func informer(for resource: APIResource) -> Informer {
        informers.withLock { informers in
            if let known = informers[resource.gvr] { return known }
            let informer = Informer(client: client, resource: resource, logger: logger)
            informers[resource.gvr] = informer
            request.yield(informer)
            return informer
        }
    }

    /// Ends the informer of a resource that is no longer served; its objects are reported as removed.
    package func stop(_ resource: APIResource) {
        informers.withLock { $0.removeValue(forKey: resource.gvr) }?.stop()
    }

    /// Returns when everything asked for so far is complete.
    package func waitUntilSynced() async throws {
        for informer in informers.withLock({ Array($0.values) }) { try await informer.waitUntilSynced() }
    }

    /// Runs every informer, also those asked for later, until cancelled.
    ///
    /// Runs once.
    package func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for await informer in wanted {
                group.addTask { try await informer.run() }
            }
        }
    }
}
