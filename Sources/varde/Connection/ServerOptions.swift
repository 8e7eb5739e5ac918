import ArgumentParser

/// Which running Varde a command talks to.
struct ServerOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The data directory of the running Varde. (default: $VARDE_DATA, else .varde)",
            valueName: "dir"
        )
    )
    var data: String?

    var directory: String { Self.directory(data) }

    static func directory(_ option: String?) -> String {
        if let option, !option.isEmpty { return option }
        if let variable = Terminal.environment("VARDE_DATA"), !variable.isEmpty { return variable }
        return ".varde"
    }

    /// Reads how to reach the server, and closes all connections when `body` is done.
    func withServer<Result: Sendable>(_ body: (Server) async throws -> Result) async throws -> Result {
        let server = Server(try ClientFile.read(in: directory))
        do {
            let result = try await body(server)
            try await server.close()
            return result
        } catch {
            // The first failure is the one to tell.
            try? await server.close()
            throw error
        }
    }
}
