import Crypto
import Foundation
package import GitSource
package import KubeClient
import KubeRuntime
package import Logging
package import Rendering
import Synchronization

/// Delivers directories of repositories to namespaces of clusters, and keeps them so.
///
/// ```swift
/// let delivery = DeliveryService(admin: admin, watcher: watcher, renderer: renderer, clusters: fleet, policy: tenancy, logger: logger)
/// await delivery.setSources([TenantSource(tenant: "kart", repository: "/git/kart-apps.git", branch: "main")])
/// try await delivery.run()
/// ```
package actor DeliveryService {
    package nonisolated let board: Board
    nonisolated let environment: DeliveryEnvironment
    nonisolated let discovery: SourceDiscovery

    /// - Parameters:
    ///   - admin: The admin cluster, where `Application` objects are written.
    ///   - history: The directory where the last syncs of each application are kept; made when it is missing.
    ///   - replicaKey: What all processes on the admin cluster know, when there may be several; they pass on to each other
    ///     what people ask for.
    ///   - recordDeadline: How long people wait until what they decided is written to the admin cluster.
    ///   - clock: Seconds since 1970.
    package init(
        admin: KubeClient,
        watcher: RepositoryWatcher,
        renderer: Renderer,
        clusters: any ClusterDirectory,
        policy: any DeliveryPolicy,
        history: String? = nil,
        replicaKey: [UInt8]? = nil,
        recordDeadline: Duration = .seconds(10),
        logger: Logger,
        clock: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 }
    ) {
        board = Board()
        environment = DeliveryEnvironment(
            admin: admin,
            board: board,
            watcher: watcher,
            renderer: renderer,
            clusters: clusters,
            policy: policy,
            recordDeadline: recordDeadline,
            history: history.map { HistoryStore(directory: $0, logger: logger) },
            errands: replicaKey.map { key in
                Errands(
                    desk: ErrandDesk(key: SymmetricKey(data: key), admin: admin, now: clock),
                    queue: WorkQueue(backoff: Backoff(first: .milliseconds(200), limit: .seconds(5)))
                )
            },
            logger: logger,
            now: clock
        )
        discovery = SourceDiscovery(environment)
    }

    /// Replaces the set of repositories to deliver from; called whenever tenants change.
    ///
    /// Every verdict of the policy is asked for again. Applications of sources that are no longer there keep what they have.
    package func setSources(_ sources: [TenantSource]) async {
        environment.policyEpoch.advance()
        await discovery.setSources(sources)
    }

    /// Lets every application that was refused be looked at again, since the policy may allow it now.
    package func reviewRefusals() {
        for cell in environment.registry.all where cell.progress.withLock({ $0.snapshot.sync == .refused }) {
            cell.sawAwaitedChange(environment.lanes[cell.id.cluster]?.queue ?? environment.lanes.homeless)
        }
    }

    /// Why branches of the sources cannot be read now, by branch.
    package func unreadableSources() async -> [WatchedBranch: String] {
        await discovery.failures
    }

    /// Makes one more directory an application whose objects may be of any kind and scope, each file by
    /// itself: a mistake in one file harms only the objects of that file.
    ///
    /// For the platform repository into the admin cluster.
    package func addPlatformSource(_ source: PlatformSource) async {
        await discovery.addPlatform(source)
    }

    /// Runs until cancelled.
    package func run() async throws {
        try await RecordReader(environment: environment).restore()
        let environment = environment
        let discovery = discovery
        let writer = RecordWriter(environment: environment)
        defer { writer.keepHistories() }
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask {
                for await observation in await environment.watcher.observations() {
                    await discovery.observed(observation)
                }
            }
            group.addTask {
                try await Controller(
                    name: "discovery",
                    queue: discovery.queue,
                    reconciler: discovery,
                    workers: 1,
                    logger: environment.logger
                ).run()
            }
            group.addTask {
                try await Controller(
                    name: "records",
                    queue: environment.records,
                    reconciler: writer,
                    // What is written together is one transaction of an embedded admin cluster.
                    workers: 16,
                    logger: environment.logger
                ).run()
            }
            group.addTask {
                try await Controller(
                    name: "homeless",
                    queue: environment.lanes.homeless,
                    reconciler: ApplicationReconciler(environment: environment),
                    workers: 2,
                    logger: environment.logger
                ).run()
            }
            group.addTask { try await LaneSupervisor(environment: environment).run() }
            group.addTask { try await PauseWatch(environment: environment).run() }
            if let errands = environment.errands {
                group.addTask {
                    try await Controller(
                        name: "errands",
                        queue: errands.queue,
                        reconciler: ErrandRunner(environment: environment, desk: errands.desk) {
                            try await self.perform($0.deed, on: $0.application, by: $0.person)
                        },
                        workers: 4,
                        logger: environment.logger
                    ).run()
                }
            }
        }
    }
}

/// The platform repository as a source: the directories whose files hold objects of the admin cluster.
package struct PlatformSource: Sendable, Hashable {
    package var id: ApplicationID
    package var repository: String
    package var branch: String
    /// Directories of the repository; other files are left alone.
    package var directories: [String]

    package init(id: ApplicationID, repository: String, branch: String, directories: [String]) {
        self.id = id
        self.repository = repository
        self.branch = branch
        self.directories = directories
    }
}
