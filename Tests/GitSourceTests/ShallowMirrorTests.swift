import Foundation
import GitSource
import Testing

@Suite struct ShallowMirrorTests {
    private func place() async throws -> Workplace {
        let place = try await Workplace()
        for number in 1...6 { try await place.push(["x": "\(number)"], message: "commit \(number)") }
        return place
    }

    private func repository(_ place: Workplace, depth: Int?) -> GitRepository {
        var access = RepositoryAccess()
        access.depth = depth
        return GitRepository(url: place.origin, directory: place.mirrors + "/origin.git", access: access)
    }

    private func count(_ place: Workplace) async throws -> Int {
        let mirror = place.mirrors + "/origin.git"
        let output = try await place.git(
            ["--git-dir", mirror, "rev-list", "--count", "--all"],
            in: place.root
        )
        return Int(output.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
    }

    @Test("A mirror of limited depth begins with the newest commits, and follows the branch from there")
    func begins() async throws {
        let place = try await place()
        let repository = repository(place, depth: 2)
        try await repository.fetch()
        #expect(try await count(place) == 2)
        #expect(try await repository.resolve("main").subject == "commit 6")
        let new = try await place.push(["x": "7"], message: "commit 7")
        try await repository.fetch()
        #expect(try await repository.resolve("main").id == new)
        #expect(try await count(place) == 3)
        await repository.close()
    }

    @Test("An older commit that somebody names brings the rest of the history")
    func older() async throws {
        let place = try await place()
        let first = try await place.git(["rev-list", "--max-parents=0", "main"])
        let repository = repository(place, depth: 1)
        try await repository.fetch()
        let id = ObjectID(first.trimmingCharacters(in: .whitespacesAndNewlines))
        #expect(try await repository.commit(id).subject == "commit 1")
        #expect(try await count(place) == 6)
        let head = try await repository.resolve("main")
        #expect(try await repository.log(from: head.id, path: nil, limit: 10).count == 6)
        await repository.close()
    }

    @Test("A commit that a pin names by its id, or the beginning of it, is found before the mirror begins")
    func pinned() async throws {
        let place = try await place()
        let first = try await place.git(["rev-list", "--max-parents=0", "main"])
        let repository = repository(place, depth: 1)
        try await repository.fetch()
        await #expect(throws: GitError.self) { try await repository.resolve("nowhere") }
        #expect(try await count(place) == 1)
        #expect(try await repository.resolve(String(first.prefix(9))).subject == "commit 1")
        await repository.close()
    }

    @Test("The last change of a path that is older than the mirror is the mirror's oldest commit")
    func boundary() async throws {
        let place = try await Workplace()
        try await place.push(["old": "1"], message: "one")
        for number in 2...5 { try await place.push(["x": "\(number)"], message: "commit \(number)") }
        let repository = repository(place, depth: 3)
        try await repository.fetch()
        let head = try await repository.resolve("main")
        #expect(try await repository.lastChange(of: "old", from: head).subject == "commit 3")
        #expect(try await count(place) == 3)
        await repository.close()
    }

    @Test("Work that branched off before the mirror begins is merged all the same, with the history it takes")
    func merges() async throws {
        let place = try await place()
        try await place.git(["checkout", "-q", "-b", "side", "HEAD~4"])
        let side = try await place.push(["y": "1"], to: "side", message: "side")
        let repository = repository(place, depth: 1)
        try await repository.fetch()
        let overlay = try await repository.overlay(at: place.root + "/overlay.git", url: place.origin)
        let (head, base) = (try await repository.commit(side), try await repository.resolve("main"))
        let tree = try await overlay.mergedTree(of: head, onto: base)
        let files = try await repository.entries(of: base.tree, at: "", recursive: false).map(\.path)
        #expect(files == ["x"])
        #expect(try await overlay.entries(of: tree, at: "", recursive: false).map(\.path) == ["x", "y"])
        await overlay.close()
        await repository.close()
    }

    @Test("When the limit is taken away the whole history comes with the next fetch")
    func unlimited() async throws {
        let place = try await place()
        let limited = repository(place, depth: 1)
        try await limited.fetch()
        await limited.close()
        let repository = repository(place, depth: nil)
        try await repository.fetch()
        #expect(try await count(place) == 6)
        await repository.close()
    }

    @Test("A tag that a mirror of limited depth does not have is said to be one")
    func tag() async throws {
        let place = try await Workplace()
        try await place.push(["a": "1"])
        try await place.git(["tag", "v1"])
        try await place.git(["push", "-q", "origin", "v1"])
        let repository = repository(place, depth: 1)
        try await repository.fetch()
        let error = await #expect(throws: GitError.self) { try await repository.resolve("v1") }
        #expect(error?.message.contains("'v1' is a tag of") == true, "\(String(describing: error))")
    }
}
