import FoundationEssentials

/// A bare mirror of one repository, read without a work tree.
///
/// Everything but ``fetch()`` works on the mirror alone, and needs no network. Trees are remembered by their id, so a
/// question about a tree that was asked before starts no process and reads no file.
package actor GitRepository {
    package nonisolated let url: String
    nonisolated let location: RepositoryLocation
    let directory: String
    private let shownAs: String?
    let fetches = SingleFlight<String, Void>()
    private var opened: (mirror: Mirror, reader: BatchReader)?
    private var access = RepositoryAccess()
    /// The address the server sent to, when it is not the URL.
    private var address: String?
    /// What the repository had at the last fetch that succeeded.
    private var known: RemoteReferences?
    /// Whether an object was missing that must be there.
    private var isDamaged = false
    /// Commits whose signature was found good, and for whom.
    private var verified: [ObjectID: CommitSigners] = [:]
    private var fetchCount = 0
    /// Since when an answer to the question what the repository has is waited for; `nil` when none is.
    private(set) var askedAt: Date?
    /// Submodules' commits whose trees were asked for; `nil` for those that are not in the mirror.
    var submoduleTrees: [ObjectID: ObjectID?] = [:]
    /// Why submodules could not be read at the last fetch, by commit and path.
    var submoduleProblems: [ObjectID: String] = [:]
    /// Whether another try may bring a submodule that could not be fetched.
    var mayFetchSubmodules = false
    /// Commits that were walked over.
    var ancestors = RecentlyUsed<ObjectID, Commit>(limit: GitRepository.ancestorLimit)
    private var trees = RecentlyUsed<ObjectID, Tree>(limit: 400_000) { $0.entries.count + 4 }

    /// The repository whose objects are read, too.
    let base: GitRepository?

    /// - Parameters:
    ///   - url: A path, `file://`, `https://`, `ssh://` or `git@host:path`.
    ///   - directory: Where the mirror is kept; made if missing, made anew if damaged.
    ///   - access: Credentials, and whom to trust.
    ///   - shownAs: What messages call it, when that is not the URL.
    ///   - base: The repository whose objects it borrows, when it is an overlay.
    package init(
        url: String,
        directory: String,
        access: RepositoryAccess = RepositoryAccess(),
        shownAs: String? = nil,
        base: GitRepository? = nil
    ) {
        self.base = base
        self.url = url
        self.directory = directory
        self.access = access
        self.shownAs = shownAs
        location = RepositoryLocation(url)
    }

    /// The URL without credentials.
    package nonisolated var displayURL: String { shownAs ?? location.display }

    /// Uses other credentials from the next fetch on.
    package func setAccess(_ new: RepositoryAccess) {
        guard new != access else { return }
        access = new
        (known, address) = (nil, nil)
        opened?.mirror.access = new
        opened?.mirror.address = location.url
    }

    /// Whether somebody who is trusted for this repository has signed a commit; no question where nobody is named.
    ///
    /// - Throws: ``GitError`` `unverified`.
    package func verify(_ commit: Commit, on branch: String) async throws {
        guard let signers = access.signers, verified[commit.id] != signers else { return }
        let (mirror, _) = try open()
        let check = SignatureCheck(
            git: mirror.git,
            location: location,
            directory: directory,
            signers: signers
        )
        try await check.verify(commit, on: branch)
        if verified.count > 100 { verified = [:] }
        verified[commit.id] = signers
    }

    /// Fetches all branches (and tags); one at a time, callers that wait share the next fetch.
    ///
    /// Asks first what the repository has, and moves objects only if that differs from the last time. Branches that
    /// are gone there are gone here afterwards; their objects stay.
    package func fetch() async throws {
        try await fetches.run("fetch", joining: .next) { try await self.fetchOnce() }
    }

    /// The commit a branch, tag or commit id names in the mirror, without fetching.
    ///
    /// `""` and `HEAD` mean the repository's default branch; a branch wins over a tag, a tag over an abbreviated id.
    package func resolve(_ reference: String) async throws -> Commit {
        let names = try ReferenceName(reference).candidates
        if access.depth != nil, let tag = names.first(where: { $0.hasPrefix("refs/tags/") }),
            known?.ids[tag] != nil, known?.ids["refs/heads/\(reference)"] == nil
        {
            throw GitError(
                code: .noSuchBranch,
                message:
                    "'\(reference)' is a tag of \(displayURL), and with a depth only branches are fetched: leave `depth` out, "
                    + "or name a branch."
            )
        }
        for _ in 0..<2 {
            for case .found(let id, .commit, let bytes) in try await objects(names.map { $0 + "^{commit}" }) {
                return try parsed(Commit(bytes, id: id), id)
            }
            // A commit may be older than where the mirror begins.
            guard names.count > 2, try await completedHistory() else { break }
        }
        throw GitError(code: .noSuchBranch, message: try await absence(of: reference))
    }

    package func commit(_ id: ObjectID) async throws -> Commit {
        if id.isWellFormed {
            for _ in 0..<2 {
                if case .found(let id, .commit, let bytes)? = try await objects([id.hex]).first {
                    return try parsed(Commit(bytes, id: id), id)
                }
                guard try await completedHistory() else { break }
            }
        }
        throw GitError(code: .noSuchObject, message: "\(displayURL) has no commit \(id).")
    }

    /// The size-checked content of one blob.
    package enum Content: Sendable {
        case bytes([UInt8])
        case tooLarge(size: Int)
    }

    /// Blobs' contents, pipelined through one long-lived `git cat-file --batch`.
    package func contents(of blobs: [ObjectID]) async throws -> [[UInt8]] {
        var result: [[UInt8]] = []
        for (content, id) in zip(try await contents(of: blobs, limit: BatchReader.sizeLimit), blobs) {
            guard case .bytes(let bytes) = content else {
                throw GitError(code: .tooLarge, message: "Object \(id.short) in \(displayURL) is too large.")
            }
            result.append(bytes)
        }
        return result
    }

    /// Like ``contents(of:)``, with blobs over a limit told apart instead of failing the others.
    package func contents(of blobs: [ObjectID], limit: Int) async throws -> [Content] {
        var result: [Content] = []
        result.reserveCapacity(blobs.count)
        for (object, id) in zip(try await objects(blobs.map(\.hex)), blobs) {
            switch object {
            case .found(_, _, let bytes):
                result.append(bytes.count > limit ? .tooLarge(size: bytes.count) : .bytes(bytes))
            case .tooLarge(_, let size): result.append(.tooLarge(size: size))
            case .missing: throw missing(id)
            }
        }
        return result
    }

    /// Trees by id, from memory or through the reader in one round trip.
    func trees(_ ids: [ObjectID]) async throws -> [Tree] {
        var found = ids.map { trees[$0] }
        let wanted = ids.indices.filter { found[$0] == nil }
        if !wanted.isEmpty {
            for (object, place) in zip(try await objects(wanted.map { ids[$0].hex }), wanted) {
                guard case .found(let id, .tree, let bytes) = object else { throw missing(ids[place]) }
                guard let tree = Tree(bytes, idLength: id.byteCount) else { throw missing(id) }
                trees[id] = tree
                found[place] = tree
            }
        }
        return found.compactMap(\.self)
    }

    package func log(from: ObjectID, path: String?, limit: Int) async throws -> [Commit] {
        let (mirror, _) = try open()
        guard from.isWellFormed else {
            throw GitError(code: .noSuchObject, message: "\(displayURL) has no commit \(from).")
        }
        var arguments = [
            "--git-dir", mirror.directory, "rev-list", "--max-count=\(max(0, limit))", from.hex, "--",
        ]
        if let path, !path.isEmpty { arguments.append(path) }
        var ids: [ObjectID] = []
        for _ in 0..<2 {
            let output = try await mirror.git.run(arguments, about: location, deadline: .seconds(30))
            ids = String(decoding: output, as: UTF8.self).split(separator: "\n").map { ObjectID(String($0)) }
            // Of a history that begins in the middle, the rest is fetched when somebody looks so far back.
            guard ids.count < limit, try await completedHistory() else { break }
        }
        return try zip(try await objects(ids.map(\.hex)), ids).map { object, id in
            guard case .found(_, .commit, let bytes) = object else { throw missing(id) }
            return try parsed(Commit(bytes, id: id), id)
        }
    }

    /// Ends the reader's process; a later call starts it again.
    package func close() async { await opened?.reader.close() }

    private func fetchOnce() async throws {
        var (mirror, reader) = try open()
        let references: RemoteReferences
        askedAt = Date()
        defer { askedAt = nil }
        do {
            references = try await mirror.remoteReferences()
        } catch let error as GitError where error.code == .redirected {
            guard let target = try await mirror.redirection() else { throw error }
            opened?.mirror.address = target
            mirror.address = target
            references = try await mirror.remoteReferences()
        }
        askedAt = nil
        guard references != known || isDamaged || mayFetchSubmodules else { return }
        do {
            guard !isDamaged else { throw GitError(code: .noSuchObject, message: "The mirror is damaged.") }
            try await mirror.fetch(references)
        } catch let error as GitError
            where error.code != .timedOut && error.code != .unreachable && error.code != .diskFull
        {
            // The mirror may be the reason. A new one shows, and leaves the old one alone if it fails, too.
            try await mirror.rebuild(references)
            await reader.close()
            isDamaged = false
        }
        await fetchSubmodules(references, access.submodules, mirror)
        known = references
        fetchCount += 1
        if fetchCount % 200 == 0 {
            // Tidiness only: a mirror that cannot be compacted serves as well.
            try? await mirror.compact()
        }
    }

    func open() throws -> (mirror: Mirror, reader: BatchReader) {
        if let opened { return opened }
        let mirror = try Mirror(location: location, directory: directory, access: access)
        let opened = (mirror, BatchReader(git: mirror.git, directory: directory))
        self.opened = opened
        return opened
    }

    func objects(_ names: [String]) async throws -> [BatchObject] {
        let (mirror, reader) = try open()
        guard mirror.exists else {
            throw GitError(code: .noSuchObject, message: "\(displayURL) has not been fetched yet.")
        }
        do {
            return try await reader.read(names)
        } catch let error as GitError where error.code == .toolFailed {
            // The process died or the mirror was replaced; a second one answers, or says what is wrong.
            return try await reader.read(names)
        }
    }

    private func missing(_ id: ObjectID) -> GitError {
        isDamaged = true
        return GitError(code: .noSuchObject, message: "The mirror of \(displayURL) lacks object \(id.short).")
    }

    private func parsed(_ commit: Commit?, _ id: ObjectID) throws -> Commit {
        guard let commit else {
            throw GitError(code: .noSuchObject, message: "Commit \(id.short) of \(displayURL) is malformed.")
        }
        return commit
    }

    /// The sentence that says why a reference names nothing.
    private func absence(of reference: String) async throws -> String {
        let branches = known?.branches ?? []
        guard known != nil else {
            return "\(displayURL) has no branch '\(reference)' in what was fetched so far."
        }
        guard !branches.isEmpty else {
            return "\(displayURL) has no commits yet: push a branch to it."
        }
        let list = branches.prefix(8).joined(separator: ", ") + (branches.count > 8 ? ", …" : "")
        guard !reference.isEmpty, reference != "HEAD" else {
            return "\(displayURL) has no default branch (its HEAD points at nothing): name one of \(list)."
        }
        return "\(displayURL) has no branch or tag '\(reference)'; it has \(list)."
    }
}
