import ArgumentParser
import KubeModel

struct DiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Show what a sync would change, object by object and field by field.",
        discussion:
            "Each field has its live value (-), the value of the commit (+), and who set the live one."
    )

    @OptionGroup var argument: ApplicationArgument
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await server.withServer { server in
            let (id, path) = try await server.find(argument.application)
            let diff = try await server.get(path + "/diff")
            output.output.write(diff) { Self.lines(diff, of: id) }
        }
    }

    private static func lines(_ diff: JSON, of id: String) -> [String] {
        let style = Style(for: .standardOutput)
        let items = (diff["items"]?.array ?? []).filter { $0["action"]?.string != "none" }
        guard !items.isEmpty else { return ["\(id): no differences."] }
        var lines: [String] = []
        for item in items {
            let action = item["action"]?.string ?? ""
            let reason = item["reason"]?.string ?? ""
            lines.append(
                style.paint("\(action) \(item["object"]?.string ?? "")", tone(action))
                    + (reason.isEmpty ? "" : style.paint("  \(reason)", .faint))
            )
            for field in item["fields"]?.array ?? [] {
                let owner = field["manager"]?.string.map { " (set by \($0)\(ago(field["time"])))" } ?? ""
                lines.append("  " + (field["path"]?.string ?? "") + style.paint(owner, .faint))
                if let live = field["live"], !live.isNull {
                    lines.append(style.paint("    - \(live.text)", .bad))
                }
                if let desired = field["desired"], !desired.isNull {
                    lines.append(style.paint("    + \(desired.text)", .good))
                }
            }
        }
        return lines
    }

    private static func ago(_ time: JSON?) -> String {
        Timestamp(time?.string).map { ", \($0.age) ago" } ?? ""
    }

    private static func tone(_ action: String) -> Style.Tone {
        switch action {
        case "create": .good
        case "update": .busy
        case "delete", "refuse": .bad
        case "hold": .warning
        default: .plain
        }
    }
}
