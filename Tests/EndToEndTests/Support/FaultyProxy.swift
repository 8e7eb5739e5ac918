import Foundation
import KubeModel
import Subprocess
import Testing

/// A proxy before an API server that fails in the ways that it is told to: `faulty_proxy.py`.
struct FaultyProxy: Sendable {
    /// A kubeconfig that leads through it.
    let kubeconfig: String
    private let portFile: String

    /// Runs one before an embedded admin cluster while the body runs.
    static func run(
        before installation: Installation,
        in directory: String,
        _ body: @Sendable (FaultyProxy) async throws -> Void
    ) async throws {
        let known = try await installation.kubectl(
            "admin",
            "config",
            "view",
            "--raw",
            "--minify",
            "-o",
            "json"
        )
        let config = try JSON.parse(known.output)
        let server = try #require(config.at("clusters")?[0]?.at("cluster", "server")?.string)
        let token = try #require(config.at("users")?[0]?.at("user", "token")?.string)
        let proxy = FaultyProxy(
            kubeconfig: "\(directory)/proxy.kubeconfig",
            portFile: "\(directory)/proxy.port"
        )
        try proxy.set([:])
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "faulty_proxy.py")
        _ = try await Subprocess.run(
            .name("python3"),
            arguments: [script.path, server, proxy.portFile, proxy.faults],
            environment: Shell.makeEnvironment(),
            input: .none,
            output: .discarded,
            error: .discarded
        ) { execution in
            defer { kill(Int32(execution.processIdentifier.value), SIGKILL) }
            try await eventually("the proxy listens") {
                FileManager.default.fileExists(atPath: proxy.portFile)
            }
            let port = try String(contentsOfFile: proxy.portFile, encoding: .utf8)
            let text = """
                apiVersion: v1
                kind: Config
                current-context: far
                clusters: [{name: far, cluster: {server: "http://127.0.0.1:\(port)"}}]
                users: [{name: far, user: {token: "\(token)"}}]
                contexts: [{name: far, context: {cluster: far, user: far}}]

                """
            try Data(text.utf8).write(to: URL(filePath: proxy.kubeconfig))
            try await body(proxy)
        }
    }

    private var faults: String { portFile + ".faults" }

    /// What goes wrong from now on, as the script's head says.
    func set(_ faults: [String: Int]) throws {
        let json = JSON.object(
            JSONObject(faults.map { ($0, .integer(Int64($1))) }, uniquingKeysWith: { first, _ in first })
        )
        try Data(json.text.utf8).write(to: URL(filePath: self.faults), options: .atomic)
    }

    /// How often something went wrong.
    var count: Int {
        // Nothing has gone wrong yet.
        Int((try? String(contentsOfFile: portFile + ".count", encoding: .utf8)) ?? "") ?? 0
    }
}
