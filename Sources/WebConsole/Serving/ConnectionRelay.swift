import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Synchronization

/// Hands requests of open connections to the site, which is made once the port is known.
final class ConnectionRelay: Sendable {
    private let responder = Mutex<RouterResponder<ConsoleContext>?>(nil)
    private let logger: Logger

    init(logger: Logger) { self.logger = logger }

    func start(_ responder: RouterResponder<ConsoleContext>) {
        self.responder.withLock { $0 = responder }
    }

    func respond(_ request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel) async throws
    {
        let response = await answer(request, channel)
        try await writer.write(response: response.head, body: response.body)
    }

    private func answer(_ request: Request, _ channel: any Channel) async -> Response {
        guard let responder = responder.withLock({ $0 }) else {
            return Response(ConsoleError(.unavailable, "Starting."))
        }
        let context = ConsoleContext(
            source: ApplicationRequestContextSource(channel: channel, logger: logger)
        )
        do {
            return try await responder.respond(to: request, context: context)
        } catch {
            return Response(ConsoleError(.unavailable, "Stopping."))
        }
    }
}
