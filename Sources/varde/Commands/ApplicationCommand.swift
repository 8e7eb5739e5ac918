import ArgumentParser

struct ApplicationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "app",
        abstract: "Look into one application, or act on it.",
        discussion: """
              varde app show dev.kart-web      what is wrong, then its objects as a tree
              varde app diff dev.kart-web      what a sync would change, by field
              varde app logs dev.kart-web -f   what its pods log
              varde app sync dev.kart-web      apply again now, and watch
              varde app rollback dev.kart-web  back to the commit before, for a while

            APP is <tenant>/<cluster>.<namespace> or any unambiguous part of it.
            """,
        subcommands: [
            ShowCommand.self, DiffCommand.self, SyncCommand.self, ApproveCommand.self, RefuseCommand.self,
            HistoryCommand.self, RollbackCommand.self, UnpinCommand.self, PauseCommand.self,
            ResumeCommand.self,
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
