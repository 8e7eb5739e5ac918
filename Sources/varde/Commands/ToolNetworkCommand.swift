import ArgumentParser
import ControlPlane

/// Varde's own helper in a tool's network namespace; nothing for people.
struct ToolNetworkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tool-network",
        abstract: "Run a tool beside a relay to Varde's proxy (used by Varde itself).",
        shouldDisplay: false
    )

    @Option(help: "Where the proxy's socket is.")
    var directory: String

    @Option(help: "A host:port of the loopback that stands for the one outside.")
    var door: [String] = []

    @Flag(help: "The network namespace is the tool's own.")
    var ownNetwork = false

    @Argument(parsing: .postTerminator, help: "The tool and its arguments.")
    var words: [String] = []

    func run() throws {
        throw ExitCode(
            ForwardedTool(directory: directory, doors: door, ownsNetwork: ownNetwork).run(words)
        )
    }
}
