package import KubeModel

/// What one cluster serves, read by aggregated discovery and kept until it is asked to forget.
package actor Discovery {
    private let transport: any Transport
    private var byKind: [GroupVersionKind: APIResource]?
    private var preferred: [APIResource] = []
    private var readAt: ContinuousClock.Instant?
    /// Whether the first reading is under way, and who waits for it.
    private var isBeginning = false
    private var waiters: [CheckedContinuation<Void, any Error>] = []

    package init(transport: any Transport) { self.transport = transport }

    /// How many wait for the first reading.
    var waiting: Int { waiters.count }

    /// The resource of a kind; `nil` when the server has none, asked once more if what is known may be old.
    package func resource(for gvk: GroupVersionKind) async throws -> APIResource? {
        try await begin()
        if let known = byKind?[gvk] { return known }
        // Many unknown kinds at once (a directory full of them) are answered by one reading.
        if let readAt, readAt.duration(to: .now) < .milliseconds(250) { return nil }
        try await refresh()
        return byKind?[gvk]
    }

    /// Every resource of the server, each in its group's preferred version.
    package func resources() async throws -> [APIResource] {
        try await begin()
        return preferred
    }

    /// Every kind of the server, in every version.
    package func kinds() async throws -> Set<GroupVersionKind> {
        try await begin()
        return Set((byKind ?? [:]).keys)
    }

    /// Reads discovery if it was never read: once, however many want it at the same time, with one outcome for all of them.
    private func begin() async throws {
        while byKind == nil {
            guard !isBeginning else {
                try await withCheckedThrowingContinuation { waiters.append($0) }
                try Task.checkCancellation()
                continue
            }
            isBeginning = true
            do {
                try await read()
                endBeginning(.success(()))
            } catch {
                // Who gives up gives up alone: one of the others reads then.
                endBeginning(Task.isCancelled ? .success(()) : .failure(error))
                throw error
            }
        }
    }

    private func endBeginning(_ result: Result<Void, any Error>) {
        isBeginning = false
        let waiters = waiters
        self.waiters = []
        for waiter in waiters { waiter.resume(with: result) }
    }

    /// Reads discovery again; call it when a CustomResourceDefinition changed.
    ///
    /// A group version whose own server does not answer is left out; the rest is still read.
    package func refresh() async throws {
        if byKind == nil { try await begin() } else { try await read() }
    }

    private func read() async throws {
        let answer = try await DiscoveryReader(transport: transport).read()
        byKind = Dictionary(answer.all.map { ($0.gvk, $0) }, uniquingKeysWith: { first, _ in first })
        preferred = answer.preferred
        readAt = .now
    }
}
