import ArgumentParser

/// What `varde up` and `varde server` have in common.
struct ServingOptions: ParsableArguments {
    /// How much is told on standard error.
    enum LogLevel: String, ExpressibleByArgument, CaseIterable {
        case trace, debug, info, notice, warning, error, critical
    }

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
            "Your own platform repository: a path, or a URL that git understands.",
            valueName: "url"
        )
    )
    var platform: String?

    @Option(
        name: .customLong("add-kubeconfig"),
        help: ArgumentHelp(
            "Add a real cluster to the fleet: the file's current context, or the named one. May be repeated.",
            valueName: "[name=]file[@context]"
        )
    )
    var addedClusters: [AddedClusterArgument] = []

    @Option(help: ArgumentHelp("What is logged on standard error: \(Self.levels).", valueName: "level"))
    var logLevel = LogLevel.warning

    private static var levels: String { LogLevel.allCases.map(\.rawValue).joined(separator: ", ") }

    func validate() throws {
        if platform?.isEmpty == true { throw ValidationError("--platform needs a path or a URL.") }
    }
}
