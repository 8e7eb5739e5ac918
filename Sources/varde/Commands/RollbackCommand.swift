import ArgumentParser
import KubeModel

struct RollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Deliver an earlier commit for a while, whatever newer commits say.",
        discussion: """
            The application is pinned: automatic sync goes on, on the earlier commit, until
            the pin expires or is taken away. Deletions that this causes are held as
            always when they are many. The lasting repair is a commit.

              varde app rollback prod.kart-tiles --reason "tiles are empty"
              varde app rollback prod.kart-tiles --to 1a2b3c4 --for 2h --reason "see #812"
              varde app rollback prod.kart-tiles --reason "tiles are empty" --commit
              varde app unpin prod.kart-tiles
            """
    )

    @OptionGroup var argument: ApplicationArgument
    @OptionGroup var server: ServerOptions

    @Option(
        help: ArgumentHelp(
            "The commit; the one applied before the present one by default.",
            valueName: "commit"
        )
    )
    var to: String?

    @Option(help: "Why; shown wherever the application is.")
    var reason: String

    @Option(name: .customLong("for"), help: ArgumentHelp("How long the pin holds.", valueName: "duration"))
    var lifetime = DurationArgument("24h", .seconds(86_400))

    @Flag(
        help:
            "Push a commit that puts the directory back, too, so that it lasts; needs push rights for Varde."
    )
    var commit = false

    func run() async throws {
        try await server.withServer { server in
            let (id, path) = try await server.find(argument.application)
            let target = if let to { to } else { try await earlier(server, path, id) }
            let seconds = Double(lifetime.duration.components.seconds)
            try await server.post(
                path + "/pin",
                ["commit": .string(target), "reason": .string(reason), "hours": .double(seconds / 3_600)],
                // A mirror that began with the newest commits fetches the older ones now.
                timeout: .seconds(600)
            )
            Terminal.print(
                "\(id): pinned to \(target.prefix(12)) for \(lifetime.text). "
                    + "Watch with: varde app show \(id); end it with: varde app unpin \(id)"
            )
            guard commit else { return }
            try await server.post(path + "/pin/commit")
            Terminal.print("\(id): a commit that puts the directory back is pushed; the pin ends with it.")
        }
    }

    /// The commit that was applied whole before the one that is.
    private func earlier(_ server: Server, _ path: String, _ id: String) async throws -> String {
        let details = try await server.get(path)
        let application = ApplicationView(details["application"] ?? [:])
        let current = application.appliedCommit ?? application.desiredCommit
        let syncs = (details["history"]?.array ?? []).map(SyncView.init)
        let former = syncs.first {
            $0.result == "succeeded" && $0.cause != "deletion" && $0.commit != nil && $0.commit != current
        }
        guard let commit = former?.commit else {
            throw CommandFailure(
                .refused,
                "\(id): no earlier revision is known.",
                advice: ["Name a commit: varde app rollback \(id) --to COMMIT --reason …"]
            )
        }
        return commit
    }
}

struct UnpinCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unpin",
        abstract: "End a rollback: the newest commit is delivered again."
    )

    @OptionGroup var argument: ApplicationArgument
    @OptionGroup var server: ServerOptions

    func run() async throws {
        try await server.withServer { server in
            let (id, path) = try await server.find(argument.application)
            try await server.post(path + "/unpin")
            Terminal.print("\(id): no longer pinned; the newest commit is delivered.")
        }
    }
}
