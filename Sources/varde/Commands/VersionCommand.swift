import ControlPlane
import ArgumentParser
import ControlPlane
import KubeModel

struct VersionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Print the version of this program, and of the running server if there is one."
    )

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        var value: JSON = ["client": .string(Version.current)]
        do {
            value["server"] = try await server.withServer {
                try await $0.get("/api/v1/version", timeout: .seconds(3))
            }
        } catch is CommandFailure {
            // Its own version is what a program without a server can tell.
        }
        output.output.write(value) {
            var lines = ["varde \(Version.current)"]
            if let server = value["server"] {
                lines.append(
                    "server \(server["version"]?.string ?? "?"), Kubernetes \(server["kubernetes"]?.string ?? "?")"
                )
            }
            return lines
        }
    }
}
