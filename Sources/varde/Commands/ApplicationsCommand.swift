import ArgumentParser
import KubeModel

struct ApplicationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apps",
        abstract: "List the applications: their state, and the sentence that says what is wrong.",
        discussion: """
              varde apps --tenant kart --cluster dev
              varde apps --watch       redrawn in place; a line per change when piped
              varde apps -o json | jq -r '.items[] | select(.health != "Healthy").id'
            """
    )

    @OptionGroup var server: ServerOptions

    @Option(name: [.short, .long], help: ArgumentHelp("Only this team's.", valueName: "tenant"))
    var tenant: String?

    @Option(name: [.short, .long], help: ArgumentHelp("Only those in this cluster.", valueName: "cluster"))
    var cluster: String?

    @Flag(name: [.short, .long], help: "Stay, and show changes as they happen.")
    var watch = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if watch, output.output == .yaml {
            throw ValidationError("--watch writes a table or a JSON document per change, not YAML.")
        }
    }

    func run() async throws {
        let filter = ApplicationFilter(tenant: tenant, cluster: cluster)
        try await server.withServer { server in
            if watch {
                try await follow(server, filter)
            } else {
                let answer = try await server.get("/api/v1/applications" + filter.query)
                output.output.write(answer) { Self.table(answer) }
            }
        }
    }

    private static func table(_ answer: JSON) -> [String] {
        let applications = ApplicationList(answer).all
        guard !applications.isEmpty else { return ["There are no applications here."] }
        var table = TextTable("APPLICATION", "SYNC", "HEALTH", "OBJECTS", "SINCE", "REVISION", "MESSAGE")
        for application in applications {
            table.add(
                .init(application.id),
                StateWord(application.sync).cell,
                StateWord(application.health).cell,
                .init(application.objects),
                .init(application.since?.age ?? "-"),
                .init(String((application.appliedCommit ?? "").prefix(7)), tone: .faint),
                .init(application.sentence, tone: application.state.tone == .bad ? .bad : .plain)
            )
        }
        return table.listing(style: Style(for: .standardOutput))
    }

    private func follow(_ server: Server, _ filter: ApplicationFilter) async throws {
        var list = ApplicationList()
        var isLost: CommandFailure?
        var live = output.output == .table ? LiveTable(of: "APPLICATION") : nil
        defer { live?.finish() }
        try await server.follow { signal in
            switch signal {
            case .connected:
                list = ApplicationList(try await server.get("/api/v1/applications"))
                isLost = nil
                if live == nil {
                    for application in list.all where filter.includes(application) {
                        Self.printJSON(application)
                    }
                }
            case .event(let event):
                guard let id = list.apply(event) else { return .more }
                if live == nil {
                    if let application = list[id] {
                        if filter.includes(application) { Self.printJSON(application) }
                    } else {
                        Terminal.printJSON((["id": .string(id), "removed": true] as JSON).text)
                    }
                }
            case .lost(let failure): isLost = failure
            case .tick, .deadline: break
            }
            let shown = list.all.filter(filter.includes)
            live?.show(shown.map { Self.row($0) }, title: Self.title(shown, lost: isLost))
            return .more
        }
    }

    private static func row(_ application: ApplicationView) -> LiveTable.Row {
        LiveTable.Row(
            application.id,
            state: application.state,
            message: application.message.isEmpty
                ? "\(application.objects) healthy" : application.sentence,
            since: application.since
        )
    }

    private static func title(_ applications: [ApplicationView], lost: CommandFailure?) -> String {
        if let lost { return "\(lost.message) Trying again." }
        let well = applications.count { $0.state.tone == .good }
        return "\(applications.count) applications, \(well) synced and healthy (ctrl-C ends)"
    }

    private static func printJSON(_ application: ApplicationView) {
        Terminal.printJSON(application.json.text)
    }
}
