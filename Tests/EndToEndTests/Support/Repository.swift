import Foundation
import Testing

/// A bare repository and a clone of it to commit in.
struct Repository: Sendable {
    let bare: String
    let clone: String

    /// Makes an empty one with a first commit of these files.
    static func make(_ name: String, in directory: String, files: [String: String]) async throws -> Repository
    {
        let bare = "\(directory)/\(name).git"
        try await Shell.succeed("git", ["init", "--quiet", "--bare", "--initial-branch=main", bare])
        let repository = Repository(bare: bare, clone: "\(directory)/\(name)")
        try await Shell.succeed("git", ["clone", "--quiet", bare, repository.clone])
        try await Shell.succeed("git", ["checkout", "--quiet", "-B", "main"], in: repository.clone)
        try await repository.push("Begin", files: files)
        return repository
    }

    /// Clones one that is there.
    static func clone(_ bare: String, to directory: String) async throws -> Repository {
        try await Shell.succeed("git", ["clone", "--quiet", bare, directory])
        return Repository(bare: bare, clone: directory)
    }

    /// Commits these files (and removals) and pushes; the new commit.
    @discardableResult
    func push(
        _ message: String,
        files: [String: String] = [:],
        removing: [String] = []
    ) async throws -> String {
        for path in removing { try await Shell.succeed("git", ["rm", "--quiet", "-r", path], in: clone) }
        for (path, content) in files {
            let url = URL(filePath: "\(clone)/\(path)")
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(content.utf8).write(to: url)
        }
        try await Shell.succeed("git", ["add", "--all"], in: clone)
        try await Shell.succeed(
            "git",
            ["commit", "--quiet", "--allow-empty", "--message", message],
            in: clone
        )
        try await Shell.succeed("git", ["push", "--quiet", "origin", "main"], in: clone)
        return try await Shell.succeed("git", ["rev-parse", "HEAD"], in: clone).trimmingCharacters(
            in: .whitespacesAndNewlines
        )
    }
}
