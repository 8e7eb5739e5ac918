import Foundation
import GitSource
import Testing

@Suite struct SubmoduleTests {
    /// A library in a repository of its own, beside the origin.
    private func library(_ place: Workplace, _ name: String = "lib") async throws -> String {
        let path = "\(place.root)/\(name)"
        try await place.git(["init", "-q", "-b", "main", path], in: place.root)
        try Data("{a: 1}\n".utf8).write(to: URL(filePath: path + "/lib.libsonnet"))
        try await place.git(["add", "-A"], in: path)
        try await place.git(["commit", "-q", "-m", "Library"], in: path)
        return path
    }

    private func add(_ url: String, as path: String, _ place: Workplace) async throws {
        try await place.commit(["readme": "x\n"])
        try await place.git(["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", url, path])
        try await place.push([:])
    }

    @Test("A submodule beside the repository is read as the directory that it is")
    func beside() async throws {
        let place = try await Workplace()
        _ = try await library(place)
        try await add("../lib", as: "vendor/lib", place)
        let repository = place.repository()
        try await repository.fetch()
        let commit = try await repository.resolve("main")
        let file = try #require(try await repository.entry(of: commit.tree, at: "vendor/lib/lib.libsonnet"))
        #expect(try await repository.contents(of: [file.id]) == [Array("{a: 1}\n".utf8)])
        let names = try await repository.entries(of: commit.tree, at: "", recursive: true).map(\.path)
        #expect(names.contains("vendor/lib/lib.libsonnet"))
    }

    @Test("A submodule that cannot be read is named by its own address")
    func unreadable() async throws {
        let place = try await Workplace()
        let path = try await library(place)
        try await add("../lib", as: "lib", place)
        try FileManager.default.removeItem(atPath: path)
        let repository = place.repository()
        try await repository.fetch()
        let commit = try await repository.resolve("main")
        let entry = try #require(try await repository.entry(of: commit.tree, at: "lib"))
        let reason = try #require(await repository.problem(ofSubmodule: entry.id))
        #expect(reason.contains(path) && !reason.contains(place.origin), "\(reason)")
    }

    @Test("A submodule's commit that is pushed after what names it is fetched when it is there")
    func late() async throws {
        let place = try await Workplace()
        _ = try await library(place)
        try await add("../lib", as: "lib", place)
        let own = place.root + "/work/lib"
        try Data("{a: 2}\n".utf8).write(to: URL(filePath: own + "/lib.libsonnet"))
        try await place.git(["commit", "-q", "-a", "-m", "Newer"], in: own)
        try await place.push([:])
        let repository = place.repository()
        try await repository.fetch()
        let commit = try await repository.resolve("main")
        let entry = try #require(try await repository.entry(of: commit.tree, at: "lib"))
        #expect(await repository.problem(ofSubmodule: entry.id)?.contains("is not in") == true)
        try await place.git(["push", "-q", "origin", "HEAD:refs/heads/next"], in: own)
        try await repository.fetch()
        #expect(await repository.problem(ofSubmodule: entry.id) == nil)
        #expect(try await repository.entry(of: commit.tree, at: "lib/lib.libsonnet") != nil)
    }

    @Test("A submodule from another place is not fetched, and the reason is known")
    func elsewhere() async throws {
        let place = try await Workplace()
        let other = try await Workplace()
        let path = try await library(other)
        try await add(path, as: "lib", place)
        let repository = place.repository()
        try await repository.fetch()
        let commit = try await repository.resolve("main")
        #expect(try await repository.entry(of: commit.tree, at: "lib/lib.libsonnet") == nil)
        let entry = try #require(try await repository.entry(of: commit.tree, at: "lib"))
        #expect(entry.kind == .submodule)
        let reason = try #require(await repository.problem(ofSubmodule: entry.id))
        #expect(reason.contains("not on the repository's own host"), "\(reason)")
    }
}
