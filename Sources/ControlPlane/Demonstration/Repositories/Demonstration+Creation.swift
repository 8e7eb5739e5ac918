import FoundationEssentials
import GitSource

/// Why the repositories of the demonstration could not be made.
package struct DemonstrationError: Error, Sendable, CustomStringConvertible {
    package var message: String
    package var description: String { message }
}

extension Demonstration {
    /// Makes the bare repositories that are not there yet; others are left alone, pushed commits and all.
    ///
    /// A repository appears whole or not at all, so that a process killed in the middle can be started again.
    ///
    /// - Throws: ``DemonstrationError`` with git's own words.
    package static func createRepositories(in directory: String) async throws {
        let files = FileManager.default
        try files.createDirectory(atPath: directory, withIntermediateDirectories: true)
        for repository in repositories {
            let path = "\(directory)/\(repository.name)"
            if files.fileExists(atPath: path) { continue }
            let unfinished = "\(path).new"
            if files.fileExists(atPath: unfinished) { try files.removeItem(atPath: unfinished) }
            try await git(["init", "--quiet", "--bare", "--template=", "--initial-branch=main", unfinished])
            let stream = "\(unfinished)/import"
            try Data(FastImportStream(repository).text.utf8).write(to: URL(filePath: stream))
            try await git(["--git-dir", unfinished, "fast-import", "--quiet", "--done"], input: stream)
            try files.removeItem(atPath: stream)
            try files.moveItem(atPath: unfinished, toPath: path)
        }
    }

    private static func git(_ arguments: [String], input: String = "/dev/null") async throws {
        var environment = [
            "LC_ALL": "C", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_TERMINAL_PROMPT": "0",
        ]
        environment["PATH"] = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        // The shell only opens the input.
        let script = #"input=$1; shift; exec git "$@" <"$input""#
        let outcome = try await Command(
            "/bin/sh",
            ["-c", script, "git", input] + arguments,
            environment: environment,
            deadline: .seconds(60)
        ).run()
        guard outcome.succeeded else {
            throw DemonstrationError(
                message:
                    "The demonstration's repositories cannot be made: git \(arguments[0]): \(outcome.errors)"
            )
        }
    }
}
