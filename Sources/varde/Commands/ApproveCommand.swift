import ArgumentParser

struct ApproveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Let held deletions of an application happen.",
        discussion: """
            Deletions that are too many, or of things that cannot be brought back, wait
            for a person. `varde app show` lists them.

              varde app approve prod.kart-tiles      all that is held
              varde app approve prod.kart-tiles --object Deployment:kart-tiles/tiles
            """
    )

    @OptionGroup var argument: ApplicationArgument
    @OptionGroup var held: HeldObjects
    @OptionGroup var server: ServerOptions

    func run() async throws {
        try await server.withServer { server in
            let (id, path) = try await server.find(argument.application)
            try await server.post(path + "/approve", held.body)
            Terminal.print("\(id): approved \(held.words(all: "all held deletions")).")
        }
    }
}
