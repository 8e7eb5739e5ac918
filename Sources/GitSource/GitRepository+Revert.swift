/// A commit that puts a directory back, to be made.
package struct RevertRequest: Sendable {
    package var path: String
    /// Whose state of the directory comes back.
    package var commit: ObjectID
    package var branch: String
    package var author: String
    package var message: String

    package init(path: String, commit: ObjectID, branch: String, author: String, message: String) {
        self.path = path
        self.commit = commit
        self.branch = branch
        self.author = author
        self.message = message
    }
}

extension GitRepository {
    /// Puts one directory back to what an earlier commit has, in a new commit on a branch, and pushes that.
    ///
    /// Nothing is forced: a branch that moved meanwhile refuses the push, and nothing happened.
    ///
    /// - Returns: The new commit.
    /// - Throws: ``GitError``, also when the repository does not let these credentials push.
    package func revert(_ request: RevertRequest) async throws -> Commit {
        try await fetch()
        let head = try await resolve("refs/heads/\(request.branch)")
        let (mirror, _) = try open()
        let id = try await mirror.revert(request, onto: head.id)
        try await fetch()
        return try await commit(id)
    }
}
