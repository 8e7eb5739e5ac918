import HTTPTypes
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// The HTTP API and the web console, behind one listener.
package final class ConsoleServer: Sendable {
    private typealias Listener = NIOAsyncChannel<HTTP1Channel.Value, Never>

    private let site: ConsoleSite
    private let connections: HTTP1Channel
    private let listener: Listener
    private let logger: Logger

    /// The port that is listened on.
    package let port: Int

    /// Listens, and answers as soon as ``run()`` runs.
    ///
    /// - Parameters:
    ///   - port: 0 picks a free one.
    ///   - token: What a caller presents as a bearer token, or a browser once as `?token=` for a session cookie.
    ///   - version: Shown in the console and answered by `/api/v1/version`.
    ///   - audit: Where what people do is recorded.
    ///   - people: Who may sign in beside the owner of the token.
    package init(
        backend: any ConsoleBackend,
        host: String,
        port: Int,
        token: String,
        version: String,
        audit: AuditLog = AuditLog(),
        people: PeopleFile = PeopleFile(),
        logger: Logger
    ) async throws {
        let relay = ConnectionRelay(logger: logger)
        connections = HTTP1Channel(
            responder: { request, writer, channel in try await relay.respond(request, writer, channel) },
            configuration: .init(
                idleTimeout: .seconds(120),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: 16_384,
                    maxHeaderListSize: 65_536,
                    maxHeaderFieldCount: 100
                )
            )
        )
        listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .bind(host: host, port: port) { [connections] channel in
                connections.setup(channel: channel, logger: logger)
            }
        self.port = listener.channel.localAddress?.port ?? port
        self.logger = logger
        site = ConsoleSite(
            backend: backend,
            host: host,
            token: token,
            version: version,
            instance: String(self.port),
            audit: audit,
            people: people
        )
        relay.start(site.responder())
    }

    /// Serves until cancelled, or until the service group shuts down; open streams are closed at once then.
    package func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            await withDiscardingTaskGroup { group in
                group.addTask { await self.site.perform() }
                do {
                    try await listener.executeThenClose { inbound in
                        for try await connection in inbound {
                            group.addTask {
                                await self.connections.handle(value: connection, logger: self.logger)
                            }
                        }
                    }
                } catch is CancellationError {
                    // Asked to stop.
                } catch {
                    logger.error("the console's listener failed", metadata: ["error": "\(error)"])
                }
                group.cancelAll()
            }
        }
    }
}
