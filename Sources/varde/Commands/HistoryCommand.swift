import ArgumentParser
import KubeModel

struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "List the last syncs of an application, newest first: why, which commit, what it changed.",
        discussion: """
              varde app history prod.kart-tiles            the last 20
              varde app history prod.kart-tiles --sync 7   one of them, object by object
            """
    )

    @Option(help: ArgumentHelp("Only this sync, with every step of every object.", valueName: "number"))
    var sync: Int?

    @OptionGroup var argument: ApplicationArgument
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await server.withServer { server in
            let (id, path) = try await server.find(argument.application)
            let history = try await server.get(path + "/history")
            if let sync {
                let found = try SyncStory.find(sync, in: history["items"], of: id)
                let style = Style(for: .standardOutput)
                output.output.write(found.json) { SyncStory.lines(found, of: id, style: style) }
                return
            }
            output.output.write(history) {
                let syncs = (history["items"]?.array ?? []).map(SyncView.init)
                guard !syncs.isEmpty else { return ["\(id) was never synced."] }
                var table = TextTable(
                    "SYNC",
                    "CAUSE",
                    "RESULT",
                    "STARTED",
                    "TOOK",
                    "CHANGED",
                    "REVISION",
                    "MESSAGE"
                )
                for sync in syncs {
                    let took = sync.startedAt.flatMap { start in sync.finishedAt.map { start.age(at: $0) } }
                    table.add(
                        .init("\(sync.number)"),
                        .init(sync.causeWords),
                        StateWord(sync.result).cell,
                        .init(sync.startedAt.map { "\($0.age) ago" } ?? "-"),
                        .init(took ?? "-"),
                        .init(sync.changes),
                        .init(ApplicationView.revision(sync.json["revision"]), tone: .faint),
                        .init(sync.message)
                    )
                }
                return table.listing(style: Style(for: .standardOutput))
            }
        }
    }
}
