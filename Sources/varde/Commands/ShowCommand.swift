import ArgumentParser
import KubeModel

struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Say what is wrong with an application, and show its objects as a tree."
    )

    @OptionGroup var argument: ApplicationArgument
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("Show one of its last 20 syncs instead, step by step.", valueName: "number"))
    var sync: Int?

    func run() async throws {
        try await server.withServer { server in
            let (id, path) = try await server.find(argument.application)
            let details = try await server.get(path)
            if let sync {
                let found = try SyncStory.find(sync, in: details["history"], of: id)
                let style = Style(for: .standardOutput)
                output.output.write(found.json) { SyncStory.lines(found, of: id, style: style) }
                return
            }
            output.output.write(details) { Self.lines(details) }
        }
    }

    static func lines(_ details: JSON) -> [String] {
        let style = Style(for: .standardOutput)
        let application = ApplicationView(details["application"] ?? [:])
        return verdict(application, style) + [""] + facts(application, style) + findings(application, style)
            + tree(details["objects"]?.array ?? [], style)
    }

    /// The sentence that one came for.
    private static func verdict(_ application: ApplicationView, _ style: Style) -> [String] {
        let state = application.state
        let symbol = style.isLively ? "\(state.symbol) " : ""
        let sentence =
            application.message.isEmpty
            ? (state.tone == .good
                ? "All is as the commit says, and healthy." : "\(application.sync), \(application.health).")
            : application.sentence
        return [
            style.paint("\(symbol)\(application.id): \(sentence)", state.tone == .good ? .good : state.tone)
        ]
    }

    private static func facts(_ application: ApplicationView, _ style: Style) -> [String] {
        let json = application.json
        let desired = ApplicationView.revision(json["desired"])
        let applied = ApplicationView.revision(json["applied"])
        var facts: [(String, String)] = [
            ("State", "\(application.sync), \(application.health) for \(application.since?.age ?? "?")"),
            (
                "Source",
                "\(json["repository"]?.string ?? "") (\(json["branch"]?.string ?? "")) \(json["path"]?.string ?? "")"
                    + (json["tool"]?.string.map { ", \($0)" } ?? "")
            ),
            (
                "Applied",
                applied.isEmpty ? "nothing yet" : applied + author(json["applied"]) + ago(json["appliedAt"])
            ),
        ]
        if desired != applied, !desired.isEmpty {
            facts.append(("Wanted", desired + author(json["desired"])))
        }
        facts.append(
            ("Healthy", json["healthyAt"]?.string == nil ? "not yet" : "since then" + ago(json["healthyAt"]))
        )
        facts.append(("Objects", "\(application.objects) healthy"))
        if let pin = json["pin"], let commit = pin["commit"]?.string {
            let until = Timestamp(pin["expiresAt"]?.string).map { ", until \($0.minute) UTC" } ?? ""
            let reason = pin["reason"]?.string ?? ""
            facts.append(("Pinned", "\(commit.prefix(7)) \(pin["subject"]?.string ?? "")\(until): \(reason)"))
        }
        if let pause = json["pause"], pause.object != nil {
            facts.append(("Paused", pause["reason"]?.string ?? ""))
        }
        return facts.map { style.paint($0.0.padding(to: 9), .faint) + $0.1 }
    }

    private static func author(_ revision: JSON?) -> String {
        revision?["author"]?.string.map { " (\($0))" } ?? ""
    }
    private static func ago(_ time: JSON?) -> String {
        Timestamp(time?.string).map { ", \($0.age) ago" } ?? ""
    }

    private static func findings(_ application: ApplicationView, _ style: Style) -> [String] {
        guard !application.findings.isEmpty else { return [] }
        var lines = ["", style.paint("Findings", .strong)]
        for finding in application.findings {
            let severity = finding["severity"]?.string ?? "error"
            let tone: Style.Tone = severity == "error" ? .bad : severity == "warning" ? .warning : .plain
            // What a tool says may have several lines.
            let words = (finding["message"]?.string ?? "").split(separator: "\n")
            lines.append("  " + style.paint(severity, tone) + "  " + (words.first ?? ""))
            lines += words.dropFirst().map { "         " + $0 }
            let places = [finding["origin"]?.string, finding["object"]?.string, finding["field"]?.string]
                .compactMap { $0 }
            if !places.isEmpty {
                lines.append("         " + style.paint(places.joined(separator: " · "), .faint))
            }
        }
        return lines
    }

    private static func tree(_ objects: [JSON], _ style: Style) -> [String] {
        guard !objects.isEmpty else { return [] }
        var table = TextTable("OBJECT", "SYNC", "HEALTH", "AGE", "MESSAGE")
        for line in ObjectTree.lines(objects.map(ObjectView.init)) {
            let object = line.object
            table.add(
                .init("\(line.branch)\(object.kind)/\(object.name)"),
                object.sync.map { StateWord($0).cell } ?? .init(""),
                StateWord(object.health).cell,
                .init(object.createdAt?.age ?? "-"),
                .init(object.message.isEmpty ? object.summary : object.message)
            )
        }
        return [""] + table.listing(style: style)
    }
}

extension String {
    fileprivate func padding(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
