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

    /// The server that `--data` or the environment names; a CI job has no data directory, and says where it is.
    private func client() throws -> ClientFile {
        guard data == nil, let address = Terminal.environment("VARDE_SERVER"), !address.isEmpty else {
            return try ClientFile.read(in: directory)
        }
        var console = address
        while console.hasSuffix("/") { console.removeLast() }
        guard let token = Terminal.environment("VARDE_TOKEN"), !token.isEmpty else {
            throw CommandFailure(
                .local,
                "VARDE_SERVER is set, and VARDE_TOKEN is not.",
                advice: ["Set it to the token that the server accepts, or unset VARDE_SERVER."]
            )
        }
        return ClientFile(directory: directory, console: console, token: token, kubeconfig: "")
    }

    /// Reads how to reach the server, and closes all connections when `body` is done.
    func withServer<Result: Sendable>(_ body: (Server) async throws -> Result) async throws -> Result {
        let server = Server(try client())
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
