import Foundation
import GitSource
import KubeModel
import Testing

@testable import Rendering

/// A real repository with a renderer, in a temporary directory.
final class AppsRepository: Sendable {
    let root: String
    let repository: GitRepository
    let renderer: Renderer
    var work: String { root + "/work" }
    var scratch: String { root + "/scratch" }

    /// Where the tests' own kubectl may be, besides `PATH`.
    static let tools = [ProgramSearch.variable("VARDE_TOOLS")].compactMap(\.self)
    static var hasKustomize: Bool {
        ["kustomize", "kubectl"].contains { ProgramSearch.path(of: $0, in: tools) != nil }
    }
    static var hasJsonnet: Bool { ProgramSearch.path(of: "jsonnet", in: tools) != nil }
    /// Whether this system lets a tool's network be taken away: some containers do not.
    static func isolatesTools() async throws -> Bool {
        try await Sandbox(scratch: "/nonexistent", directories: []).isIsolating
    }
    static var hasHelm: Bool { ProgramSearch.path(of: "helm", in: tools) != nil }

    init(_ files: [String: String?] = [:], tools: [String] = AppsRepository.tools) async throws {
        root = NSTemporaryDirectory() + "varde-render-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        repository = GitRepository(url: root + "/work", directory: root + "/mirror.git")
        renderer = Renderer(scratch: root + "/scratch", tools: tools)
        try await git(["init", "-q", "-b", "main", work], in: root)
        if !files.isEmpty { try await commit(files) }
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    /// Writes files (`nil` removes one), commits and fetches.
    @discardableResult
    func commit(_ files: [String: String?] = [:], links: [String: String] = [:]) async throws -> Commit {
        for (name, text) in files {
            let path = "\(work)/\(name)"
            guard let text else {
                try FileManager.default.removeItem(atPath: path)
                continue
            }
            try makeParent(of: path)
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        }
        for (name, target) in links {
            try makeParent(of: "\(work)/\(name)")
            try FileManager.default.createSymbolicLink(atPath: "\(work)/\(name)", withDestinationPath: target)
        }
        try await git(["add", "-A"])
        try await git(["commit", "-q", "--allow-empty", "-m", "Change"])
        try await repository.fetch()
        return try await repository.resolve("main")
    }

    func request(
        _ path: String,
        namespace: String = "shop",
        cluster: String = "dev"
    ) async throws -> RenderRequest {
        RenderRequest(
            repository: repository,
            commit: try await repository.resolve("main"),
            path: path,
            namespace: namespace,
            clusterName: cluster
        )
    }

    func render(_ path: String, namespace: String = "shop", cluster: String = "dev") async throws -> Rendering
    {
        try await renderer.render(try await request(path, namespace: namespace, cluster: cluster))
    }

    private func makeParent(of path: String) throws {
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent,
            withIntermediateDirectories: true
        )
    }

    @discardableResult
    func git(_ arguments: [String], in directory: String? = nil) async throws -> String {
        let outcome = try await Command(
            try #require(ProgramSearch.path(of: "git")),
            ["-c", "user.name=Kari", "-c", "user.email=kari@example.com", "-c", "protocol.file.allow=always"]
                + arguments,
            environment: ["PATH": ProgramSearch.variable("PATH") ?? "", "GIT_CONFIG_GLOBAL": "/dev/null"],
            directory: directory ?? work,
            deadline: .seconds(30)
        ).run()
        try #require(outcome.succeeded, "git \(arguments): \(outcome.errors)")
        return String(decoding: outcome.output, as: UTF8.self)
    }
}

/// A ConfigMap's text.
func configMap(_ name: String, _ data: String = "v", namespace: String? = nil) -> String {
    """
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: \(name)
    \(namespace.map { "  namespace: \($0)\n" } ?? "")data:
      key: \(data)

    """
}

extension Rendering {
    var names: [String] { manifests.map { "\($0.object.kind)/\($0.object.name)" } }
    var messages: [String] { problems.map(\.description) }
}
