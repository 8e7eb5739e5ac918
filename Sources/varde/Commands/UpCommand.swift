import ArgumentParser
import ControlPlane

struct UpCommand: AsyncParsableCommand {
    /// How much is told on standard error.
    enum LogLevel: String, ExpressibleByArgument, CaseIterable {
        case trace, debug, info, notice, warning, error, critical
    }

    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Run all of Varde in this process: controller, API, console, and the clusters themselves.",
        discussion: """
            Without options it makes a demonstration: repositories of a platform team and
            three product teams below DIR/git, five small clusters with simulated nodes,
            and about forty applications. All state is in the data directory: started
            again, it continues where it was. Ctrl-C stops it.

              varde up                                the demonstration
              varde up --platform https://git.example/platform.git
                                                      your own clusters/ and tenants/
              varde up --data /tmp/a --console :0 --kube :0
                                                      another one, on free ports
            """
    )

    @Option(
        help: ArgumentHelp(
            "Where all state is kept. (default: $VARDE_DATA, else .varde)",
            valueName: "dir"
        )
    )
    var data: String?

    @Option(
        help: ArgumentHelp(
            "Where the console and the HTTP API listen; port 0 picks a free one.",
            valueName: "host:port"
        )
    )
    var console = HostAndPort(host: "127.0.0.1", port: 8080)

    @Option(
        help: ArgumentHelp(
            "Where the Kubernetes API of all embedded clusters listens.",
            valueName: "host:port"
        )
    )
    var kube = HostAndPort(host: "127.0.0.1", port: 6443)

    @Option(
        help: ArgumentHelp(
            "Your own platform repository: a path, or a URL that git understands.",
            valueName: "url"
        )
    )
    var platform: String?

    @Flag(help: "No content at all: only the admin cluster.")
    var empty = false

    @Option(help: ArgumentHelp("What is logged on standard error: \(Self.levels).", valueName: "level"))
    var logLevel = LogLevel.warning

    private static var levels: String { LogLevel.allCases.map(\.rawValue).joined(separator: ", ") }

    func validate() throws {
        if empty, platform != nil { throw ValidationError("--empty and --platform exclude each other.") }
        if platform?.isEmpty == true { throw ValidationError("--platform needs a path or a URL.") }
    }

    func run() async throws {
        try await Up.run(
            UpConfiguration(
                dataDirectory: ServerOptions.directory(data),
                consoleHost: console.host,
                consolePort: console.port,
                kubeHost: kube.host,
                kubePort: kube.port,
                platform: empty ? .empty : platform.map { .url($0) } ?? .demonstration,
                logLevel: logLevel.rawValue
            )
        )
    }
}
