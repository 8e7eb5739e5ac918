package import KubeModel

/// What one cluster serves, read by aggregated discovery and kept until it is asked to forget.
package actor Discovery {
    private let transport: any Transport
    private var byKind: [GroupVersionKind: APIResource]?
    private var preferred: [APIResource] = []

    package init(transport: any Transport) { self.transport = transport }

    /// The resource of a kind; `nil` when the server has none, asked once more if what is known may be old.
    package func resource(for gvk: GroupVersionKind) async throws -> APIResource? {
        if let known = byKind?[gvk] { return known }
        try await refresh()
        return byKind?[gvk]
    }

    /// Every resource of the server, each in its group's preferred version.
    package func resources() async throws -> [APIResource] {
        if byKind == nil { try await refresh() }
        return preferred
    }

    /// Reads discovery again; call it when a CustomResourceDefinition changed.
    package func refresh() async throws {
        fatalError("H4 implements: /api and /apis with Accept aggregated v2, fallback to the old form for servers before 1.26")
    }
}
