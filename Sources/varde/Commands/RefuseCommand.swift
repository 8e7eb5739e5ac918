import ArgumentParser
import KubeModel

struct RefuseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refuse",
        abstract: "Keep objects whose deletion is held for approval."
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
            try await server.post(path + "/refuse", body)
            Terminal.print(
                "\(id): \(object.isEmpty ? "all held objects" : object.joined(separator: ", ")) stay."
            )
        }
    }
}
