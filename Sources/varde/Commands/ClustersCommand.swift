import ArgumentParser
import KubeModel

struct ClustersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clusters",
        abstract:
            "List the clusters: where they are, their version and nodes, and how their applications are."
    )

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await server.withServer { server in
            let clusters = try await server.get("/api/v1/clusters")
            output.output.write(clusters) {
                var table = TextTable(
                    "CLUSTER",
                    "ENVIRONMENT",
                    "LOCATION",
                    "PROVIDER",
                    "VERSION",
                    "NODES",
                    "STATE",
                    "APPS",
                    "HEALTHY",
                    "DEGRADED",
                    "MESSAGE"
                )
                for cluster in clusters["items"]?.array ?? [] {
                    let provider = cluster["provider"]?.string ?? ""
                    table.add(
                        .init(cluster["name"]?.string ?? ""),
                        .init(cluster["environment"]?.string ?? ""),
                        .init(cluster["location"]?.string ?? ""),
                        .init(cluster["simulated"]?.bool == true ? "\(provider) (simulated)" : provider),
                        .init(cluster["version"]?.string ?? ""),
                        .init("\(cluster["readyNodes"]?.int ?? 0)/\(cluster["nodes"]?.int ?? 0)"),
                        StateWord(cluster["reachable"]?.bool == true ? "Reachable" : "Unreachable").cell,
                        .init("\(cluster.at("applications", "total")?.int ?? 0)"),
                        .init("\(cluster.at("applications", "healthy")?.int ?? 0)"),
                        .init("\(cluster.at("applications", "degraded")?.int ?? 0)"),
                        .init(cluster["message"]?.string ?? "", tone: .bad)
                    )
                }
                return table.listing(style: Style(for: .standardOutput))
            }
        }
    }
}
