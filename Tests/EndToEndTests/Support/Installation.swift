import Foundation
import KubeModel
import Subprocess
import Testing

/// A data directory with a running `varde up`, or `varde server`.
struct Installation: Sendable {
    let data: String
    private let processID: Int32

    /// Starts `varde up` on free ports, waits until it is ready, runs `body`, and stops it.
    ///
    /// The server's output is in `DIR/up.log` beside the data; it is shown when it does not become ready.
    /// - Parameter kube: Where the Kubernetes API listens.
    static func run<Result: Sendable>(
        command: String = "up",
        data: String,
        options: [String],
        kube: String = "127.0.0.1:0",
        _ body: @Sendable (Installation) async throws -> Result
    ) async throws -> Result {
        let log = data + ".log"
        let addresses = ["--console", "127.0.0.1:0"] + (command == "up" ? ["--kube", kube] : [])
        let arguments = [command, "--data", data] + addresses + options
        let result = try await Subprocess.run(
            .name("sh"),
            arguments: Arguments(
                ["-c", #"log=$1; shift; exec "$0" "$@" >>"$log" 2>&1"#, Shell.varde, log] + arguments
            ),
            environment: Shell.makeEnvironment(),
            input: .none,
            output: .discarded,
            error: .discarded
        ) { execution in
            let installation = Installation(data: data, processID: Int32(execution.processIdentifier.value))
            do {
                let ready = try await installation.varde("wait", "--ready", "--timeout", "60s")
                let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
                try #require(ready.code == 0, "varde up is not ready:\n\(ready.errors)\n\(text)")
                let result = try await body(installation)
                installation.send(SIGTERM)
                return result
            } catch {
                let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
                if !text.isEmpty { print("--- \(log)\n\(text.suffix(4_000))\n---") }
                installation.send(SIGKILL)
                throw error
            }
        }
        let code = Shell.code(result.terminationStatus)
        if code != 0, code != 128 + SIGKILL {
            Issue.record(
                "varde up ended with \(code): \((try? String(contentsOfFile: log, encoding: .utf8)) ?? "")"
            )
        }
        return result.closureResult
    }

    /// Runs a command of the program under test against this installation.
    func varde(_ arguments: String...) async throws -> Shell.Outcome { try await varde(arguments) }

    func varde(_ arguments: [String]) async throws -> Shell.Outcome {
        try await Shell.run(Shell.varde, arguments, environment: ["VARDE_DATA": data])
    }

    /// The JSON that a command writes.
    func json(_ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation) async throws -> JSON
    {
        let outcome = try await varde(arguments + ["-o", "json"])
        try #require(
            outcome.code == 0,
            "varde \(arguments): \(outcome.errors)",
            sourceLocation: sourceLocation
        )
        return try JSON.parse(outcome.output)
    }

    /// An application as `varde app show` has it; `nil` while there is none.
    func application(_ id: String) async throws -> JSON? {
        try await json("apps")["items"]?.array?.first { $0["id"]?.string == id }
    }

    func kubectl(_ context: String, _ arguments: String...) async throws -> Shell.Outcome {
        try await kubectl(context, arguments)
    }

    func kubectl(_ context: String, _ arguments: [String]) async throws -> Shell.Outcome {
        let own = [
            "--kubeconfig", data + "/kubeconfig", "--cache-dir", data + ".cache", "--context", context,
        ]
        return try await Shell.run("kubectl", own + arguments)
    }

    /// What kubectl answers as JSON; `nil` when it fails.
    func object(_ context: String, _ arguments: String...) async throws -> JSON? {
        let outcome = try await kubectl(context, ["get", "-o", "json"] + arguments)
        return outcome.code == 0 ? try JSON.parse(outcome.output) : nil
    }

    /// The ConfigMaps of a namespace that Varde delivered.
    func deliveredMaps(_ context: String, in namespace: String) async throws -> [JSON] {
        let maps = try await object(context, "-n", namespace, "configmaps", "-l", "varde.dev/application")
        return maps?["items"]?.array ?? []
    }

    func send(_ signal: Int32) { kill(processID, signal) }

    var isRunning: Bool { kill(processID, 0) == 0 }
}
