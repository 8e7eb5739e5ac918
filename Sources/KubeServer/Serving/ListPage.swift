import Algorithms
import KubeModel

/// One page of a collection at one version.
struct ListPage {
    let objects: [StoredObject]
    /// The list's metadata: version, where to go on, how much is left.
    let metadata: JSON

    /// - Throws: `StatusError` for versions that are not there; ``Refusal`` 410 for a token whose version is gone.
    init(
        store: ClusterStore,
        _ resource: String,
        namespace: String?,
        _ options: ListOptions,
        _ selection: ObjectSelection
    ) throws {
        let (all, version, token) = try Self.source(store, resource, namespace: namespace, options)
        var candidates = all[...]
        if let token { candidates = all[Self.place(after: token.last, in: all, namespace: namespace)...] }
        let limit = options.limit > 0 ? options.limit : Int.max
        let page = Self.take(limit, from: &candidates, selection)
        var metadata: JSON = ["resourceVersion": .string(String(version))]
        if let last = page.last, !candidates.isEmpty {
            let next = ContinueToken(
                version: version,
                last: namespace == nil && !last.name.namespace.isEmpty
                    ? "\(last.name.namespace)/\(last.name.name)" : last.name.name
            )
            metadata["continue"] = .string(next.text)
            if selection.isEmpty { metadata["remainingItemCount"] = .integer(Int64(candidates.count)) }
        }
        objects = page
        self.metadata = metadata
    }

    /// Takes up to `limit` matching objects, and leaves what a next page would begin with: nothing if none matches.
    private static func take(
        _ limit: Int,
        from candidates: inout ArraySlice<StoredObject>,
        _ selection: ObjectSelection
    ) -> [StoredObject] {
        if selection.isEmpty {
            defer { candidates = candidates.dropFirst(limit) }
            return Array(candidates.prefix(limit))
        }
        var page: [StoredObject] = []
        while let object = candidates.first {
            if selection.matches(object.object) {
                if page.count == limit { return page }
                page.append(object)
            }
            candidates = candidates.dropFirst()
        }
        return page
    }

    private static func source(
        _ store: ClusterStore,
        _ resource: String,
        namespace: String?,
        _ options: ListOptions
    ) throws -> (objects: [StoredObject], version: UInt64, token: ContinueToken?) {
        if !options.continuation.isEmpty {
            let token = try ContinueToken(text: options.continuation)
            let (present, current) = store.snapshot(resource, namespace: namespace)
            guard let version = token.version else { return (present, current, token) }
            do {
                return (try store.snapshot(resource, namespace: namespace, at: version), version, token)
            } catch is ClusterStore.TooOld {
                throw expired(token)
            }
        }
        let wanted = try options.version {
            StatusError.badRequest("invalid resource version: \($0)")
        }
        let (present, current) = store.snapshot(resource, namespace: namespace)
        guard let wanted else { return (present, current, nil) }
        if wanted > current { throw StatusError.tooLarge(version: wanted, current: current) }
        let isExact = options.match == .exact || options.match == nil && options.limit > 0
        guard isExact else { return (present, current, nil) }
        do {
            return (try store.snapshot(resource, namespace: namespace, at: wanted), wanted, nil)
        } catch is ClusterStore.TooOld {
            throw StatusError.expired("The resourceVersion for the provided list is too old.")
        }
    }

    private static func expired(_ token: ContinueToken) -> Refusal {
        let message =
            "The provided continue parameter is too old to display a consistent list result. You can start a new list "
            + "without the continue parameter, or use the continue token in this response to retrieve the remainder of "
            + "the results. Continuing with the provided token results in an inconsistent list - objects that were "
            + "created, modified, or deleted between the time the first chunk was returned and now may show up in the "
            + "list."
        return Refusal(
            error: .expired(message),
            metadata: ["continue": .string(ContinueToken(version: nil, last: token.last).text)]
        )
    }

    /// The index of the first object after a key.
    private static func place(after last: String, in objects: [StoredObject], namespace: String?) -> Int {
        objects.partitioningIndex { object in
            let name = object.name
            let key =
                namespace == nil && !name.namespace.isEmpty ? "\(name.namespace)/\(name.name)" : name.name
            return key > last
        }
    }
}
