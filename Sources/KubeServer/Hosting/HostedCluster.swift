import Foundation
import KubeClient
import KubeModel
import Logging
import Synchronization

/// One cluster of a host, with everything that serves it.
final class HostedCluster: Sendable {
    let store: ClusterStore
    let server: APIServer
    /// The same for a cluster before and after a restore.
    let current: CurrentServer
    let cluster: EmbeddedCluster
    let socket: ListeningSocket
    let watches: OpenWatches
    let network: ServiceNetwork
    private let state: Mutex<State>

    private struct State {
        var configuration: EmbeddedClusterConfiguration
        /// Ends what runs for the present configuration.
        var stop: AsyncStream<Void>.Continuation?
        var isStopped = false
    }

    var configuration: EmbeddedClusterConfiguration { state.withLock { $0.configuration } }

    /// Puts a cluster on an opened store and a bound socket.
    ///
    /// - Parameters:
    ///   - address: What clients reach the socket by: `127.0.0.1:6443`.
    ///   - old: What this one takes the place of; its clients and connections are served by this one from now on.
    init(
        _ configuration: EmbeddedClusterConfiguration,
        store: ClusterStore,
        socket: ListeningSocket,
        address: String,
        network: ServiceNetwork,
        certificateNames: CertificateNames,
        replacing old: HostedCluster? = nil,
        logger: Logger
    ) async throws {
        self.store = store
        self.socket = socket
        self.network = network
        let keys = try ClusterKeys(store: store, cluster: configuration.name)
        let authorizer = Authorizer(store: store)
        let registry = ResourceRegistry(
            store: store,
            authorizer: authorizer,
            settings: ServerSettings(network: network, admission: configuration.admission)
        )
        let token = try Self.adminToken(store)
        server = APIServer(
            store: store,
            registry: registry,
            authenticator: Authenticator(adminToken: token, tokens: ServiceAccountTokens(store: store)),
            authorizer: authorizer,
            logs: SimulatedLogs(),
            serverAddress: address,
            kubernetesVersion: configuration.version,
            logger: logger
        )
        current = old?.current ?? CurrentServer(server)
        watches = old?.watches ?? OpenWatches()
        cluster = EmbeddedCluster(
            name: configuration.name,
            transport: InProcessTransport(current),
            adminToken: token,
            serverURL: "https://\(address)",
            keys: keys
        )
        state = Mutex(State(configuration: configuration))
        try await Bootstrap(registry: registry, store: store, network: network).run()
        let names = certificateNames.of(network)
        let identity = try keys.authority.serverIdentity(names: names.names, addresses: names.addresses)
        socket.secure(try ListeningSocket.Security(identity, keys.authority))
        current.value = server
    }

    /// Takes another configuration; what runs for the old one ends and is started again.
    func reconfigure(_ configuration: EmbeddedClusterConfiguration) {
        let stop: AsyncStream<Void>.Continuation? = state.withLock { state in
            guard state.configuration != configuration else { return nil }
            state.configuration = configuration
            return state.stop
        }
        server.kubernetesVersion = configuration.version
        stop?.finish()
    }

    /// Ends what runs and is served, for good.
    func stop() {
        stopWorkloads()
        endServing()
    }

    /// Ends the controllers, for good.
    func stopWorkloads() {
        let stop: AsyncStream<Void>.Continuation? = state.withLock { state in
            state.isStopped = true
            return state.stop
        }
        stop?.finish()
    }

    /// Takes no more connections, and ends the watches of those that are there.
    func endServing() {
        socket.close()
        watches.endAll()
    }

    /// Answers what comes by the cluster's socket until it is closed.
    func serve(_ target: HTTPFrontEnd.Target, gate: RequestGate, logger: Logger) async {
        let frontEnd = HTTPFrontEnd(
            target: target,
            watches: watches,
            connections: socket.connections,
            gate: gate
        )
        await socket.serve(
            { request, writer, channel in try await frontEnd.respond(to: request, writer, on: channel) },
            logger: logger
        )
    }

    /// Runs the cluster's controllers and nodes until stopped or cancelled.
    func runWorkloads(logger: Logger) async {
        while !Task.isCancelled {
            let (changes, stop) = AsyncStream<Void>.makeStream()
            let configuration: EmbeddedClusterConfiguration? = state.withLock { state in
                state.stop = stop
                return state.isStopped ? nil : state.configuration
            }
            guard let configuration else { return }
            let client = KubeClient(transport: cluster.transport)
            await withTaskGroup(of: Bool.self) { group in
                group.addTask { [cluster] in
                    do {
                        try await KubeServer.runWorkloads(
                            of: client,
                            configuration: configuration,
                            certificateAuthority: cluster.certificateAuthority,
                            logger: logger
                        )
                    } catch is CancellationError {
                    } catch {
                        guard !Task.isCancelled else { return false }
                        logger.error("controllers failed", metadata: ["error": "\(error)"])
                    }
                    return false
                }
                group.addTask {
                    for await _ in changes {}
                    return true
                }
                let isChanged = await group.next() ?? true
                group.cancelAll()
                // What failed at once would fail at once again. Cancellation ends the wait.
                if !isChanged { try? await Task.sleep(for: .seconds(1)) }
            }
        }
    }

    func close() async { await store.close() }

    private static func adminToken(_ store: ClusterStore) throws -> String {
        if let token = try store.fact("admin-token") { return token }
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let token = Data(bytes).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        try store.setFact("admin-token", token)
        return token
    }
}

/// What the servers of a host are reached by, for their certificates.
struct CertificateNames: Sendable {
    /// The host's address, as it was given.
    let host: String

    /// With the names that Kubernetes gives a server within its cluster.
    func of(_ network: ServiceNetwork) -> (names: [String], addresses: [[UInt8]]) {
        let names = Set([
            "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
            "kubernetes.default.svc.cluster.local", ProcessInfo.processInfo.hostName,
        ])
        var addresses: [[UInt8]] = [
            [127, 0, 0, 1], [UInt8](repeating: 0, count: 15) + [1], network.firstBytes,
        ]
        let given = host.split(separator: ".").compactMap { UInt8($0) }
        if given.count == 4, !addresses.contains(given) { addresses.append(given) }
        return (names.filter { !$0.isEmpty }.sorted(), addresses)
    }
}
