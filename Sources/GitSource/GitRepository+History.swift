import FoundationEssentials

extension GitRepository {
    /// Commits that are compared one by one before git itself is asked; their trees stay in memory.
    private static let walkLimit = 64
    static let ancestorLimit = 1_000

    /// The newest commit, from one on backwards, that changed what is at a path; the commit itself where the history ends
    /// before that.
    ///
    /// Finds what `git rev-list --max-count=1 COMMIT -- PATH` does: of a merge, the side that has what the merge has. In the
    /// usual case it starts no process.
    package func lastChange(of path: String, from commit: Commit) async throws -> Commit {
        var commit = commit
        for _ in 0..<Self.walkLimit {
            guard let earlier = try await parent(of: commit, withSame: path) else { return commit }
            commit = earlier
        }
        return try await log(from: commit.id, path: path, limit: 1).first ?? commit
    }

    /// Whether the mirror's history begins with a commit that has earlier ones: what it changed itself is not known.
    package func isBeginning(_ commit: Commit) async throws -> Bool {
        guard let parent = commit.parents.first, try open().mirror.isShallow else { return false }
        return try await ancestor(parent) == nil
    }

    /// Fetches what a mirror of limited depth lacks of the history.
    ///
    /// - Returns: Whether there is more of it now.
    func completedHistory() async throws -> Bool {
        let (mirror, reader) = try open()
        guard mirror.isShallow else { return false }
        if let base {
            _ = try await base.completedHistory()
            // The base has all of it now, or this fails where it did before.
            try? FileManager.default.removeItem(atPath: directory + "/shallow")
        } else {
            try await fetches.run("fetch", joining: .next) { try await mirror.completeHistory() }
        }
        ancestors = RecentlyUsed(limit: Self.ancestorLimit)
        // A running reader has the old beginning in mind.
        await reader.close()
        return true
    }

    private func parent(of commit: Commit, withSame path: String) async throws -> Commit? {
        let here = try await entry(of: commit.tree, at: path)
        for id in commit.parents {
            // What is older than the mirror is not there.
            guard let parent = try await ancestor(id) else { continue }
            if try await entry(of: parent.tree, at: path) == here { return parent }
        }
        return nil
    }

    private func ancestor(_ id: ObjectID) async throws -> Commit? {
        if let known = ancestors[id] { return known }
        guard id.isWellFormed, case .found(let id, .commit, let bytes)? = try await objects([id.hex]).first
        else {
            return nil
        }
        let commit = Commit(bytes, id: id)
        if let commit { ancestors[id] = commit }
        return commit
    }
}
