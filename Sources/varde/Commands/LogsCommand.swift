import ArgumentParser
import KubeModel

struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Print what the pods of an application log.",
        discussion: """
              varde app logs dev.kart-web             all of its pods
              varde app logs dev.kart-web web-7c9 -f  pods with this in their name
            """
    )

    @OptionGroup var argument: ApplicationArgument

    @Argument(help: ArgumentHelp("Only pods with this in their name.", valueName: "pod"))
    var pod: String?

    @OptionGroup var server: ServerOptions

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The container, where a pod has several.", valueName: "name")
    )
    var container: String?

    @Option(help: ArgumentHelp("How many of the last lines.", valueName: "lines"))
    var tail = 100

    @Flag(name: [.short, .long], help: "Stay, and print lines as they come.")
    var follow = false

    @Flag(name: [.short, .long], help: "Of the container's run before this one.")
    var previous = false

    func run() async throws {
        try await server.withServer { server in
            let (id, path) = try await server.find(argument.application)
            let objects = (try await server.get(path)["objects"]?.array ?? []).map(ObjectView.init)
            let pods = objects.filter(\.isPod).map(\.name).filter { name in pod.map(name.contains) ?? true }
                .sorted()
            guard !pods.isEmpty else {
                // A replica that does not deliver knows no objects, and says where to ask instead.
                if objects.isEmpty { _ = try await server.get(path + "/events") }
                throw CommandFailure(
                    .notFound,
                    "\(id) has no pod\(pod.map { " with \($0) in its name" } ?? "")."
                )
            }
            try await printLogs(of: pods, path: path, server)
        }
    }

    private func printLogs(of pods: [String], path: String, _ server: Server) async throws {
        let isPrefixed = pods.count > 1
        guard follow else {
            for pod in pods { try await printLog(of: pod, path: path, isPrefixed: isPrefixed, server) }
            return
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for pod in pods {
                group.addTask { try await printLog(of: pod, path: path, isPrefixed: isPrefixed, server) }
            }
            try await group.waitForAll()
        }
    }

    private func printLog(of pod: String, path: String, isPrefixed: Bool, _ server: Server) async throws {
        var query = "?pod=\(Server.escape(pod))&tail=\(tail)"
        if let container { query += "&container=\(Server.escape(container))" }
        if follow { query += "&follow=true" }
        if previous { query += "&previous=true" }
        let prefix = isPrefixed ? Shown.line(Style(for: .standardOutput).paint("[\(pod)] ", .faint)) : ""
        var rest: [UInt8] = []
        for try await bytes in try await server.stream(path + "/logs" + query) {
            rest.append(contentsOf: bytes)
            guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { continue }
            for line in rest[..<end].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
                Terminal.write(prefix + String(decoding: line, as: UTF8.self) + "\n")
            }
            rest.removeSubrange(...end)
        }
        if !rest.isEmpty { Terminal.write(prefix + String(decoding: rest, as: UTF8.self) + "\n") }
    }
}
