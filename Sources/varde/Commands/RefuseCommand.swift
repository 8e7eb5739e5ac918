import ArgumentParser

struct RefuseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refuse",
        abstract: "Keep objects whose deletion is held for approval."
    )

    @OptionGroup var argument: ApplicationArgument
    @OptionGroup var held: HeldObjects
    @OptionGroup var server: ServerOptions

    func run() async throws {
        try await server.withServer { server in
            let (id, path) = try await server.find(argument.application)
            try await server.post(path + "/refuse", held.body)
            Terminal.print("\(id): \(held.words(all: "all held objects")) stay.")
        }
    }
}
