import Foundation
import GitSource
import Testing

/// A temporary directory with a bare repository, a clone of it to push from, and room for mirrors.
final class Workplace: Sendable {
    let root: String
    var origin: String { root + "/origin.git" }
    var mirrors: String { root + "/mirrors" }
    private var work: String { root + "/work" }

    init(branch: String = "main") async throws {
        root = NSTemporaryDirectory() + "varde-git-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        try await makeOrigin(branch: branch)
        try await git(["init", "-q", "-b", branch, work], in: root)
        try await git(["remote", "add", "origin", origin])
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func makeOrigin(branch: String = "main") async throws {
        try await git(["init", "-q", "--bare", "-b", branch, origin], in: root)
    }

    /// Writes files (`nil` removes one), commits and pushes.
    @discardableResult
    func push(
        _ files: [String: String?],
        to branch: String = "main",
        message: String = "Change"
    ) async throws -> ObjectID {
        let id = try await commit(files, message: message)
        try await git(["push", "-q", "--force", "origin", "HEAD:refs/heads/\(branch)"])
        return id
    }

    @discardableResult
    func commit(_ files: [String: String?], message: String = "Change") async throws -> ObjectID {
        for (name, text) in files {
            let path = work + "/" + name
            guard let text else {
                try FileManager.default.removeItem(atPath: path)
                continue
            }
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent,
                withIntermediateDirectories: true
            )
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        }
        try await git(["add", "-A"])
        try await git(["commit", "-q", "--allow-empty", "-m", message])
        return ObjectID(try await git(["rev-parse", "HEAD"]).trimmingCharacters(in: .whitespacesAndNewlines))
    }

    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: work + "/" + name, withDestinationPath: target)
    }

    @discardableResult
    func git(_ arguments: [String], in directory: String? = nil) async throws -> String {
        let identity = ["-c", "user.name=Kari Nordmann", "-c", "user.email=kari@example.com"]
        let outcome = try await Command(
            try #require(ProgramSearch.path(of: "git")),
            identity + arguments,
            environment: [
                "PATH": ProgramSearch.variable("PATH") ?? "", "GIT_CONFIG_GLOBAL": "/dev/null", "LC_ALL": "C",
            ],
            directory: directory ?? work,
            deadline: .seconds(30)
        ).run()
        try #require(outcome.succeeded, "git \(arguments): \(outcome.errors)")
        return String(decoding: outcome.output, as: UTF8.self)
    }

    func repository() -> GitRepository { GitRepository(url: origin, directory: mirrors + "/origin.git") }
}

/// Waits until a condition holds.
func eventually(
    within limit: Duration = .seconds(60),
    _ condition: () async throws -> Bool
) async throws -> Bool {
    let start = ContinuousClock.now
    while start.duration(to: .now) < limit {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(5))
    }
    return false
}
