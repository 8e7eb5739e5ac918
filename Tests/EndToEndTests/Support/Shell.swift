import Foundation
import Subprocess
import Testing

/// Runs real programs, with the tools of this project first in `PATH` and nobody's configuration of git or kubectl.
enum Shell {
    struct Outcome: Sendable {
        /// The exit code, or 128 and the signal.
        var code: Int32
        var output: String
        var errors: String
    }

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    /// The program under test: the debug build, unless `VARDE_BINARY` names another.
    static let varde = ProcessInfo.processInfo.environment["VARDE_BINARY"] ?? "\(root)/.build/debug/varde"

    static let environment: [String: String] = {
        var environment = ProcessInfo.processInfo.environment.filter {
            ["HOME", "TMPDIR", "LANG"].contains($0.key)
        }
        environment["PATH"] =
            "\(root)/.tools/bin:" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")
        environment["GIT_CONFIG_GLOBAL"] = "/dev/null"
        environment["GIT_CONFIG_NOSYSTEM"] = "1"
        for role in ["AUTHOR", "COMMITTER"] {
            environment["GIT_\(role)_NAME"] = "Tester"
            environment["GIT_\(role)_EMAIL"] = "tester@example.org"
        }
        return environment
    }()

    /// Runs a program to its end.
    static func run(
        _ program: String,
        _ arguments: [String],
        in directory: String = NSTemporaryDirectory(),
        environment changes: [String: String] = [:]
    ) async throws -> Outcome {
        let result = try await Subprocess.run(
            .name("sh"),
            arguments: Arguments(["-c", #"cd "$0" && exec "$@""#, directory, program] + arguments),
            environment: makeEnvironment(changes),
            output: .string(limit: 64 << 20),
            error: .string(limit: 64 << 20)
        )
        return Outcome(
            code: code(result.terminationStatus),
            output: result.standardOutput,
            errors: result.standardError
        )
    }

    /// Runs a program that must succeed; its output.
    @discardableResult
    static func succeed(
        _ program: String,
        _ arguments: [String],
        in directory: String = NSTemporaryDirectory(),
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> String {
        let outcome = try await run(program, arguments, in: directory)
        try #require(
            outcome.code == 0,
            "\(program) \(arguments.joined(separator: " ")): \(outcome.code)\n\(outcome.output)\(outcome.errors)",
            sourceLocation: sourceLocation
        )
        return outcome.output
    }

    static func makeEnvironment(_ changes: [String: String] = [:]) -> Environment {
        .custom(
            Dictionary(
                environment.merging(changes) { _, new in new }.map {
                    (Environment.Key(stringLiteral: $0.key), $0.value)
                },
                uniquingKeysWith: { _, last in last }
            )
        )
    }

    static func code(_ status: TerminationStatus) -> Int32 {
        switch status {
        case .exited(let code): Int32(code)
        case .signaled(let signal): 128 + Int32(signal)
        }
    }
}

/// Waits until a condition holds, looking again and again; records an issue with the last reason when the time is over.
func eventually(
    _ what: String,
    within limit: Duration = .seconds(30),
    sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    var reason = "it is not so"
    while ContinuousClock.now < deadline {
        do {
            if try await condition() { return }
            reason = "it is not so"
        } catch let error as CancellationError {
            throw error
        } catch {
            reason = "\(error)"
        }
        try await Task.sleep(for: .milliseconds(50))
    }
    Issue.record("After \(limit): \(what): \(reason)", sourceLocation: sourceLocation)
    throw Missed(what: what)
}

/// A condition that did not come about; the issue is recorded where it was waited for.
struct Missed: Error { var what: String }

/// A directory of its own for a test, removed after it.
func withTemporaryDirectory<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let path = NSTemporaryDirectory() + "varde-e2e-" + UUID().uuidString.prefix(8).lowercased()
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let result: Result
    do {
        result = try await body(path)
    } catch {
        if ProcessInfo.processInfo.environment["VARDE_KEEP"] == nil {
            try? FileManager.default.removeItem(atPath: path)
        }
        throw error
    }
    try FileManager.default.removeItem(atPath: path)
    return result
}
