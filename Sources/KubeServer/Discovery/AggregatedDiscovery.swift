import KubeModel
import Synchronization

/// The aggregated discovery documents of a cluster, kept until other custom kinds are served.
final class AggregatedDiscovery: Sendable {
    struct Document: Sendable {
        let json: JSON
        /// Quoted, as the header has it.
        let etag: String

        init(_ groups: [JSON]) {
            json = [
                "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": [:],
                "items": .array(groups),
            ]
            etag = "\"\(DiscoveryDocuments.hash(of: json.encoded()))\""
        }
    }

    struct Documents: Sendable {
        /// The custom kinds that they tell of.
        let custom: [ResourceDefinition]
        let core: Document
        let groups: Document
    }

    private let known = Mutex<Documents?>(nil)

    /// Those of these custom kinds; made if the ones that are kept tell of others.
    func documents(_ custom: [ResourceDefinition], make: () -> Documents) -> Documents {
        if let documents = known.withLock({ $0 }), documents.custom == custom { return documents }
        let documents = make()
        known.withLock { $0 = documents }
        return documents
    }
}
