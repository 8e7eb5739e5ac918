import FoundationEssentials

/// The bare mirror of a repository on disk.
///
/// One process has a mirror at a time, and one fetch runs in it at a time; readers may read all the while.
struct Mirror: Sendable {
    let location: RepositoryLocation
    let directory: String
    let git: GitProgram

    /// How the repository is reached, when that is not its URL: what the server sent to.
    var address: String
    var access: RepositoryAccess

    private static let connectDeadline = Duration.seconds(30)
    private static let fetchDeadline = Duration.seconds(600)
    /// The first fetch brings the whole history.
    private static let firstFetchDeadline = Duration.seconds(3_600)

    init(
        location: RepositoryLocation,
        directory: String,
        access: RepositoryAccess = RepositoryAccess(),
        address: String? = nil
    ) throws(GitError) {
        self.location = location
        self.directory = directory
        self.access = access
        self.address = address ?? location.url
        git = try GitProgram(configuration: directory + "/varde.gitconfig")
    }

    var exists: Bool {
        ["/HEAD", "/config", "/objects", "/refs", "/varde.gitconfig"]
            .allSatisfy { FileManager.default.fileExists(atPath: directory + $0) }
    }

    /// Asks the repository which branches and tags it has; a few milliseconds for a local one.
    func remoteReferences() async throws -> RemoteReferences {
        if let problem = access.problem {
            throw GitError(code: .authenticationFailed, message: "\(location.display): \(problem)")
        }
        if let path = location.localPath, !FileManager.default.fileExists(atPath: path) {
            throw GitError(code: .notARepository, message: "There is no repository at \(path).")
        }
        guard !location.url.hasPrefix("-"), !location.url.isEmpty, !location.url.contains("::") else {
            throw GitError(
                code: .notARepository,
                message: "'\(location.url)' is not the URL of a repository."
            )
        }
        if !exists { try await create() }
        let references = RemoteReferences(listing: try await list(["HEAD", "refs/heads/*", "refs/tags/*"]))
        if references.ids.isEmpty, location.webHost != nil { try await checkThatItSpeaksGit() }
        return references
    }

    /// A page that asks to sign in, say, looks to git like a repository without branches.
    private func checkThatItSpeaksGit() async throws {
        let trace = try await self.trace()
        let types = trace.split(whereSeparator: \.isNewline).compactMap { line -> String? in
            guard let field = line.firstRange(of: "Recv header: ") else { return nil }
            let header = line[field.upperBound...].lowercased()
            guard header.hasPrefix("content-type:") else { return nil }
            return header.dropFirst("content-type:".count).filter { !$0.isWhitespace }
        }
        // Without a type nothing is known; git itself was content.
        guard let type = types.first, !types.contains(where: { $0.hasPrefix("application/x-git-") }) else {
            return
        }
        throw GitError(
            code: .notARepository,
            message:
                "\(location.display) answers, but not as a Git repository does: it sends \(type.prefix(60))."
        )
    }

