package import Logging

/// The HTTP API and the web console, behind one listener.
package final class ConsoleServer: Sendable {
    /// - Parameters:
    ///   - port: 0 picks a free one.
    ///   - token: What a caller presents as a bearer token, or a browser once as `?token=` for a session cookie.
    ///   - version: Shown in the console and answered by `/api/v1/version`.
    package init(backend: any ConsoleBackend, host: String, port: Int, token: String, version: String, logger: Logger) async throws {
        fatalError("H7 implements")
    }

    /// The port that is listened on.
    package var port: Int { fatalError("H7 implements") }

    /// Serves until cancelled; open streams are closed at once then.
    package func run() async throws { fatalError("H7 implements") }
}
