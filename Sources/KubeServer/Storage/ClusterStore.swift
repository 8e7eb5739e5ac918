package import KubeModel
import Synchronization

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

        var object: KubeObject {
            switch self {
            case .put(let object), .remove(let object): object
            }
        }
    }

    /// The write was computed from a version of the object that is no longer the current one: read and compute again.
    package struct Stale: Error { package init() {} }

    /// The version asked for is no longer kept: list again.
    package struct TooOld: Error {
        package let version: UInt64
        package let current: UInt64
    }

    struct State {
        var collections: [String: ObjectCollection] = [:]
        var version: UInt64
        var log: ChangeLog
        var watches: [String: [UInt64: StoreWatch]] = [:]
        var lastWatch: UInt64 = 0
        /// Whether watches end as soon as they begin.
        var isEnding = false
        var observers: [(resource: String, handler: @Sendable (StoreEvent) -> Void)] = []
    }

    struct Pending: Sendable {
        var key: Key
        var expected: UInt64?
        var change: Change
        var draft: ObjectDraft
        var answer: CheckedContinuation<KubeObject, any Error>
    }

    struct Inbox {
        var pending: [Pending] = []
        var isDraining = false
        var isClosed = false
    }

    let database: StoreDatabase
    let state: Mutex<State>
    let inbox = Mutex(Inbox())
    private let mark: InUseMark?

    /// Opens or creates a store.
    ///
    /// - Parameters:
    ///   - path: The database file; `nil` keeps everything in memory, for tests.
    ///   - logCapacity: How many changes are kept for watches to resume, at the most.
    /// - Throws: ``StoreError`` when the file cannot be used; a corrupt one has then been moved aside.
    package init(path: String? = nil, logCapacity: Int = 20_000) throws {
        let (database, contents) = try Self.open(path)
        self.database = database
        mark = try path.flatMap(InUseMark.init(logOf:))
        var state = State(
            version: contents.version,
            log: ChangeLog(start: contents.version, bounds: ChangeLog.Bounds(count: logCapacity))
        )
        for (resource, object) in contents.objects {
            state.collections[resource, default: ObjectCollection()].put(object)
        }
        self.state = Mutex(state)
    }

    deinit { mark?.remove() }

    /// The current object, in its stored version.
    package func get(_ key: Key) -> KubeObject? {
        state.withLock { $0.collections[key.resource]?.get(key.name) }?.object
    }

    /// The objects of a resource in order of namespace and name, and the cluster's resource version at that moment.
    package func list(
        _ resource: String,
        namespace: String?
    ) -> (items: [KubeObject], resourceVersion: UInt64) {
        let (objects, version) = snapshot(resource, namespace: namespace)
        return (objects.map(\.object), version)
    }

    /// The newest resource version of the cluster.
    package var resourceVersion: UInt64 { state.withLock { $0.version } }

    /// How many objects of a resource there are.
    package func count(_ resource: String) -> Int { state.withLock { $0.collections[resource]?.count ?? 0 } }

    /// Commits a change if the object is still at `expected` (`nil`: does not exist), and returns when it is durable.
    ///
    /// - Parameter order: In which the object's members are written whenever it is sent.
    /// - Throws: ``Stale`` when it is not; nothing was written.
    /// - Returns: The object with its new resource version.
    package func commit(
        _ key: Key,
        expecting expected: UInt64?,
        _ change: Change,
        order: JSON.MemberOrder = .structure
    ) async throws -> KubeObject {
        var object = change.object
        object.set("", at: "metadata", "resourceVersion")
        let draft = ObjectDraft(object.json, order: order)
        return try await withCheckedThrowingContinuation { answer in
            enqueue(Pending(key: key, expected: expected, change: change, draft: draft, answer: answer))
        }
    }

    /// Calls `handler` for every change of a resource from now on, and first for what is there (as additions).
    ///
    /// Handlers run in order, after the change is durable and just before readers and watchers can see it; they must be
    /// quick and must not write. Register before the first write.
    package func observe(_ resource: String, _ handler: @escaping @Sendable (StoreEvent) -> Void) {
        let present = state.withLock { state in
            state.observers.append((resource, handler))
            return state.collections[resource]?.list(namespace: nil) ?? []
        }
        for object in present {
            handler(StoreEvent(kind: .added, resource: resource, current: object, previous: nil))
        }
    }

    /// Ends every watch and refuses new writes; returns when what was accepted is durable.
    package func close() async {
        inbox.withLock { $0.isClosed = true }
        let watches = state.withLock { state in
            state.isEnding = true
            return state.watches.values.flatMap(\.values)
        }
        for watch in watches { end(watch) }
        await withCheckedContinuation { done in
            database.schedule { _ in done.resume() }
        }
        mark?.remove()
        // Closing fails only while statements run; the process gives the file back in any case.
        try? database.close()
    }
}