    /// A conversation's headers, as git writes them down.
    private func trace() async throws -> String {
        let file = "\(directory).trace"
        defer { try? FileManager.default.removeItem(atPath: file) }  // Overwritten by the next one.
        // It may fail; what counts is the trace.
        _ = try? await converse(
            ["ls-remote", "--", address, "HEAD"],
            deadline: access.patience,
            surroundings: ["GIT_TRACE_CURL": file, "GIT_TRACE_CURL_NO_DATA": "1"]
        )
        try Task.checkCancellation()
        // No trace was written: git did not get that far.
        return (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
    }

    /// What the repository answers to a question for references.
    func list(_ patterns: [String]) async throws -> [UInt8] {
        try await converse(
            ["ls-remote", "--symref", "--", address] + patterns,
            deadline: access.patience
        )
    }

    /// The address that the server sends to, if it is its own.
    ///
    /// - Throws: ``GitError`` `redirected` that names another server's address: it is for a person to trust it.
    func redirection() async throws -> String? {
        guard let target = Redirection.target(in: try await trace(), of: address)
        else { return nil }
        guard Redirection.isSameServer(address, target) else {
            throw GitError(
                code: .redirected,
                message:
                    "\(location.display) sends to \(RepositoryLocation(target).display), which is another server: "
                    + "put that URL into the tenant if it is right."
            )
        }
        return target == address ? nil : target
    }

    /// Brings the mirror to the references the repository has now.
    func fetch(_ references: RemoteReferences) async throws {
        if try await hasOtherFormat(than: references) {
            try remove()
            try await create(format: references.objectFormat)
        }
        clean()
        let isFirst = !hasBranches
        let tags = access.depth == nil ? ["+refs/tags/*:refs/tags/*"] : []
        try await fetch(
            extent(isFirst: isFirst) + ["--prune", "--", address, "+refs/heads/*:refs/heads/*"] + tags,
            deadline: isFirst || isShallow ? Self.firstFetchDeadline : Self.fetchDeadline
        )
        try setHead(references.head)
    }

    /// How much of the history comes: of the first fetch the newest commits, if that is wanted; later everything since.
    private func extent(isFirst: Bool) -> [String] {
        switch (access.depth, isFirst) {
        case (let depth?, true): ["--depth=\(depth)"]
        case (nil, _) where isShallow: ["--unshallow"]
        default: []
        }
    }

    private var hasBranches: Bool {
        FileManager.default.fileExists(atPath: directory + "/packed-refs")
            || !listing(of: "/refs/heads") { try FileManager.default.contentsOfDirectory(atPath: $0) }.isEmpty
    }

    /// Whether the history begins somewhere in the middle.
    var isShallow: Bool { FileManager.default.fileExists(atPath: directory + "/shallow") }

    /// Brings the rest of the history of all branches.
    func completeHistory() async throws {
        guard isShallow else { return }
        try await fetch(
            ["--unshallow", "--", address, "+refs/heads/*:refs/heads/*"],
            deadline: Self.firstFetchDeadline
        )
    }

    /// Brings objects without moving branches or tags.
    ///
    /// - Parameter references: References or commit ids there, as `git fetch` takes them.
    func fetch(objects references: [String], from address: String? = nil) async throws {
        try await fetch(
            ["--", address ?? self.address] + references,
            deadline: Self.fetchDeadline,
            about: address.map { RepositoryLocation($0) } ?? location
        )
    }

    private func fetch(
        _ words: [String],
        deadline: Duration,
        about place: RepositoryLocation? = nil
    ) async throws {
        try await converse(
            [
                "--git-dir", directory, "-c", "transfer.fsckObjects=\(access.checksObjects)", "fetch",
                "--quiet",
                "--no-tags",
                "--no-write-fetch-head", "--no-recurse-submodules",
            ] + words,
            deadline: deadline,
            about: place
        )
    }

    /// Runs git on its own mirror and the remote repository, with the credentials for it.
    ///
    /// - Parameter place: What a failure is about, when that is not the repository itself.
    @discardableResult
    func converse(
        _ arguments: [String],
        deadline: Duration,
        surroundings: [String: String] = [:],
        about place: RepositoryLocation? = nil
    ) async throws -> [UInt8] {
        let session = try RemoteSession(access, location: location, directory: directory + ".access")
        defer { session.end() }
        return try await git.run(
            arguments,
            about: place ?? location,
            deadline: deadline,
            surroundings: session.environment.merging(surroundings) { _, new in new },
            secrets: access.secrets
        )
    }

    /// Makes the mirror anew beside the old one, which serves readers until the new one takes its place.
    func rebuild(_ references: RemoteReferences) async throws {
        let fresh = try Mirror(
            location: location,
            directory: directory + ".new",
            access: access,
            address: address
        )
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

    func create(format: String = "sha1") async throws {
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
        } catch let error as CocoaError where error.code == .fileWriteOutOfSpace {
            throw GitError(diskIsFullFor: "the mirror in \(directory)")
        } catch {
            throw GitError(
                code: .toolFailed,
                message: "The mirror in \(directory) cannot be \(verb): \(error)"
            )
        }
    }

    /// Runs git on the mirror alone.
    @discardableResult
    func run(_ arguments: [String], deadline: Duration) async throws -> [UInt8] {
        try await git.run(arguments, about: location, deadline: deadline)
    }
}

extension String {
    fileprivate var isLock: Bool { hasSuffix(".lock") }
}
