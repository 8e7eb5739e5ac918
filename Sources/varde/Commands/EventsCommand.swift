import ArgumentParser
import KubeModel

struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "List the Kubernetes events about an application's objects, newest last."
    )

    @OptionGroup var argument: ApplicationArgument
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await server.withServer { server in
            let (id, path) = try await server.find(argument.application)
            let events = try await server.get(path + "/events")
            output.output.write(events) {
                let items = events["items"]?.array ?? []
                guard !items.isEmpty else { return ["\(id): no events."] }
                var table = TextTable("AGE", "TYPE", "REASON", "OBJECT", "COUNT", "MESSAGE")
                for event in items {
                    let type = event["type"]?.string ?? ""
                    table.add(
                        .init(Timestamp(event["time"]?.string)?.age ?? "-"),
                        .init(type, tone: type == "Warning" ? .warning : .plain),
                        .init(event["reason"]?.string ?? ""),
                        .init(event["object"]?.string ?? ""),
                        .init("\(event["count"]?.int ?? 1)"),
                        .init(event["message"]?.string ?? "")
                    )
                }
                return table.listing(style: Style(for: .standardOutput))
            }
        }
    }
}
