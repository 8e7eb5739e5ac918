import ArgumentParser
import KubeModel

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Say in a few lines how everything is, and what needs a person."
    )

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await server.withServer { server in
            let status = try await server.get("/api/v1/status")
            let applications =
                status["attention"]?.array?.isEmpty == false
                ? try await server.get("/api/v1/applications") : [:]
            let sentences = Dictionary(
                ApplicationList(applications).all.map { ($0.id, $0.sentence) },
                uniquingKeysWith: { first, _ in first }
            )
            output.output.write(status) { Self.lines(status, sentences, console: server.file.console) }
        }
    }

    private static func place(_ item: JSON) -> String {
        item["application"]?.string ?? item["tenant"]?.string.map { "tenant \($0)" }
            ?? item["cluster"]?.string.map { "cluster \($0)" } ?? "-"
    }

    private static func lines(_ status: JSON, _ sentences: [String: String], console: String) -> [String] {
        let style = Style(for: .standardOutput)
        func count(_ group: String, _ key: String) -> Int { status.at(group, key)?.int ?? 0 }
        func parts(_ group: String, _ keys: [(key: String, word: String, tone: Style.Tone)]) -> String {
            keys.filter { count(group, $0.key) > 0 }
                .map { style.paint("\(count(group, $0.key)) \($0.word)", $0.tone) }
                .joined(separator: ", ")
        }
        let total = count("applications", "total")
        var lines = [
            "Applications  \(total): "
                + parts(
                    "applications",
                    [
                        ("synced", "synced", .good), ("outOfSync", "out of sync", .warning),
                        ("syncing", "syncing", .busy),
                        ("failed", "failed", .bad), ("refused", "refused", .bad), ("held", "held", .warning),
                    ]
                ),
            "Health        "
                + parts(
                    "applications",
                    [
                        ("healthy", "healthy", .good), ("progressing", "progressing", .busy),
                        ("degraded", "degraded", .bad),
                    ]
                ),
            "Clusters      \(count("clusters", "reachable")) of \(count("clusters", "total")) reachable",
            "Tenants       \(count("tenants", "accepted")) of \(count("tenants", "total")) accepted",
            "Console       \(console)  (`varde console` prints the link that signs you in)",
        ]
        let attention = status["attention"]?.array ?? []
        guard !attention.isEmpty else {
            return lines + ["", total == 0 ? "There are no applications yet." : "Nothing needs attention."]
        }
        lines += ["", style.paint("Needs attention", .strong)]
        var table = TextTable("WHERE", "SINCE", "WHAT")
        for item in attention {
            table.add(
                .init(Self.place(item)),
                .init(Timestamp(item["since"]?.string)?.age ?? "-"),
                .init(
                    sentences[item["application"]?.string ?? ""] ?? item["message"]?.string ?? "",
                    tone: item["severity"]?.string == "error" ? .bad : .warning
                )
            )
        }
        return lines + table.listing(style: style)
    }
}
