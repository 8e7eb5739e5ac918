import FoundationEssentials

extension Mirror {
    private static let writeDeadline = Duration.seconds(60)

    /// Makes the commit with an index of its own, and pushes it.
    func revert(_ request: RevertRequest, onto head: ObjectID) async throws -> ObjectID {
        let folder = "\(directory).revert-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder + "/work", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }  // Of no use to anybody else.
        let place = ["GIT_INDEX_FILE": folder + "/index", "GIT_WORK_TREE": folder + "/work"]
        func git(_ arguments: [String], _ more: [String: String] = [:]) async throws -> String {
            let output = try await self.git.run(
                ["--git-dir", directory] + arguments,
                about: location,
                deadline: Self.writeDeadline,
                surroundings: place.merging(more) { _, new in new }
            )
            return String(decoding: output, as: UTF8.self).filter { !$0.isWhitespace }
        }
        _ = try await git(["read-tree", head.hex])
        _ = try await git(["rm", "-r", "-q", "--cached", "--ignore-unmatch", "--", request.path])
        _ = try await git(["read-tree", "--prefix=\(request.path)/", "\(request.commit.hex):\(request.path)"])
        let tree = try await git(["write-tree"])
        let author = request.author.filter { !"<>\n".contains($0) }
        let people = [
            "GIT_AUTHOR_NAME": author.isEmpty ? "Varde" : author,
            "GIT_AUTHOR_EMAIL": "varde@localhost", "GIT_COMMITTER_NAME": "Varde",
            "GIT_COMMITTER_EMAIL": "varde@localhost",
        ]
        let commit = try await git(["commit-tree", tree, "-p", head.hex, "-m", request.message], people)
        try await converse(
            [
                "--git-dir", directory, "push", "--quiet", "--", address,
                "\(commit):refs/heads/\(request.branch)",
            ],
            deadline: Self.writeDeadline
        )
        return ObjectID(commit)
    }
}
