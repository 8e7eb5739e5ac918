import Foundation
import KubeClient
import KubeModel
import Logging
import Synchronization

/// One cluster of a host, with everything that serves it.
final class HostedCluster: Sendable {
    let store: ClusterStore
    let server: APIServer
    let cluster: EmbeddedCluster
    private let state: Mutex<State>

    private struct State {
        var configuration: EmbeddedClusterConfiguration
        /// Ends what runs for the present configuration.
        var stop: AsyncStream<Void>.Continuation?
        var isStopped = false
    }

    var configuration: EmbeddedClusterConfiguration { state.withLock { $0.configuration } }

    /// Opens the cluster's database, or makes it.
    init(
        _ configuration: EmbeddedClusterConfiguration,
        path: String,
        serverURL: String,
        serverAddress: String,
        logger: Logger
    ) async throws {
        store = try ClusterStore(path: path)
        let authorizer = Authorizer(store: store)
        let registry = ResourceRegistry(store: store, authorizer: authorizer)
        let token = try Self.adminToken(store)
        let tokens = ServiceAccountTokens(store: store)
        server = APIServer(
            store: store,
            registry: registry,
            authenticator: Authenticator(adminToken: token, tokens: tokens),
            authorizer: authorizer,
            logs: SimulatedLogs(),
            serverAddress: serverAddress,
            kubernetesVersion: configuration.version,
            logger: logger
        )
        cluster = EmbeddedCluster(
            name: configuration.name,
            transport: InProcessTransport(server: server),
            adminToken: token,
            serverURL: serverURL
        )
        state = Mutex(State(configuration: configuration))
        try await Bootstrap(registry: registry, store: store).run()
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

    /// Ends what runs, for good.
    func stop() {
        let stop: AsyncStream<Void>.Continuation? = state.withLock { state in
            state.isStopped = true
            return state.stop
        }
        stop?.finish()
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
                group.addTask {
                    do {
                        try await KubeServer.runWorkloads(
                            of: client,
                            configuration: configuration,
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
