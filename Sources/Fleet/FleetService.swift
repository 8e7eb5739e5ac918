package import KubeClient
package import KubeModel
import KubeRuntime
package import Logging
import Synchronization

/// Keeps the clusters of the fleet open as the admin cluster declares them, and knows how each is doing.
package final class FleetService: Sendable {
    let admin: KubeClient
    let provider: any ClusterProvider
    let logger: Logger
    let informer: Informer
    let members = Mutex<[String: FleetMember]>([:])
    let queue = WorkQueue<String>(backoff: Backoff(first: .seconds(1), limit: .seconds(10)))
    let signal = ChangeSignal()
    let now: @Sendable () -> Double
    let writesStatus: @Sendable () -> Bool
    private let starts: AsyncStream<FleetMember>
    private let startContinuation: AsyncStream<FleetMember>.Continuation

    /// - Parameters:
    ///   - writesStatus: Whether this process is the one that writes what is said about clusters; of several replicas one is.
    ///   - now: Seconds since 1970.
    package init(
        admin: KubeClient,
        provider: any ClusterProvider,
        logger: Logger,
        writesStatus: @escaping @Sendable () -> Bool = { true },
        now: @escaping @Sendable () -> Double
    ) {
        self.admin = admin
        self.provider = provider
        self.logger = logger
        self.writesStatus = writesStatus
        self.now = now
        informer = Informer(client: admin, resource: .clusters)
        (starts, startContinuation) = AsyncStream.makeStream()
    }

    /// A client of a member; `nil` for names that the fleet does not have, or that could not be opened.
    package func client(for name: String) -> KubeClient? { members.withLock { $0[name]?.client } }

    /// The nodes of a member as they were last seen; `nil` for names without an open cluster.
    package func nodes(of name: String) -> [KubeObject]? { members.withLock { $0[name] }?.knownNodes }

    /// Why a declared cluster could not be opened so far; `nil` for those that are open, or were not tried yet.
    package func problem(of name: String) -> String? {
        guard members.withLock({ $0[name] == nil }),
            let ready = informer.get(ObjectName(name: name))?.condition("Ready"), !ready.isTrue
        else { return nil }
        return ready.message.isEmpty ? nil : ready.message
    }

    /// The names that are declared, open or not.
    package var names: Set<String> { Set(informer.list().map(\.name)) }

    package var summaries: [ClusterSummary] {
        let members = members.withLock { $0 }
        return informer.list().map { object in
            members[object.name]?.summary ?? ClusterSummary(unopened: object, since: now())
        }.sorted { $0.name < $1.name }
    }

    /// An element at the start and whenever a cluster came, went, changed its state, or what is said of it.
    package func changes() -> AsyncStream<Void> { signal.stream() }

    package func waitUntilSynced() async throws { try await informer.waitUntilSynced() }

    /// Opens, watches and closes clusters until cancelled.
    package func run() async throws {
        let (names, continuation) = AsyncStream<String>.makeStream()
        informer.onChange { change in
            switch change {
            case .updated(let old, let object):
                continuation.yield(object.name)
                if old.condition("Ready") != object.condition("Ready") { self.signal.signal() }
            case .added(let object), .removed(let object):
                continuation.yield(object.name)
            case .synced: break
            }
        }
        let controller = Controller(
            name: "clusters",
            queue: queue,
            reconciler: ClusterReconciler(service: self),
            workers: 4
        )
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await self.informer.run() }
            group.addTask { try await controller.run() }
            group.addTask {
                for await name in names { await self.queue.add(name) }
            }
            for await member in starts {
                group.addTask { await member.watch { await self.memberChanged(member.cluster.name) } }
            }
            group.cancelAll()
        }
    }

    /// Takes a newly opened member in; its nodes are watched from now on.
    func begin(_ member: FleetMember) {
        let old = members.withLock { members in
            defer { members[member.cluster.name] = member }
            return members[member.cluster.name]
        }
        old?.stop()
        startContinuation.yield(member)
        signal.signal()
    }

    func end(_ name: String) -> FleetMember? {
        let member = members.withLock { $0.removeValue(forKey: name) }
        member?.stop()
        if member != nil { signal.signal() }
        return member
    }

    /// Looks at every cluster again, for example because this process leads now.
    package func reviewAll() async {
        for name in names { await queue.add(name) }
    }

    private func memberChanged(_ name: String) async {
        signal.signal()
        await queue.add(name)
    }
}
