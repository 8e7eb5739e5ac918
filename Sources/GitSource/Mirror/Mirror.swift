import FoundationEssentials

/// The bare mirror of a repository on disk.
///
/// One process has a mirror at a time, and one fetch runs in it at a time; readers may read all the while.
struct Mirror: Sendable {
    let location: RepositoryLocation
    let directory: String
    let git: GitProgram

    private static let connectDeadline = Duration.seconds(30)
    private static let fetchDeadline = Duration.seconds(600)

    init(location: RepositoryLocation, directory: String) throws(GitError) {
        self.location = location
        self.directory = directory
        git = try GitProgram(configuration: directory + "/varde.gitconfig")
    }

    var exists: Bool {
        ["/HEAD", "/config", "/objects", "/refs", "/varde.gitconfig"]
            .allSatisfy { FileManager.default.fileExists(atPath: directory + $0) }
    }

    /// Asks the repository which branches and tags it has; a few milliseconds for a local one.
    func remoteReferences() async throws -> RemoteReferences {
        if let path = location.localPath, !FileManager.default.fileExists(atPath: path) {
            throw GitError(code: .notARepository, message: "There is no repository at \(path).")
        }
        guard !location.url.hasPrefix("-"), !location.url.isEmpty else {
            throw GitError(
                code: .notARepository,
                message: "'\(location.url)' is not the URL of a repository."
            )
        }
        if !exists { try await create() }
        let listing = try await run(
            ["ls-remote", "--symref", "--", location.url, "HEAD", "refs/heads/*", "refs/tags/*"],
            deadline: Self.connectDeadline
        )
        return RemoteReferences(listing: listing)
    }

    /// Brings the mirror to the references the repository has now.
    func fetch(_ references: RemoteReferences) async throws {
        if try await hasOtherFormat(than: references) {
            try remove()
            try await create(format: references.objectFormat)
        }
        clean()
        try await run(
            [
                "--git-dir", directory, "fetch", "--quiet", "--prune", "--no-tags", "--no-write-fetch-head",
                "--no-recurse-submodules", "--", location.url,
                "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*",
            ],
            deadline: Self.fetchDeadline
        )
        try setHead(references.head)
    }

    /// Makes the mirror anew beside the old one, which serves readers until the new one takes its place.
    func rebuild(_ references: RemoteReferences) async throws {
        let fresh = try Mirror(location: location, directory: directory + ".new")
        try fresh.remove()
        do {
            try await fresh.create(format: references.objectFormat)
            try await fresh.fetch(references)
        } catch {
            // It may be a full disk that made it fail.
            try? fresh.remove()
            throw error
        }
        try remove()
        try attempt("replaced") {
            try FileManager.default.moveItem(atPath: fresh.directory, toPath: directory)
        }
    }

    /// Takes away what a killed process left behind: locks that would stop every later fetch, half-written packs.
    private func clean() {
        let packs = listing(of: "/objects/pack") { try FileManager.default.contentsOfDirectory(atPath: $0) }
        let leftovers =
            listing(of: "") { try FileManager.default.contentsOfDirectory(atPath: $0) }.filter(\.isLock)
            + listing(of: "/refs") { try FileManager.default.subpathsOfDirectory(atPath: $0) }.filter(
                \.isLock
            )
            + packs.filter { $0.isLock || $0.contains("/tmp_") }
        for path in leftovers {
            // What cannot be removed will be named by the fetch that it stops.
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    private func listing(of folder: String, _ list: (String) throws -> [String]) -> [String] {
        // A folder that is not there has no leftovers.
        ((try? list(directory + folder)) ?? []).map { "\(directory)\(folder)/\($0)" }
    }

    /// Joins the small packs and loose objects that many fetches leave.
    func compact() async throws {
        try await run(
            ["--git-dir", directory, "repack", "-d", "--quiet", "--geometric=2"],
            deadline: Self.fetchDeadline
        )
    }

    private func create(format: String = "sha1") async throws {
        try attempt("made") {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try Data(GitProgram.configuration.utf8)
                .write(to: URL(fileURLWithPath: directory + "/varde.gitconfig"), options: .atomic)
        }
        try await run(
            ["init", "--quiet", "--bare", "--template=", "--object-format=\(format)", "--", directory],
            deadline: Self.connectDeadline
        )
        try setHead(nil)
    }

    private func hasOtherFormat(than references: RemoteReferences) async throws -> Bool {
        guard !references.ids.isEmpty else { return false }
        // The mirror's own configuration names the format only if it is not the usual one.
        let configuration = (try? String(contentsOfFile: directory + "/config", encoding: .utf8)) ?? ""
        return (configuration.lowercased().contains("sha256") ? "sha256" : "sha1") != references.objectFormat
    }

    private func setHead(_ head: RemoteReferences.Head?) throws {
        let text =
            switch head {
            case .branch(let name): "ref: \(name)\n"
            case .detached(let id): "\(id)\n"
            case nil: "ref: refs/heads/.none\n"
            }
        try attempt("written") {
            let file = URL(fileURLWithPath: directory + "/HEAD")
            guard (try? Data(contentsOf: file)) != Data(text.utf8) else { return }
            try Data(text.utf8).write(to: file, options: .atomic)
        }
    }

    private func remove() throws {
        guard FileManager.default.fileExists(atPath: directory) else { return }
        try attempt("removed") { try FileManager.default.removeItem(atPath: directory) }
    }

    private func attempt(_ verb: String, _ action: () throws -> Void) throws {
        do {
            try action()
        } catch {
            throw GitError(
                code: .toolFailed,
                message: "The mirror in \(directory) cannot be \(verb): \(error)"
            )
        }
    }

    @discardableResult
    private func run(_ arguments: [String], deadline: Duration) async throws -> [UInt8] {
        try await git.run(arguments, about: location, deadline: deadline)
    }
}

extension String {
    fileprivate var isLock: Bool { hasSuffix(".lock") }
}
