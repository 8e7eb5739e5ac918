/// A bare mirror of one repository, read without a work tree.
package actor GitRepository {
    package nonisolated let url: String

    /// - Parameters:
    ///   - url: A path, `file://`, `https://`, `ssh://` or `git@host:path`.
    ///   - directory: Where the mirror is kept; made if missing, made anew if damaged.
    package init(url: String, directory: String) { self.url = url }

    /// Fetches all branches (and tags); one at a time, callers that wait share the next fetch.
    package func fetch() async throws { fatalError("H5 implements") }
    /// The commit a branch, tag or commit id names in the mirror, without fetching.
    package func resolve(_ reference: String) async throws -> Commit { fatalError("H5 implements") }
    package func commit(_ id: ObjectID) async throws -> Commit { fatalError("H5 implements") }
    /// All entries below a directory of a tree, directories included; `""` is the root. An error for a path that is not there.
    package func entries(of tree: ObjectID, at path: String, recursive: Bool) async throws -> [TreeEntry] { fatalError("H5 implements") }
    /// The id of the entry at a path of a tree; `nil` if nothing is there.
    package func entry(of tree: ObjectID, at path: String) async throws -> TreeEntry? { fatalError("H5 implements") }
    /// Blobs' contents, pipelined through one long-lived `git cat-file --batch`.
    package func contents(of blobs: [ObjectID]) async throws -> [[UInt8]] { fatalError("H5 implements") }
    /// Paths that differ between two trees.
    package func changedPaths(from old: ObjectID, to new: ObjectID) async throws -> [String] { fatalError("H5 implements") }
    package func log(from: ObjectID, path: String?, limit: Int) async throws -> [Commit] { fatalError("H5 implements") }
    package func close() async { fatalError("H5 implements") }
}

/// Watches repositories for new commits: local ones by inotify, remote ones by polling and by ``poke(_:)``.
package actor RepositoryWatcher {
    /// What is known of a branch after a look at its repository.
    package struct Observation: Sendable {
        package var repository: String
        package var branch: String
        package var result: Result<Commit, GitError>
    }

    package init(directory: String, pollInterval: Duration = .seconds(15)) { fatalError("H5 implements") }
    /// The mirror of a repository; made when first asked for.
    package func repository(_ url: String) -> GitRepository { fatalError("H5 implements") }
    /// Replaces the set of watched branches.
    package func watch(_ branches: Set<WatchedBranch>) { fatalError("H5 implements") }
    /// Looks now at the repositories whose URL matches (webhook); all when `nil`.
    package func poke(_ url: String?) { fatalError("H5 implements") }
    /// Observations, only when something changed: another commit, a failure, a recovery. A new subscriber gets the current state first.
    package func observations() -> AsyncStream<Observation> { fatalError("H5 implements") }
    package func run() async throws { fatalError("H5 implements") }
}

package struct WatchedBranch: Sendable, Hashable {
    package var repository: String
    package var branch: String
    package init(repository: String, branch: String) {
        self.repository = repository
        self.branch = branch
    }
}
