import ArgumentParser

struct ConsoleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "console",
        abstract: "Print the link that opens the web console, with the token that signs you in.",
        discussion:
            "Whoever has the link may do everything; it works only from this machine unless `up --console` said otherwise."
    )

    @OptionGroup var server: ServerOptions

    func run() async throws {
        try await server.withServer { server in
            _ = try await server.get("/api/v1/version")
            Terminal.print(server.file.link)
        }
    }
}
