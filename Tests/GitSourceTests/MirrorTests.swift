import Foundation
import GitSource
import Testing

@Suite struct MirrorTests {
    @Test("A fetch brings commits, trees and contents")
    func fetch() async throws {
        let place = try await Workplace()
        let id = try await place.push(
            ["env/dev/a/app.yaml": "a: 1\n", "env/dev/b/app.yaml": "b: 1\n", "README.md": "hi"],
            message: "First\n\nbody line"
        )
        let repository = place.repository()
        try await repository.fetch()
        let commit = try await repository.resolve("main")
        #expect(commit.id == id)
        #expect(commit.author == "Kari Nordmann" && commit.email == "kari@example.com")
        #expect(commit.subject == "First" && commit.message.contains("body line"))
        #expect(commit.time > 1_700_000_000)

        let all = try await repository.entries(of: commit.tree, at: "", recursive: true)
        #expect(
            Set(all.map(\.path)) == [
                "README.md", "env", "env/dev", "env/dev/a", "env/dev/a/app.yaml", "env/dev/b",
                "env/dev/b/app.yaml",
            ]
        )
        let below = try await repository.entries(of: commit.tree, at: "env/dev", recursive: false)
        #expect(below.map(\.path) == ["a", "b"] && below.allSatisfy { $0.kind == .directory })
        let file = try #require(try await repository.entry(of: commit.tree, at: "env/dev/b/app.yaml"))
        #expect(file.kind == .file)
        #expect(try await repository.contents(of: [file.id]) == [Array("b: 1\n".utf8)])
        #expect(try await repository.entry(of: commit.tree, at: "env/dev/c") == nil)
        #expect(try await repository.entry(of: commit.tree, at: "README.md/x") == nil)
        await #expect(throws: GitError.self) {
            try await repository.entries(of: commit.tree, at: "nowhere", recursive: true)
        }
        await repository.close()
    }

    @Test("Empty files, large files and thousands of files come out whole and in order")
    func contents() async throws {
        let place = try await Workplace()
        var files: [String: String?] = [
            "empty": "", "large": String(repeating: "0123456789\n", count: 300_000),
        ]
        for number in 0..<1_000 { files["d/\(number % 10)/f\(number)"] = "content \(number)" }
        try await place.push(files)
        let repository = place.repository()
        try await repository.fetch()
        let commit = try await repository.resolve("main")
        let entries = try await repository.entries(of: commit.tree, at: "", recursive: true).filter {
            $0.kind == .file
        }
        let contents = try await repository.contents(of: entries.map(\.id))
        #expect(entries.count == 1_002)
        for (entry, bytes) in zip(entries, contents) {
            #expect(files[entry.path] == String(decoding: bytes, as: UTF8.self))
        }
        let limited = try await repository.contents(of: entries.map(\.id), limit: 1_000)
        let tooLarge = zip(entries, limited).compactMap { entry, content in
            if case .tooLarge(let size) = content { "\(entry.path) \(size)" } else { nil }
        }
        #expect(tooLarge == ["large 3300000"])
        await repository.close()
    }

    @Test("Branches win over tags, and commits are found by full and short id")
    func references() async throws {
        let place = try await Workplace()
        let first = try await place.push(["a": "1"])
        try await place.git(["push", "-q", "origin", "HEAD:refs/tags/v1"])
        let second = try await place.push(["a": "2"], to: "feature/x")
        let repository = place.repository()
        try await repository.fetch()
        #expect(try await repository.resolve("feature/x").id == second)
        #expect(try await repository.resolve("v1").id == first)
        #expect(try await repository.resolve("refs/heads/main").id == first)
        #expect(try await repository.resolve(second.hex).id == second)
        #expect(try await repository.resolve(String(second.hex.prefix(10))).id == second)
        #expect(try await repository.resolve("").id == first)
        #expect(try await repository.resolve("HEAD").id == first)
        #expect(try await repository.commit(second).id == second)
        for name in ["main~1", "main^{tree}", "-x", "a b", "main:a", "x\ny", "no-such", "@{-1}", "../x", "*"]
        {
            let error = await #expect(throws: GitError.self) { try await repository.resolve(name) }
            #expect(error?.code == .noSuchBranch, "\(name)")
        }
        await repository.close()
    }

    @Test("The default branch is the repository's, and its absence is said in words")
    func defaultBranch() async throws {
        let place = try await Workplace(branch: "trunk")
        let repository = place.repository()
        try await repository.fetch()
        var error = await #expect(throws: GitError.self) { try await repository.resolve("") }
        #expect(error?.code == .noSuchBranch)
        #expect(error?.message.contains("no commits yet") == true)
        let id = try await place.push(["a": "1"], to: "trunk")
        try await repository.fetch()
        #expect(try await repository.resolve("").id == id)
        try await place.push(["a": "2"], to: "other")
        try await place.git(["--git-dir", place.origin, "symbolic-ref", "HEAD", "refs/heads/gone"])
        try await repository.fetch()
        error = await #expect(throws: GitError.self) { try await repository.resolve("HEAD") }
        #expect(error?.message.contains("name one of other, trunk") == true)
        await repository.close()
    }

    @Test("A force-push moves the branch, a deleted branch is gone, both at the next fetch")
    func forcePushAndDeletion() async throws {
        let place = try await Workplace()
        let first = try await place.push(["a": "1"])
        let second = try await place.push(["a": "2"])
        let repository = place.repository()
        try await repository.fetch()
        #expect(try await repository.resolve("main").id == second)
        try await place.git(["reset", "-q", "--hard", first.hex])
        let third = try await place.push(["a": "3"])
        try await repository.fetch()
        #expect(try await repository.resolve("main").id == third)
        #expect(try await repository.commit(second).id == second, "the overwritten commit stays readable")
        try await place.git(["--git-dir", place.origin, "update-ref", "-d", "refs/heads/main"])
        try await repository.fetch()
        let error = await #expect(throws: GitError.self) { try await repository.resolve("main") }
        #expect(error?.code == .noSuchBranch)
        // A directory where a branch was, and the other way round.
        try await place.push(["a": "4"], to: "main/sub")
        try await repository.fetch()
        #expect(try await repository.resolve("main/sub").tree != first)
        await repository.close()
    }

    @Test("A repository that is not there, or is something else, is an error that names it")
    func notARepository() async throws {
        let place = try await Workplace()
        let missing = GitRepository(url: place.root + "/nothing.git", directory: place.mirrors + "/a")
        var error = await #expect(throws: GitError.self) { try await missing.fetch() }
        #expect(error?.code == .notARepository)
        #expect(error?.message.contains("/nothing.git") == true)
        let other = GitRepository(url: "file://" + place.root, directory: place.mirrors + "/b")
        error = await #expect(throws: GitError.self) { try await other.fetch() }
        #expect(error?.code == .notARepository)
        let option = GitRepository(url: "--upload-pack=touch /tmp/x", directory: place.mirrors + "/c")
        await #expect(throws: GitError.self) { try await option.fetch() }
        let transport = GitRepository(url: "ext::sh -c id", directory: place.mirrors + "/d")
        await #expect(throws: GitError.self) { try await transport.fetch() }
    }

    @Test("No credential of a URL comes out in an error")
    func credentials() async throws {
        let place = try await Workplace()
        let repository = GitRepository(
            url: "http://kari:s3cr3t-t0ken@127.0.0.1:9/team/apps.git",
            directory: place.mirrors + "/a"
        )
        let error = await #expect(throws: GitError.self) { try await repository.fetch() }
        #expect(error?.code == .unreachable)
        #expect(error?.message.contains("s3cr3t") == false)
        #expect(error?.message.contains("127.0.0.1:9/team/apps.git") == true)
        #expect(!repository.displayURL.contains("kari"))
    }

    @Test("A mirror that is damaged is made anew")
    func damagedMirror() async throws {
        let place = try await Workplace()
        try await place.push(["a": "1"])
        let directory = place.mirrors + "/origin.git"
        for damage in ["objects", "HEAD", "config", "pack", "garbage"] {
            let before = place.repository()
            try await before.fetch()
            _ = try await before.resolve("main")
            await before.close()
            switch damage {
            case "pack":
                for folder in try FileManager.default.contentsOfDirectory(atPath: directory + "/objects") {
                    try FileManager.default.removeItem(atPath: directory + "/objects/" + folder)
                }
            case "garbage": try Data("x".utf8).write(to: URL(fileURLWithPath: directory + "/packed-refs"))
            default: try FileManager.default.removeItem(atPath: directory + "/" + damage)
            }
            let id = try await place.push(["a": damage])
            let repository = place.repository()
            try await repository.fetch()
            let commit = try await repository.resolve("main")
            #expect(commit.id == id, "\(damage)")
            let entry = try #require(try await repository.entry(of: commit.tree, at: "a"))
            #expect(try await repository.contents(of: [entry.id]) == [Array(damage.utf8)])
            await repository.close()
        }
    }

    @Test("An object that vanishes from the mirror is an error, and the next fetch brings it back")
    func vanishedObject() async throws {
        let place = try await Workplace()
        try await place.push(["a": "precious"])
        let repository = place.repository()
        try await repository.fetch()
        let commit = try await repository.resolve("main")
        let entry = try #require(try await repository.entry(of: commit.tree, at: "a"))
        await repository.close()
        let hex = entry.id.hex
        try FileManager.default.removeItem(
            atPath: place.mirrors + "/origin.git/objects/\(hex.prefix(2))/\(hex.dropFirst(2))"
        )
        let error = await #expect(throws: GitError.self) { try await repository.contents(of: [entry.id]) }
        #expect(error?.code == .noSuchObject)
        try await repository.fetch()
        #expect(try await repository.contents(of: [entry.id]) == [Array("precious".utf8)])
        await repository.close()
    }

    @Test("Locks left by a killed process do not stop the next one")
    func staleLocks() async throws {
        let place = try await Workplace()
        try await place.push(["a": "1"])
        let first = place.repository()
        try await first.fetch()
        await first.close()
        for lock in ["refs/heads/main.lock", "packed-refs.lock", "HEAD.lock", "objects/pack/tmp_pack_x"] {
            try FileManager.default.createDirectory(
                atPath: place.mirrors + "/origin.git/objects/pack",
                withIntermediateDirectories: true
            )
            try Data().write(to: URL(fileURLWithPath: place.mirrors + "/origin.git/" + lock))
        }
        let id = try await place.push(["a": "2"])
        let second = place.repository()
        try await second.fetch()
        #expect(try await second.resolve("main").id == id)
        #expect(
            !FileManager.default.fileExists(atPath: place.mirrors + "/origin.git/objects/pack/tmp_pack_x")
        )
        await second.close()
    }

    @Test("The mirror answers while the repository is gone")
    func offline() async throws {
        let place = try await Workplace()
        let id = try await place.push(["a": "1"])
        let repository = place.repository()
        try await repository.fetch()
        try FileManager.default.removeItem(atPath: place.origin)
        await #expect(throws: GitError.self) { try await repository.fetch() }
        let restarted = place.repository()
        #expect(try await restarted.resolve("main").id == id)
        await repository.close()
        await restarted.close()
    }

    @Test("Many callers at once share fetches, and one that gives up harms no other")
    func concurrentCallers() async throws {
        let place = try await Workplace()
        try await place.push(["a": "1"])
        let repository = place.repository()
        let id = try await place.push(["a": "2"])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try await repository.fetch()
                    #expect(try await repository.resolve("main").id == id)
                }
            }
            let impatient = Task { try await repository.fetch() }
            impatient.cancel()
            try await group.waitForAll()
        }
        await repository.close()
    }

    @Test("A reader that was closed or killed starts again")
    func readerRestarts() async throws {
        let place = try await Workplace()
        let id = try await place.push(["a": "1"])
        let repository = place.repository()
        try await repository.fetch()
        for _ in 0..<3 {
            #expect(try await repository.resolve("main").id == id)
            await repository.close()
        }
    }

    @Test("Repositories of sha256 objects are read, too")
    func sha256() async throws {
        let place = try await Workplace()
        let path = place.root + "/new.git"
        try await place.git(["init", "-q", "--object-format=sha256", "-b", "main", path], in: place.root)
        try Data("x".utf8).write(to: URL(fileURLWithPath: path + "/dir-file"))
        try await place.git(["add", "-A"], in: path)
        try await place.git(["commit", "-q", "-m", "one"], in: path)
        let repository = GitRepository(url: path, directory: place.mirrors + "/new")
        try await repository.fetch()
        let commit = try await repository.resolve("main")
        #expect(commit.id.hex.count == 64)
        let entry = try #require(try await repository.entry(of: commit.tree, at: "dir-file"))
        #expect(try await repository.contents(of: [entry.id]) == [Array("x".utf8)])
        await repository.close()
    }
}
