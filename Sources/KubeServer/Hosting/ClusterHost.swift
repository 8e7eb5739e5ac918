import Foundation
import Hummingbird
import HummingbirdTLS
package import Logging
import NIOSSL
import ServiceLifecycle
import Synchronization

/// All embedded clusters of the process, behind one HTTPS listener.
///
/// The cluster named `admin` is served at the root (and at `/clusters/admin`), every other at `/clusters/<name>`.
package final class ClusterHost: Sendable {
    private let directory: URL
    private let host: String
    private let authority: CertificateAuthority
    private let logger: Logger
    private let clusters = Mutex<[String: HostedCluster]>([:])
    /// Clusters whose controllers are to be started by ``run()``.
    private let starts: AsyncStream<HostedCluster>
    private let start: AsyncStream<HostedCluster>.Continuation
    private let opening = OpeningLock()
    private let serving = Gate()
    private let openWatches = OpenWatches()

    /// The port that is listened on.
    package let port: Int
    /// The certificate authority that signed the listener's certificate, as PEM.
    package var certificateAuthority: String { authority.certificate }

    /// - Parameters:
    ///   - directory: Holds one database per cluster, the certificate authority and keys; made if missing.
    ///   - port: 0 picks a free one.
    /// - Throws: ``HostError`` when the address cannot be listened on.
    package init(directory: String, host: String, port: Int, logger: Logger) async throws {
        self.directory = URL(filePath: directory)
        self.host = host
        self.logger = logger
        try FileManager.default.createDirectory(
            at: self.directory.appending(path: "clusters"),
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        authority = try CertificateAuthority(directory: self.directory)
        self.port = try await ListeningPort.reserve(host: host, port: port)
        (starts, start) = AsyncStream.makeStream()
    }

    /// Opens or creates a cluster, and starts its controllers and nodes.
    ///
    /// Calling it again with another configuration changes the node pools and the version.
    ///
    /// - Throws: ``StoreError`` when its database cannot be used, ``HostError`` for a name that cannot be a cluster's.
    package func open(_ configuration: EmbeddedClusterConfiguration) async throws -> EmbeddedCluster {
        let name = configuration.name
        guard Self.isName(name) else {
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
            let address = "\(Self.shown(host)):\(port)"
            let hosted = try await HostedCluster(
                configuration,
                path: databaseFile(name),
                serverURL: "https://\(address)" + (name == "admin" ? "" : "/clusters/\(name)"),
                serverAddress: address,
                logger: logger
            )
            clusters.withLock { $0[name] = hosted }
            start.yield(hosted)
            return hosted.cluster
        }
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
            for suffix in ["", "-wal", "-shm"] {
                let file = databaseFile(name) + suffix
                if FileManager.default.fileExists(atPath: file) {
                    try FileManager.default.removeItem(atPath: file)
                }
            }
        }
    }

    /// Serves until cancelled or shut down gracefully; then ends watches, finishes what is in flight, closes the databases and
    /// returns.
    package func run() async throws { try await run(controllers: true) }

    /// ``run()`` without controllers, in whatever cluster: for tests of the API alone.
    package func serveWithoutWorkloads() async throws { try await run(controllers: false) }

    private func run(controllers: Bool) async throws {
        // Whoever waits for the listener is not to wait for ever.
        defer { serving.open() }
        let application = try makeApplication()
        let result: Result<Void, any Error>
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.serve(application) }
                if controllers { group.addTask { await self.runWorkloads() } }
                group.addTask { await Self.waitForShutdown() }
                try await group.next()
                group.cancelAll()
                try await group.waitForAll()
            }
            result = .success(())
        } catch is CancellationError {
            result = .success(())
        } catch {
            result = .failure(error)
        }
        for cluster in clusters.withLock({ $0.values.map { $0 } }) { await cluster.close() }
        try result.get()
    }

    private func serve(_ application: Application<HTTPFrontEnd>) async throws {
        try await withGracefulShutdownHandler {
            try await application.run()
        } onGracefulShutdown: {
            self.openWatches.endAll()
        }
    }

    /// Returns when a graceful shutdown has had its time: what is in flight then is cut.
    private static func waitForShutdown() async {
        do {
            try await gracefulShutdown()
            try await Task.sleep(for: .milliseconds(1500))
        } catch {
            // Cancelled: there is nothing to wait for.
        }
    }

    /// Returns when the listener takes connections, or when ``run()`` has ended without.
    package func waitUntilServing() async { await serving.wait() }

    private func runWorkloads() async {
        await withTaskGroup(of: Void.self) { group in
            for await hosted in starts {
                group.addTask { await hosted.runWorkloads(logger: self.logger) }
            }
            group.cancelAll()
        }
    }

    private func makeApplication() throws -> Application<HTTPFrontEnd> {
        let names = Set([
            "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
            ProcessInfo.processInfo.hostName,
        ])
        var addresses: [[UInt8]] = [[127, 0, 0, 1], [UInt8](repeating: 0, count: 15) + [1], [10, 0, 0, 1]]
        let given = host.split(separator: ".").compactMap { UInt8($0) }
        if given.count == 4, !addresses.contains(given) { addresses.append(given) }
        let identity = try authority.serverIdentity(
            names: names.filter { !$0.isEmpty }.sorted(),
            addresses: addresses
        )
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(identity.certificate.utf8)).map {
                .certificate($0)
            },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(identity.key.utf8), format: .pem))
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .critical)
        return Application(
            responder: HTTPFrontEnd(watches: openWatches) { [weak self] name in
                self?.clusters.withLock { $0[name ?? "admin"] }?.server
            },
            server: try .tls(.http1(), tlsConfiguration: configuration),
            configuration: ApplicationConfiguration(address: .hostname(host, port: port), reuseAddress: true),
            onServerRunning: { [serving] _ in serving.open() },
            logger: quiet
        )
    }

    private func databaseFile(_ name: String) -> String {
        directory.appending(path: "clusters").appending(path: "\(name).sqlite").path
    }

    /// An address that a client can use.
    private static func shown(_ host: String) -> String {
        switch host {
        case "0.0.0.0", "::": "127.0.0.1"
        case _ where host.contains(":"): "[\(host)]"
        default: host
        }
    }

    private static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 63 && name.first != "-" && name.last != "-"
            && name.allSatisfy { ("a"..."z").contains($0) || ("0"..."9").contains($0) || $0 == "-" }
    }
}
