import ArgumentParser
import KubeModel

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
    @OptionGroup var server: ServerOptions

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Only this object, as `app show -o json` has its id; may be repeated.",
            valueName: "id"
        )
    )
    var object: [String] = []

    func run() async throws {
        try await server.withServer { server in
            let (id, path) = try await server.find(argument.application)
            let body: JSON? = object.isEmpty ? nil : ["objects": .array(object.map { .string($0) })]
            try await server.post(path + "/approve", body)
            Terminal.print(
                "\(id): approved \(object.isEmpty ? "all held deletions" : object.joined(separator: ", "))."
            )
        }
    }
}
