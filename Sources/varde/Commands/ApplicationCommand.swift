import ArgumentParser

struct ApplicationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "app",
        abstract: "Look into one application, or act on it.",
        discussion: """
              varde app show kart-web          what is wrong, then its objects as a tree
              varde app diff kart-web          what a sync would change, field by field
              varde app logs kart-web --follow
              varde app sync kart-web          apply again now, and watch

            APP is <tenant>/<cluster>.<namespace> or any unambiguous part of it.
            """,
        subcommands: [
            ShowCommand.self, DiffCommand.self, SyncCommand.self, ApproveCommand.self, HistoryCommand.self,
            LogsCommand.self,
            EventsCommand.self,
        ]
    )
}

/// The application that a command is about.
struct ApplicationArgument: ParsableArguments {
    @Argument(
        help: ArgumentHelp("<tenant>/<cluster>.<namespace>, or any unambiguous part of it.", valueName: "app")
    )
    var application: ApplicationReference
}
