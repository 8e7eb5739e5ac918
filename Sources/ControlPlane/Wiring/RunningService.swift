import Logging
import ServiceLifecycle

/// A long-running part of Varde under the service group: it runs until the group shuts down, then is cancelled.
///
/// The group stops its services in the reverse of their order, each after the other has returned.
struct RunningService: Service {
    let name: String
    let logger: Logger
    let body: @Sendable () async throws -> Void

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await body() }
        } catch is CancellationError {
            return
        } catch {
            // What was under way when the stop came may end with any error; only an unasked end is a failure.
            guard !Task.isShuttingDownGracefully else { return }
            logger.critical("stopped by a failure", metadata: ["service": "\(name)", "error": "\(error)"])
            throw error
        }
    }
}
