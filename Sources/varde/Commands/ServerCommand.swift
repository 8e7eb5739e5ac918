import ArgumentParser
import ControlPlane

struct ServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "server",
        abstract: "Run Varde on a real admin cluster, which holds its objects.",
        discussion: """
            The admin cluster gets Varde's CustomResourceDefinitions and the namespace
            varde-system; Cluster, Tenant and Application objects live there. Varde needs a
            cluster administrator's rights in it. Nothing is simulated and no cluster is
            hosted here: clusters join by kubeconfig.

              varde server --kubeconfig admin.yaml --platform https://git.example/platform.git
              varde server --kubeconfig admin.yaml --add-kubeconfig dev.yaml
              varde server --in-cluster              as a pod of the admin cluster

            Started several times on the same admin cluster, each with a --data directory of
            its own, the replicas share the clusters among them; when one ends, the others
            take over its clusters within 15 seconds.
            """
    )

    @OptionGroup var options: ServingOptions

    @Option(help: ArgumentHelp("How the admin cluster is reached.", valueName: "file"))
    var kubeconfig: String?

    @Option(help: ArgumentHelp("A context of that file. (default: its current one)", valueName: "name"))
    var context: String?

    @Flag(help: "The admin cluster is the one in which this process is a pod.")
    var inCluster = false

    func validate() throws {
        if inCluster == (kubeconfig != nil) {
            throw ValidationError("Name the admin cluster with --kubeconfig FILE, or say --in-cluster.")
        }
        if inCluster, context != nil { throw ValidationError("--context belongs to --kubeconfig.") }
    }

    func run() async throws {
        try await Up.run(
            UpConfiguration(
                dataDirectory: ServerOptions.directory(options.data),
                consoleHost: options.console.host,
                consolePort: options.console.port,
                platform: options.platform.map { .url($0) },
                admin: kubeconfig.map { .kubeconfig(path: $0, context: context) } ?? .surrounding,
                addedClusters: options.addedClusters.map(\.cluster),
                logLevel: options.logLevel.rawValue
            )
        )
    }
}
