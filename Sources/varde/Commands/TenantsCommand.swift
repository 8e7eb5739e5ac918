import ArgumentParser
import KubeModel

struct TenantsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenants",
        abstract: "List the teams: their prefixes, repositories, and how their applications are."
    )

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await server.withServer { server in
            let tenants = try await server.get("/api/v1/tenants")
            output.output.write(tenants) {
                var table = TextTable(
                    "TENANT",
                    "PREFIXES",
                    "STATE",
                    "APPS",
                    "HEALTHY",
                    "DEGRADED",
                    "REPOSITORIES",
                    "MESSAGE"
                )
                for tenant in tenants["items"]?.array ?? [] {
                    let repositories = tenant["repositories"]?.array ?? []
                    table.add(
                        .init(tenant["name"]?.string ?? ""),
                        .init((tenant["prefixes"]?.array ?? []).compactMap(\.string).joined(separator: ",")),
                        StateWord(tenant["accepted"]?.bool == true ? "Accepted" : "Refused").cell,
                        .init("\(tenant.at("applications", "total")?.int ?? 0)"),
                        .init("\(tenant.at("applications", "healthy")?.int ?? 0)"),
                        .init("\(tenant.at("applications", "degraded")?.int ?? 0)"),
                        .init(repositories.compactMap { $0["url"]?.string }.joined(separator: ",")),
                        .init(tenant["message"]?.string ?? "", tone: .bad)
                    )
                }
                return table.listing(style: Style(for: .standardOutput))
            }
        }
    }
}
