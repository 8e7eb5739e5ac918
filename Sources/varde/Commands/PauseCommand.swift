import ArgumentParser
import KubeModel

struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Change nothing of an application until it is resumed.",
        discussion: """
            It is still looked at: differences, health and new commits are shown. The
            annotation argocd.argoproj.io/skip-reconcile: "true" on its Application object
            does the same.
            """
    )

    @OptionGroup var argument: ApplicationArgument
    @OptionGroup var server: ServerOptions

    @Option(help: "Why; shown wherever the application is.")
    var reason: String

    func run() async throws {
        try await server.withServer { server in
            let (id, path) = try await server.find(argument.application)
            try await server.post(path + "/pause", ["reason": .string(reason)])
            Terminal.print("\(id): paused. Go on with: varde app resume \(id)")
        }
    }
}

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "End a pause: what waited is applied."
    )

    @OptionGroup var argument: ApplicationArgument
    @OptionGroup var server: ServerOptions

    func run() async throws {
        try await server.withServer { server in
            let (id, path) = try await server.find(argument.application)
            try await server.post(path + "/resume")
            Terminal.print("\(id): resumed.")
        }
    }
}
