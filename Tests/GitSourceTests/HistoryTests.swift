import GitSource
import Testing

@Suite struct HistoryTests {
    @Test("The log of a path has only the commits that touched it, newest first")
    func log() async throws {
        let place = try await Workplace()
        let first = try await place.push(["x/a": "1"], message: "one")
        try await place.push(["y": "1"], message: "two")
        let third = try await place.push(["x/a": "2"], message: "three")
        let repository = place.repository()
        try await repository.fetch()
        #expect(try await repository.log(from: third, path: "x", limit: 10).map(\.id) == [third, first])
        #expect(
            try await repository.log(from: third, path: nil, limit: 2).map(\.subject) == ["three", "two"]
        )
        await repository.close()
    }

    @Test("The last change of a path is what git says, over merges and behind other commits")
    func lastChange() async throws {
        let place = try await Workplace()
        try await place.push(["x/a": "1", "y/a": "1", "z/a": "1"], message: "one")
        try await place.push(["y/a": "2"], message: "two")
        try await place.git(["checkout", "-q", "-b", "side", "HEAD~1"])
        try await place.commit(["x/a": "2"], message: "side")
        try await place.git(["checkout", "-q", "main"])
        try await place.commit(["z/a": "2"], message: "three")
        try await place.git(["merge", "-q", "--no-ff", "-m", "merge", "side"])
        try await place.push(["README": "1"], message: "words")
        let repository = place.repository()
        try await repository.fetch()
        let head = try await repository.resolve("main")
        for (path, subject) in [("x", "side"), ("y", "two"), ("z", "three"), ("README", "words")] {
            let found = try await repository.lastChange(of: path, from: head)
            #expect(found.subject == subject)
            let told = try await repository.log(from: head.id, path: path, limit: 1).first
            #expect(found.id == told?.id)
        }
        for number in 0..<70 { try await place.commit([:], message: "empty \(number)") }
        try await place.push([:], message: "last")
        try await repository.fetch()
        let later = try await repository.resolve("main")
        #expect(try await repository.lastChange(of: "x", from: later).subject == "side")
        await repository.close()
    }

    @Test("Changed paths are files added, removed, changed in content, mode or kind")
    func changedPaths() async throws {
        let place = try await Workplace()
        try await place.push(["same/a": "1", "b": "1", "dir/c": "1", "becomes-dir": "1", "gone/deep/x": "1"])
        let repository = place.repository()
        try await repository.fetch()
        let old = try await repository.resolve("main").tree
        try await place.commit(["becomes-dir": nil, "gone/deep/x": nil])
        try await place.push(["b": "2", "dir/new": "1", "becomes-dir/inner": "1"])
        try await repository.fetch()
        let new = try await repository.resolve("main").tree
        let there = ["b", "becomes-dir", "becomes-dir/inner", "dir/new", "gone/deep/x"]
        #expect(try await repository.changedPaths(from: old, to: new) == there)
        #expect(try await repository.changedPaths(from: new, to: old) == there)
        #expect(try await repository.changedPaths(from: new, to: new) == [])
        await repository.close()
    }

    @Test("Names with odd characters survive")
    func oddNames() async throws {
        let place = try await Workplace()
        let names = [
            "æøå/日本 語.yaml", "with \"quotes\"", "tab\there", "new\nline", "-dash", "~^:?*[\\", "a=b&c%20",
        ]
        try await place.push(Dictionary(uniqueKeysWithValues: names.map { ($0, $0) }))
        let repository = place.repository()
        try await repository.fetch()
        let commit = try await repository.resolve("main")
        for name in names {
            let entry = try #require(try await repository.entry(of: commit.tree, at: name), "\(name)")
            #expect(try await repository.contents(of: [entry.id]) == [Array(name.utf8)])
        }
        await repository.close()
    }
}
