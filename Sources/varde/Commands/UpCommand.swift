import ArgumentParser
import ControlPlane

struct UpCommand: AsyncParsableCommand {
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
              varde up --add-kubeconfig ~/.kube/config@test
                                                      and a real cluster, "test"
            """
    )

    @OptionGroup var options: ServingOptions

    @Option(
        help: ArgumentHelp(
            "Where the Kubernetes API of all embedded clusters listens.",
            valueName: "host:port"
        )
    )
    var kube = HostAndPort(host: "127.0.0.1", port: 6443)

    @Flag(help: "No content at all: only the admin cluster.")
    var empty = false

    func validate() throws {
        if empty, options.platform != nil {
            throw ValidationError("--empty and --platform exclude each other.")
        }
    }

    func run() async throws {
        try await Up.run(
            UpConfiguration(
                dataDirectory: ServerOptions.directory(options.data),
                consoleHost: options.console.host,
                consolePort: options.console.port,
                kubeHost: kube.host,
                kubePort: kube.port,
                platform: empty ? .empty : options.platform.map { .url($0) },
                addedClusters: options.addedClusters.map(\.cluster),
                logLevel: options.logLevel.rawValue
            )
        )
    }
}
