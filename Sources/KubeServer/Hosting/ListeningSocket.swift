import KubeClient
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A socket that is listened on from the moment it is made, so that nobody else can take its port; its connections are
/// served by ``serve(_:logger:)``, those that come before it wait.
final class ListeningSocket: Sendable {
    typealias Connection = HTTP1Channel.Value

    /// How connections show who they are, known once the cluster behind the socket is open.
    struct Security: Sendable {
        var context: NIOSSLContext
        var certificates: ClientCertificates
    }

    let port: Int
    let connections: ConnectionTable
    private let channel: NIOAsyncChannel<Connection, Never>
    private let security: Security.Box

    /// - Parameter port: 0 picks a free one.
    /// - Throws: ``HostError`` `cannotListen`.
    static func bind(host: String, port: Int, connections: ConnectionTable) async throws -> ListeningSocket {
        do {
            guard port == 0 else {
                return try await ListeningSocket(host: host, port: port, connections: connections)
            }
            // Below the ports that the kernel gives to outgoing connections: the same port is to be had after a restart.
            for _ in 0..<50 {
                let candidate = Int.random(in: 20_000..<32_000)
                do {
                    return try await ListeningSocket(host: host, port: candidate, connections: connections)
                } catch let error as IOError where error.errnoCode == EADDRINUSE {
                    // Somebody else listens there: the next one is tried.
                }
            }
            throw HostError(code: .cannotListen, message: "cannot find a free port on \(host)")
        } catch let error as HostError {
            throw error
        } catch {
            throw HostError(code: .cannotListen, message: "cannot listen on \(host):\(port): \(error)")
        }
    }

    private init(host: String, port: Int, connections: ConnectionTable) async throws {
        let box = Security.Box()
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .bind(host: host, port: port) { child in
                Self.setUp(child, box.value, connections)
            }
        self.port = channel.channel.localAddress?.port ?? port
        self.connections = connections
        security = box
    }

    /// Tells who the socket is for; connections that came before are closed.
    func secure(_ security: Security) { self.security.value = security }

    func close() { channel.channel.close(promise: nil) }

    /// Serves connections until the socket is closed, then lets those end that are in use.
    func serve(_ responder: @escaping HTTPChannelHandler.Responder, logger: Logger) async {
        let handler = HTTP1Channel(responder: responder, configuration: Self.configuration)
        let open = OpenChannels()
        await withDiscardingTaskGroup { group in
            do {
                try await channel.executeThenClose { inbound in
                    for try await connection in inbound {
                        open.add(connection.channel)
                        let executor = EventLoopExecutor(connection.channel.eventLoop)
                        group.addTask(executorPreference: executor) {
                            await handler.handle(value: connection, logger: logger)
                        }
                    }
                }
            } catch {
                // The socket is closed, which is how serving ends.
            }
            open.quiesce()
        }
    }

    private static let configuration = HTTP1Channel.Configuration(
        httpDecoderConfiguration: .init(maxHeaderFieldSize: 128 << 10, maxHeaderListSize: 256 << 10)
    )

    private static func setUp(
        _ child: any Channel,
        _ security: Security?,
        _ connections: ConnectionTable
    ) -> EventLoopFuture<Connection> {
        guard let security else {
            return child.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
        }
        let connection = connections.add(child)
        return child.eventLoop.makeCompletedFuture {
            let handler = NIOSSLServerHandler(context: security.context) { chain, verdict in
                // A bad certificate is not the end of the connection: its requests get their 401.
                let leaf = chain.first.flatMap { try? $0.toDERBytes() }
                let finding = leaf.flatMap { security.certificates.authenticate($0) }
                connection.identify(finding.map(ClientConnection.Identity.certified) ?? .refused)
                verdict.succeed(.certificateVerified)
            }
            try child.pipeline.syncOperations.addHandler(handler)
        }.flatMap {
            HTTP1Channel(responder: { _, _, _ in }, configuration: configuration)
                .setup(channel: child, logger: Logger(label: "varde.connection"))
        }
    }
}

extension ListeningSocket.Security {
    /// Holds what is known of a socket's cluster once it is.
    final class Box: Sendable {
        private let held = Mutex<ListeningSocket.Security?>(nil)

        var value: ListeningSocket.Security? {
            get { held.withLock { $0 } }
            set { held.withLock { $0 = newValue } }
        }
    }

    /// - Parameter identity: The server's certificate.
    init(_ identity: CertificateAuthority.Identity, _ authority: CertificateAuthority) throws {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(identity.certificate.utf8)).map {
                .certificate($0)
            },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(identity.key.utf8), format: .pem))
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        // Asked for, not demanded; who shows one is looked at here and not by the TLS library.
        configuration.certificateVerification = .optionalVerification
        configuration.trustRoots = .certificates(
            try NIOSSLCertificate.fromPEMBytes(Array(authority.certificate.utf8))
        )
        configuration.sendCANameList = true
        // A client that does not say goodbye is not waited for.
        configuration.shutdownTimeout = .milliseconds(200)
        context = try NIOSSLContext(configuration: configuration)
        certificates = ClientCertificates(authority: authority.authority)
    }
}

/// The channels that one socket has accepted, told to end when it has closed.
private final class OpenChannels: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
    }
    private let state = Mutex(State())

    func add(_ channel: any Channel) {
        let key = ObjectIdentifier(channel)
        state.withLock { $0.channels[key] = channel }
        channel.closeFuture.whenComplete { [weak self] _ in
            self?.state.withLock { _ = $0.channels.removeValue(forKey: key) }
        }
    }

    /// Closes what is idle; what is in use closes when it has answered.
    func quiesce() {
        for channel in state.withLock({ Array($0.channels.values) }) {
            channel.eventLoop.execute {
                channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
            }
        }
    }
}
