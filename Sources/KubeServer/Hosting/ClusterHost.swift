import Foundation
package import Logging
import ServiceLifecycle
import Synchronization

/// All embedded clusters of the process, each with a database, a certificate authority and a port of its own.
///
/// The cluster named `admin` has the port that the host was given, each other one the next that is free. The admin port
/// answers for the others, too, at `/clusters/<name>` and with its own certificate, for networks that let one port through.
package final class ClusterHost: Sendable {
    static let adminName = "admin"

    private let files: ClusterFiles
    private let host: String
    private let logger: Logger
    private let clusters = Mutex<[String: HostedCluster]>([:])
    /// Clusters that are to be served by ``run()``.
    private let starts: AsyncStream<Start>
    private let start: AsyncStream<Start>.Continuation
    private let opening = OpeningLock()
    private let serving = Gate()
    private let gate = RequestGate()
    private let connections: ConnectionTable
    private let adminSocket: ListeningSocket
    private let restoring: AsyncStream<String>.Continuation
    /// The names of clusters that were restored while they ran: their keys may be others now.
    ///
    /// For one reader.
    package let restored: AsyncStream<String>

    private struct Start: Sendable {
        var hosted: HostedCluster
        /// Its socket is served already when it takes the place of another.
        var needsServing: Bool
    }

    /// The port of the admin cluster.
    package var port: Int { adminSocket.port }

    /// - Parameters:
    ///   - directory: Holds one database per cluster, with its keys; made if missing.
    ///   - port: 0 picks a free one.
    /// - Throws: ``HostError`` when the address cannot be listened on.
    package init(directory: String, host: String, port: Int, logger: Logger) async throws {
        files = try ClusterFiles(directory: directory)
        self.host = host
        self.logger = logger
        connections = ConnectionTable(limit: OpenFileLimit.raised() * 3 / 4)
        adminSocket = try await ListeningSocket.bind(host: host, port: port, connections: connections)
        (starts, start) = AsyncStream.makeStream()
        (restored, restoring) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(16))
    }

    /// Opens or creates a cluster, and starts its controllers and nodes.
    ///
    /// Calling it again with another configuration changes the node pools and the version.
    ///
    /// - Throws: ``StoreError`` when its database cannot be used, ``HostError`` for a name that cannot be a cluster's.
    package func open(_ configuration: EmbeddedClusterConfiguration) async throws -> EmbeddedCluster {
        let name = configuration.name
        guard ClusterFiles.isName(name) else {
            throw HostError(
                code: .invalidName,
                message:
                    "\"\(name)\" cannot be the name of a cluster: use up to 63 lower-case letters, digits and dashes"
            )
        }
        return try await opening.withLock {
            if let known = clusters.withLock({ $0[name] }) {
                known.reconfigure(configuration)
                return known.cluster
            }
            let store = try files.open(name)
            let socket: ListeningSocket
            do {
                socket = name == Self.adminName ? adminSocket : try await self.socket(for: store)
            } catch {
                await store.close()
                throw error
            }
            do {
                return try await host(configuration, store, socket)
            } catch {
                if name != Self.adminName { socket.close() }
                await store.close()
                throw error
            }
        }
    }

    private func host(
        _ configuration: EmbeddedClusterConfiguration,
        _ store: ClusterStore,
        _ socket: ListeningSocket,
        replacing old: HostedCluster? = nil
    ) async throws -> EmbeddedCluster {
        let hosted = try await HostedCluster(
            configuration,
            store: store,
            socket: socket,
            address: "\(Self.shown(host)):\(socket.port)",
            network: try network(for: configuration, store),
            certificateNames: CertificateNames(host: host),
            replacing: old,
            logger: logger
        )
        clusters.withLock { $0[configuration.name] = hosted }
        start.yield(Start(hosted: hosted, needsServing: old == nil))
        return hosted.cluster
    }

    /// Puts backups that wait in the place of their clusters, which go on with them.
    private func restoreStaged() async {
        for name in files.staged where ClusterFiles.isName(name) {
            do {
                try await opening.withLock { try await restore(name) }
            } catch {
                logger.error("cluster \(name) was not restored: \(error)")
            }
        }
    }

    private func restore(_ name: String) async throws {
        guard let old = clusters.withLock({ $0[name] }) else { return try files.applyStaged(name) }
        old.stopWorkloads()
        await old.close()
        do {
            try files.applyStaged(name)
        } catch {
            // What was there goes on.
            logger.error("the backup of cluster \(name) cannot be used: \(error)")
            try files.refuseStaged(name)
        }
        let store = try files.open(name)
        _ = try await host(old.configuration, store, old.socket, replacing: old)
        old.watches.endPresent()
        restoring.yield(name)
        logger.notice("cluster \(name) was restored from a backup")
    }

    /// The socket on the port that the cluster had before, or on the next one that is free.
    private func socket(for store: ClusterStore) async throws -> ListeningSocket {
        func bind(_ port: Int) async -> ListeningSocket? {
            // A port that somebody else has: the next one is tried.
            try? await ListeningSocket.bind(host: host, port: port, connections: connections)
        }
        if let known = try store.fact("port").flatMap(Int.init), let socket = await bind(known) {
            return socket
        }
        let taken = Set(clusters.withLock { $0.values.map(\.socket.port) })
        for candidate in (port + 1)..<min(port + 200, 65_536) where !taken.contains(candidate) {
            guard let socket = await bind(candidate) else { continue }
            try store.setFact("port", String(candidate))
            return socket
        }
        let socket = try await ListeningSocket.bind(host: host, port: 0, connections: connections)
        try store.setFact("port", String(socket.port))
        return socket
    }

    /// The network that the cluster was made with; a new one gets what it asks for, or one that no other has.
    private func network(
        for configuration: EmbeddedClusterConfiguration,
        _ store: ClusterStore
    ) throws -> ServiceNetwork {
        if configuration.name == Self.adminName { return .recorded }
        if let known = try store.fact("service-network").flatMap(ServiceNetwork.init) { return known }
        // A database of before there were networks of one's own.
        if try store.fact("bootstrap") != nil { return .recorded }
        let network: ServiceNetwork
        if let wanted = configuration.serviceNetwork {
            guard let parsed = ServiceNetwork(wanted) else {
                throw HostError(
                    code: .invalidNetwork,
                    message:
                        "\"\(wanted)\" is no network for services: write it like 10.96.0.0/16, with 12 to 28 bits"
                )
            }
            network = parsed
        } else {
            let taken = Set(clusters.withLock { $0.values.map(\.network) })
            let free = (0..<256).lazy.compactMap(ServiceNetwork.numbered).first { !taken.contains($0) }
            network = free ?? .recorded
        }
        try store.setFact("service-network", network.text)
        return network
    }

    package func cluster(named name: String) -> EmbeddedCluster? { clusters.withLock { $0[name] }?.cluster }

    /// All open clusters, by name.
    package var openClusters: [EmbeddedCluster] {
        clusters.withLock { $0.values.map(\.cluster) }.sorted { $0.name < $1.name }
    }

    /// Stops a cluster and removes its database.
    package func delete(named name: String) async throws {
        try await opening.withLock {
            guard let hosted = clusters.withLock({ $0.removeValue(forKey: name) }) else { return }
            hosted.stop()
            await hosted.close()
            try files.remove(name)
        }
    }

    /// Serves until cancelled or shut down gracefully; then ends watches, finishes what is in flight, closes the databases and
    /// returns.
    package func run() async throws { try await run(controllers: true) }

    /// ``run()`` without controllers, in whatever cluster: for tests of the API alone.
    package func serveWithoutWorkloads() async throws { try await run(controllers: false) }

    private func run(controllers: Bool) async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.serveClusters(controllers: controllers) }
            group.addTask { await self.attend() }
            group.addTask { await self.waitForShutdown() }
            serving.open()
            // Nothing but the end of the process or of the test ends one of these.
            await group.next()
            for cluster in clusters.withLock({ $0.values.map { $0 } }) { cluster.endServing() }
            adminSocket.close()
            // A connection whose task is cancelled would wait for its client.
            connections.closeAll()
            group.cancelAll()
        }
        await withDiscardingTaskGroup { group in
            for cluster in clusters.withLock({ $0.values.map { $0 } }) {
                group.addTask { await cluster.close() }
            }
        }
    }

    private func serveClusters(controllers: Bool) async {
        var quiet = logger
        quiet.logLevel = .critical
        await withDiscardingTaskGroup { [quiet] group in
            for await start in starts {
                let hosted = start.hosted
                if start.needsServing {
                    group.addTask { await hosted.serve(self.target(hosted), gate: self.gate, logger: quiet) }
                }
                if controllers { group.addTask { await hosted.runWorkloads(logger: self.logger) } }
            }
            group.cancelAll()
        }
    }

    private func target(_ hosted: HostedCluster) -> HTTPFrontEnd.Target {
        guard hosted.cluster.name == Self.adminName else { return .cluster(hosted.current) }
        return .clusters { [weak self] name in
            self?.clusters.withLock { $0[name ?? Self.adminName] }?.server
        }
    }

    /// Closes connections that have stalled, and takes up backups that are to be restored.
    private func attend() async {
        while !Task.isCancelled {
            connections.closeStalled()
            await restoreStaged()
            // Cancellation ends the wait.
            try? await Task.sleep(for: .seconds(1))
        }
    }

    /// Returns when a graceful shutdown has had its time: what is in flight then is cut.
    private func waitForShutdown() async {
        do {
            try await gracefulShutdown()
            for cluster in clusters.withLock({ $0.values.map { $0 } }) { cluster.endServing() }
            let deadline = ContinuousClock.now + .milliseconds(800)
            while connections.count > 0, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(20))
            }
        } catch {
            // Cancelled: there is nothing to wait for.
        }
    }

    /// Returns when the listener takes connections, or when ``run()`` has ended without.
    package func waitUntilServing() async { await serving.wait() }

    /// An address that a client can use.
    private static func shown(_ host: String) -> String {
        switch host {
        case "0.0.0.0", "::": "127.0.0.1"
        case _ where host.contains(":"): "[\(host)]"
        default: host
        }
    }
}
