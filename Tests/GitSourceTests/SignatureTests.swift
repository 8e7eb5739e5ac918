import Foundation
import GitSource
import Testing

@Suite struct SignatureTests {
    private func sshKey(_ place: Workplace, _ name: String) async throws -> (file: String, line: String) {
        let file = place.root + "/" + name
        try await Servers.tool("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", file])
        let key = try String(contentsOfFile: file + ".pub", encoding: .utf8)
            .split(separator: " ").prefix(2).joined(separator: " ")
        return (file, "\(name)@example.com \(key)\n")
    }

    private func repository(_ place: Workplace, _ signers: CommitSigners?) -> GitRepository {
        var access = RepositoryAccess()
        access.signers = signers
        return GitRepository(url: place.origin, directory: place.mirrors + "/signed.git", access: access)
    }

    private func sign(_ place: Workplace, _ words: [String], _ name: String) async throws {
        try await place.commit([name: "a: 1\n"])
        try await place.git(words + ["commit", "-q", "--amend", "--no-edit", "-S"])
        try await place.git(["push", "-q", "--force", "origin", "HEAD:refs/heads/main"])
    }

    @Test("A commit signed with an ssh key is good for those who trust the key, and for nobody else")
    func ssh() async throws {
        let place = try await Workplace()
        let (kari, trusted) = try await sshKey(place, "kari")
        let (ola, _) = try await sshKey(place, "ola")
        let repository = repository(place, CommitSigners(allowedSigners: trusted))
        func newest() async throws -> Commit {
            try await repository.fetch()
            return try await repository.resolve("main")
        }
        func words(_ key: String) -> [String] { ["-c", "gpg.format=ssh", "-c", "user.signingKey=\(key)"] }

        try await sign(place, words(kari), "a.yaml")
        try await repository.verify(try await newest(), on: "main")

        try await sign(place, words(ola), "b.yaml")
        let unknown = try await newest()
        let stranger = await #expect(throws: GitError.self) {
            try await repository.verify(unknown, on: "main")
        }
        #expect(stranger?.code == .unverified)
        #expect(stranger?.message.contains("does not trust") ?? false, "\(stranger as Any)")

        try await place.push(["c.yaml": "c: 1\n"])
        let plain = try await newest()
        let unsigned = await #expect(throws: GitError.self) { try await repository.verify(plain, on: "main") }
        #expect(unsigned?.message.contains("is not signed") ?? false, "\(unsigned as Any)")
    }

    @Test("A commit signed with an OpenPGP key is good for those who trust the key")
    func gpg() async throws {
        let place = try await Workplace()
        let home = "/tmp/varde-gpg-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(
            atPath: home,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        defer { try? FileManager.default.removeItem(atPath: home) }
        let words = ["--homedir", home, "--batch", "--quiet"]
        try await Servers.tool(
            "gpg",
            words + [
                "--passphrase", "", "--quick-gen-key", "Kari <kari@example.com>", "ed25519", "sign", "0",
            ]
        )
        try await Servers.tool("gpg", words + ["--armor", "--output", home + "/key.asc", "--export"])
        let key = try String(contentsOfFile: home + "/key.asc", encoding: .utf8)
        let wrapper = home + "/sign"
        try Data("#!/bin/sh\nexec gpg --homedir \(home) \"$@\"\n".utf8).write(to: URL(filePath: wrapper))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: wrapper)
        try await sign(
            place,
            ["-c", "gpg.program=\(wrapper)", "-c", "user.signingKey=kari@example.com"],
            "a.yaml"
        )
        let trusting = repository(place, CommitSigners(gpgKeys: [key]))
        try await trusting.fetch()
        let commit = try await trusting.resolve("main")
        try await trusting.verify(commit, on: "main")
        await trusting.setAccess(
            {
                var access = RepositoryAccess()
                access.signers = CommitSigners(allowedSigners: "x@example.com ssh-ed25519 AAAA\n")
                return access
            }()
        )
        await #expect(throws: GitError.self) { try await trusting.verify(commit, on: "main") }
        try? await Servers.tool("gpgconf", ["--homedir", home, "--kill", "all"])
    }

    @Test("Where signatures are asked for, an unsigned commit is an observation that failed, not a new state")
    func watching() async throws {
        let place = try await Workplace()
        let (kari, trusted) = try await sshKey(place, "kari")
        try await sign(place, ["-c", "gpg.format=ssh", "-c", "user.signingKey=\(kari)"], "a.yaml")
        let watcher = RepositoryWatcher(directory: place.mirrors, pollInterval: .milliseconds(100))
        var access = RepositoryAccess()
        access.signers = CommitSigners(allowedSigners: trusted)
        await watcher.setAccess([place.origin: access])
        await watcher.watch([WatchedBranch(repository: place.origin, branch: "main")])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await watcher.run() }
            var observations = await watcher.observations().makeAsyncIterator()
            let first = try #require(await observations.next())
            #expect(throws: Never.self) { try first.result.get() }
            try await place.push(["b.yaml": "b: 1\n"])
            let second = try #require(await observations.next())
            let error = #expect(throws: GitError.self) { try second.result.get() }
            #expect(
                error?.code == .unverified
                    && error?.message.contains("what was delivered before stays") ?? false
            )
            group.cancelAll()
            // The watcher ends by cancellation.
            while let ended = await group.nextResult() { _ = ended }
        }
    }
}
