import Foundation
import GitSource

/// A clone on this machine, with commits or uncommitted files that nobody else has yet.
///
/// The clone is only read: what has to be made (a tree of the uncommitted files) is made in a directory of its own.
package struct LocalWork: Sendable {
    /// What to plan.
    package enum Choice: Sendable, Hashable {
        /// The files as they are now, committed or not.
        case workTree
        case revision(String)
    }

    /// What a server needs to know to plan it.
    package struct Parcel: Sendable {
        package var commit: String
        /// A `git bundle` whose branch `plan` is the commit; empty when the server has it already.
        package var bundle: [UInt8]
        /// How it is called in the plan.
        package var name: String
    }

    /// Spellings of the repository: its own path, and those it was cloned from.
    package let spellings: [String]
    /// The work tree's root, or the bare repository.
    let top: String
    private let objects: String
    private let isBare: Bool
    private let git: String

    /// - Returns: `nil` if the path is not in a repository.
    package init?(path: String) async throws {
        guard let git = ProgramSearch.path(of: "git") else {
            throw UpError(code: .badConfiguration, message: "The program git is not installed.")
        }
        self.git = git
        let start = URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
        func ask(_ words: String...) async throws -> [String]? {
            let outcome = try await Self.run(git, ["-C", start] + words)
            return outcome.succeeded
                ? String(decoding: outcome.output, as: UTF8.self).split(separator: "\n").map(String.init)
                : nil
        }
        guard let bare = try await ask("rev-parse", "--is-bare-repository")?.first,
            let directory = try await ask("rev-parse", "--absolute-git-dir")?.first,
            let objects = try await ask("rev-parse", "--path-format=absolute", "--git-path", "objects")?.first
        else { return nil }
        isBare = bare == "true"
        self.objects = objects
        top = isBare ? directory : try await ask("rev-parse", "--show-toplevel")?.first ?? start
        let remotes = try await ask("config", "--get-regexp", #"^remote\..*\.url$"#) ?? []
        let urls = remotes.compactMap { $0.split(separator: " ", maxSplits: 1).last.map(String.init) }
        spellings = urls + [top]
    }

    /// - Parameter known: Commits that the server has.
    package func parcel(_ choice: Choice, known: [String]) async throws -> Parcel {
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "varde-plan-\(UUID().uuidString)").path(percentEncoded: false)
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        defer { try? FileManager.default.removeItem(atPath: directory) }  // It is in the temporary directory.
        let own = directory + "/own.git"
        try await git(["init", "--quiet", "--bare", "--template=", own], in: top)
        try Data((objects + "\n").utf8).write(to: URL(filePath: own + "/objects/info/alternates"))

        let (commit, name) =
            switch choice {
            case .revision(let revision): (try await self.commit(revision), revision)
            case .workTree: try await workTree(own)
            }
        if known.contains(commit) { return Parcel(commit: commit, bundle: [], name: name) }
        try await git(["--git-dir", own, "update-ref", "refs/heads/plan", commit], in: directory)
        var words = [
            "--git-dir", own, "bundle", "create", "--quiet", directory + "/bundle", "refs/heads/plan",
        ]
        for id in known where try await has(id) { words.append("^" + id) }
        do {
            try await git(words, in: directory)
        } catch let error as UpError where error.message.contains("empty bundle") {
            return Parcel(commit: commit, bundle: [], name: name)
        }
        let bundle = try Data(contentsOf: URL(filePath: directory + "/bundle"))
        return Parcel(commit: commit, bundle: [UInt8](bundle), name: name)
    }

    /// The branch that work is compared with: the named one, else `main` where there is one.
    func base(_ named: String?) async throws -> String {
        for branch in [named ?? "main"] + (named == nil ? ["master"] : []) {
            let words = ["-C", top, "rev-parse", "--verify", "--quiet", "refs/heads/\(branch)"]
            if try await Self.run(git, words).succeeded { return branch }
        }
        guard let named else { return "HEAD" }
        throw UpError(code: .badConfiguration, message: "\(top) has no branch \(named) to compare with.")
    }

    /// The directories `env/<cluster>/<namespace>` of a revision.
    func places(in revision: String) async throws -> [(cluster: String, namespace: String)] {
        let list = try await git(["ls-tree", "-rd", "--name-only", revision, "env/"], in: top)
        return list.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: "/").map(String.init)
            return parts.count == 3 ? (parts[1], parts[2]) : nil
        }
    }

    /// Whether two revisions have the same files; what only a parcel has is never the same.
    func isSame(_ one: String, _ other: String) async throws -> Bool {
        let trees = try await Self.run(git, ["-C", top, "rev-parse", one + "^{tree}", other + "^{tree}"])
        let lines = String(decoding: trees.output, as: UTF8.self).split(separator: "\n")
        return trees.succeeded && lines.count == 2 && lines[0] == lines[1]
    }

    private func has(_ id: String) async throws -> Bool {
        guard id.allSatisfy(\.isHexDigit) else { return false }
        return try await Self.run(git, ["-C", top, "cat-file", "-e", id + "^{commit}"]).succeeded
    }

    private func commit(_ revision: String) async throws -> String {
        guard !revision.hasPrefix("-") else {
            throw UpError(code: .badConfiguration, message: "\"\(revision)\" is no revision.")
        }
        do {
            return try await git(["rev-parse", "--verify", "--quiet", revision + "^{commit}"], in: top)
        } catch is UpError {
            throw UpError(code: .badConfiguration, message: "\(top) has no revision \(revision).")
        }
    }

    /// A commit of the files as they are, in a repository of its own; the newest commit if they are as it has them.
    private func workTree(_ own: String) async throws -> (commit: String, name: String) {
        let head = try await commit("HEAD")
        let branch = try? await git(["symbolic-ref", "--quiet", "--short", "HEAD"], in: top)
        let headName = branch ?? String(head.prefix(7))
        guard !isBare else { return (head, headName) }
        let index = try await git(["rev-parse", "--path-format=absolute", "--git-path", "index"], in: top)
        let ownIndex = own + "/index"
        // Without the index git reads every file once more, which is only slower.
        try? FileManager.default.copyItem(atPath: index, toPath: ownIndex)
        // Git trusts what an index says of files that are older than the index: the copy must not look younger.
        if let time = try? FileManager.default.attributesOfItem(atPath: index)[.modificationDate] as? Date {
            let attributes = [FileAttributeKey.modificationDate: time.addingTimeInterval(-1)]
            try FileManager.default.setAttributes(attributes, ofItemAtPath: ownIndex)
        }
        let surroundings = [
            "GIT_INDEX_FILE": ownIndex, "GIT_OBJECT_DIRECTORY": own + "/objects",
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": objects,
        ]
        try await git(["add", "--all", "--", "."], in: top, surroundings)
        let tree = try await git(["write-tree"], in: top, surroundings)
        if tree == (try await git(["rev-parse", head + "^{tree}"], in: top)) { return (head, headName) }
        var identity = surroundings
        for role in ["AUTHOR", "COMMITTER"] {
            identity["GIT_\(role)_NAME"] = "work tree"
            identity["GIT_\(role)_EMAIL"] = "work-tree@localhost"
        }
        let message = "Uncommitted changes on \(headName)"
        let commit = try await git(["commit-tree", tree, "-p", head, "-m", message], in: top, identity)
        return (commit, "\(headName) with uncommitted changes")
    }

    @discardableResult
    private func git(
        _ words: [String],
        in directory: String,
        _ surroundings: [String: String] = [:]
    ) async throws -> String {
        let outcome = try await Self.run(git, ["-C", directory] + words, surroundings)
        guard outcome.succeeded else {
            let reason = outcome.errors.trimmingCharacters(in: .whitespacesAndNewlines)
            throw UpError(code: .badConfiguration, message: "git \(words.first ?? ""): \(reason)")
        }
        return String(decoding: outcome.output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Nothing that the clone's configuration names is run: no hooks, no monitor, no other protocol.
    private static func run(
        _ git: String,
        _ words: [String],
        _ surroundings: [String: String] = [:]
    ) async throws -> Command.Outcome {
        var environment = surroundings
        for name in ["PATH", "HOME", "TMPDIR"] { environment[name] = ProgramSearch.variable(name) }
        environment["LC_ALL"] = "C"
        environment["GIT_OPTIONAL_LOCKS"] = "0"
        environment["GIT_TERMINAL_PROMPT"] = "0"
        let safe = [
            "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "commit.gpgSign=false",
            "-c", "core.autocrlf=false", "-c", "advice.addEmbeddedRepo=false",
        ]
        return try await Command(git, safe + words, environment: environment, deadline: .seconds(120)).run()
    }
}

extension LocalWork {
    /// Clones a repository that the server does not know, with the caller's own credentials.
    ///
    /// - Parameter body: The clone is gone when it returns.
    package static func withClone<Value: Sendable>(
        of url: String,
        _ body: (LocalWork) async throws -> Value
    ) async throws -> Value {
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "varde-clone-\(UUID().uuidString)").path(percentEncoded: false)
        defer { try? FileManager.default.removeItem(atPath: directory) }  // It is in the temporary directory.
        guard let git = ProgramSearch.path(of: "git") else {
            throw UpError(code: .badConfiguration, message: "The program git is not installed.")
        }
        var environment: [String: String] = ["GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"]
        for name in ["PATH", "HOME", "TMPDIR", "SSH_AUTH_SOCK", "GIT_SSL_CAINFO", "GIT_SSH_COMMAND"] {
            environment[name] = ProgramSearch.variable(name)
        }
        let outcome = try await Command(
            git,
            ["clone", "--quiet", "--bare", "--", url, directory],
            environment: environment,
            deadline: .seconds(600)
        ).run()
        let shown = RepositoryLocation(url)
        guard outcome.succeeded, let work = try await LocalWork(path: directory) else {
            let reason = outcome.errors.trimmingCharacters(in: .whitespacesAndNewlines)
            throw UpError(
                code: .badConfiguration,
                message: "\(shown.display) cannot be cloned: \(shown.redacting(reason))"
            )
        }
        return try await body(work)
    }
}
