import Foundation
import GitSource
import Subprocess

/// A bare repository, and a clone that pushes to it.
struct TestRepository: Sendable {
    let url: String
    private let work: String

    init(in directory: String, _ files: [String: String]) async throws {
        url = directory + "/apps.git"
        work = directory + "/work"
        try await git(["init", "-q", "--bare", "-b", "main", url], in: directory)
        try await git(["clone", "-q", url, work], in: directory)
        try await git(["checkout", "-q", "-b", "main"], in: work)
        if !files.isEmpty { try await push(files) }
    }

    /// Writes files (`nil` removes one, or a whole directory), commits and pushes.
    ///
    /// - Returns: The commit's id.
    @discardableResult
    func push(
        _ files: [String: String?],
        to branch: String = "main",
        message: String = "Change"
    ) async throws -> String {
        for (name, text) in files {
            let path = "\(work)/\(name)"
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
        try await git(["add", "-A"], in: work)
        try await git(["commit", "-q", "--allow-empty", "-m", message], in: work)
        try await git(["push", "-q", "--force", "origin", "HEAD:\(branch)"], in: work)
        return try await git(["rev-parse", "HEAD"], in: work).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// What may stand where a directory was.
    enum Substitute {
        case submodule(commit: String)
        case link(to: String)
    }

    /// Puts something else in the place of a directory, commits and pushes.
    @discardableResult
    func replace(_ path: String, by substitute: Substitute, branch: String = "main") async throws -> String {
        try await git(["rm", "-r", "-q", "-f", "--ignore-unmatch", path], in: work)
        switch substitute {
        case .link(let target):
            try FileManager.default.createDirectory(
                atPath: ("\(work)/\(path)" as NSString).deletingLastPathComponent,
                withIntermediateDirectories: true
            )
            try FileManager.default.createSymbolicLink(atPath: "\(work)/\(path)", withDestinationPath: target)
        case .submodule(let commit):
            // To git an empty directory is a submodule that was not cloned.
            try FileManager.default.createDirectory(
                atPath: "\(work)/\(path)",
                withIntermediateDirectories: true
            )
            try await git(["update-index", "--add", "--cacheinfo", "160000,\(commit),\(path)"], in: work)
        }
        return try await push([:], to: branch)
    }

    /// The newest commit of the main branch.
    func head() async throws -> String {
        try await git(["ls-remote", url, "refs/heads/main"], in: work).prefix { $0 != "\t" }.description
    }

    /// Makes a commit that was pushed to another branch the main one's.
    func merge(_ commit: String) async throws {
        try await git(["push", "-q", "origin", "\(commit):refs/heads/main"], in: work)
    }

    /// Goes back in the clone, so that the next push rests on an earlier commit.
    func reset(to commit: String) async throws {
        try await git(["reset", "-q", "--hard", commit], in: work)
    }

    /// Takes the repository away.
    func hide() throws { try FileManager.default.moveItem(atPath: url, toPath: url + ".away") }
    func unhide() throws { try FileManager.default.moveItem(atPath: url + ".away", toPath: url) }

    private struct GitFailed: Error {
        let arguments: [String]
        let text: String
    }

    @discardableResult
    private func git(_ arguments: [String], in directory: String) async throws -> String {
        let own = ["-c", "user.name=Kari", "-c", "user.email=kari@example.com", "-C", directory]
        let result = try await Subprocess.run(
            .name("git"),
            arguments: Arguments(own + arguments),
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 16)
        )
        guard result.terminationStatus.isSuccess else {
            throw GitFailed(arguments: arguments, text: result.standardError)
        }
        return result.standardOutput
    }
}

/// A ConfigMap's text.
func configMap(_ name: String, _ value: String = "v", annotations: [String: String] = [:]) -> String {
    var text = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: \(name)\n"
    if !annotations.isEmpty {
        text += "  annotations:\n"
        for (key, value) in annotations.sorted(by: { $0.key < $1.key }) {
            text += "    \(key): \"\(value)\"\n"
        }
    }
    return text + "data:\n  key: \"\(value)\"\n"
}

/// The least that a Deployment is made of.
func deployment(_ name: String) -> String {
    """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: \(name)}
    spec:
      selector: {matchLabels: {app: \(name)}}
      template:
        metadata: {labels: {app: \(name)}}
        spec: {containers: [{name: \(name), image: "\(name):1"}]}
    """
}

/// A Deployment with a Service.
func workload(_ name: String, replicas: Int = 2, image: String = "registry.example.com/web:1") -> String {
    """
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: \(name)
    spec:
      replicas: \(replicas)
      selector:
        matchLabels: {app: \(name)}
      template:
        metadata:
          labels: {app: \(name)}
        spec:
          containers:
          - name: web
            image: \(image)
            ports:
            - containerPort: 8080
    ---
    apiVersion: v1
    kind: Service
    metadata:
      name: \(name)
    spec:
      selector: {app: \(name)}
      ports:
      - port: 80
        targetPort: 8080
    """
}
