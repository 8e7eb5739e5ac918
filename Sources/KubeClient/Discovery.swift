package import KubeModel

/// What one cluster serves, read by aggregated discovery and kept until it is asked to forget.
package actor Discovery {
    private let transport: any Transport
    private var byKind: [GroupVersionKind: APIResource]?
    private var preferred: [APIResource] = []
    private var readAt: ContinuousClock.Instant?

    package init(transport: any Transport) { self.transport = transport }

    /// The resource of a kind; `nil` when the server has none, asked once more if what is known may be old.
    package func resource(for gvk: GroupVersionKind) async throws -> APIResource? {
        if let known = byKind?[gvk] { return known }
        // Many unknown kinds at once (a directory full of them) are answered by one reading.
        if let readAt, readAt.duration(to: .now) < .milliseconds(250) { return nil }
        try await refresh()
        return byKind?[gvk]
    }

    /// Every resource of the server, each in its group's preferred version.
    package func resources() async throws -> [APIResource] {
        if byKind == nil { try await refresh() }
        return preferred
    }

    /// Every kind of the server, in every version.
    package func kinds() async throws -> Set<GroupVersionKind> {
        if byKind == nil { try await refresh() }
        return Set((byKind ?? [:]).keys)
    }

    /// Reads discovery again; call it when a CustomResourceDefinition changed.
    ///
    /// A group version whose own server does not answer is left out; the rest is still read.
    package func refresh() async throws {
        let answer = try await DiscoveryReader(transport: transport).read()
        byKind = Dictionary(answer.all.map { ($0.gvk, $0) }, uniquingKeysWith: { first, _ in first })
        preferred = answer.preferred
        readAt = .now
    }
}
