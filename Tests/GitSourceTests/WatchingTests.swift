import Foundation
import GitSource
import Testing

/// A running watcher and the observations it has made.
private actor Witness {
    private(set) var seen: [RepositoryWatcher.Observation] = []
    func note(_ observation: RepositoryWatcher.Observation) { seen.append(observation) }

    func commits(_ branch: String) -> [ObjectID] {
        seen.filter { $0.branch == branch }.compactMap { try? $0.result.get().id }
    }
    var failures: [GitError.Code] {
        seen.compactMap { if case .failure(let error) = $0.result { error.code } else { nil } }
    }
    var last: Result<Commit, GitError>? { seen.last?.result }
}

private func watching(
    _ place: Workplace,
    _ branches: Set<WatchedBranch>,
    every interval: Duration = .seconds(3600),
    patience: RepositoryWatcher.Patience = RepositoryWatcher.Patience(),
    _ body: (RepositoryWatcher, Witness) async throws -> Void
) async throws {
    let watcher = RepositoryWatcher(directory: place.mirrors, pollInterval: interval, patience: patience)
    let witness = Witness()
    await watcher.watch(branches)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try? await watcher.run() }
        let stream = await watcher.observations()
        group.addTask { for await observation in stream { await witness.note(observation) } }
        try await body(watcher, witness)
        group.cancelAll()
    }
}

@Suite struct WatchingTests {
    @Test("A push to a local repository is seen without polling, each time, and only once")
    func push() async throws {
        let place = try await Workplace()
        let first = try await place.push(["a": "1"])
        let branch = WatchedBranch(repository: place.origin, branch: "main")
        try await watching(place, [branch]) { watcher, witness in
            #expect(try await eventually { await witness.commits("main") == [first] })
            var expected = [first]
            for number in 2..<6 {
                let pushed = try await place.push(["a": "\(number)"])
                expected.append(pushed)
                #expect(try await eventually { await witness.commits("main") == expected })
            }
            // A branch that nobody watches, and a look that finds nothing.
            try await place.push(["a": "other"], to: "other")
            await watcher.poke(nil)
            let last = try await place.push(["a": "last"])
            #expect(try await eventually { await witness.commits("main") == expected + [last] })
            #expect(await witness.seen.count == 6)
        }
    }

    @Test("A server that takes the connection and never answers is told before its time is over")
    func silence() async throws {
        let place = try await Workplace()
        let commit = try await place.push(["a": "1"])
        try await Servers.web(place) { address in
            var patience = RepositoryWatcher.Patience()
            (patience.first, patience.later) = (.milliseconds(20), .milliseconds(40))
            let silent = WatchedBranch(repository: address + "/hang/origin.git", branch: "main")
            try await watching(place, [silent], patience: patience) { _, witness in
                let isTold = try await eventually { await witness.failures == [.unanswered] }
                #expect(isTold)
                guard case .failure(let told)? = await witness.last else { return }
                #expect(told.message.contains("Connecting to \(address)/hang"), "\(told)")
                #expect(told.message.contains(" since 2"), "\(told)")
            }
            // One that answered before, and falls silent.
            let url = address + "/later/origin.git"
            let later = WatchedBranch(repository: url, branch: "main")
            try await watching(place, [later], patience: patience) { watcher, witness in
                #expect(try await eventually { await witness.commits("main") == [commit] })
                try Data().write(to: URL(filePath: place.root + "/silent"))
                await watcher.poke(url)
                #expect(try await eventually { await witness.failures.contains(.unanswered) })
            }
        }
    }

    @Test(
        "A server that falls silent, or fails, is told beside what was wrong with the commit that it sent last"
    )
    func silenceBesides() async throws {
        let place = try await Workplace()
        try await place.push(["a": "1"])
        var access = RepositoryAccess()
        access.signers = CommitSigners(allowedSigners: "")
        let signed = access
        /// That the commit is not signed, and what else.
        func told(_ witness: Witness, besides words: String = "") async -> GitError.Code? {
            guard case .failure(let told)? = await witness.last, told.message.contains("is not signed"),
                words.isEmpty || told.message.contains(words)
            else { return nil }
            return told.code
        }
        try await Servers.web(place) { address in
            var patience = RepositoryWatcher.Patience()
            (patience.first, patience.later) = (.milliseconds(20), .milliseconds(40))
            let url = address + "/later/origin.git"
            let branch = WatchedBranch(repository: url, branch: "main")
            try await watching(place, [branch], patience: patience) { watcher, witness in
                await watcher.setAccess([url: signed])
                #expect(try await eventually { await told(witness) == .unverified })
                try Data().write(to: URL(filePath: place.root + "/silent"))
                await watcher.poke(url)
                #expect(
                    try await eventually {
                        await told(witness, besides: "it has not answered yet") == .unverified
                    }
                )
            }
        }
        let branch = WatchedBranch(repository: place.origin, branch: "main")
        try await watching(place, [branch]) { watcher, witness in
            await watcher.setAccess([place.origin: signed])
            #expect(try await eventually { await told(witness) == .unverified })
            try FileManager.default.moveItem(atPath: place.origin, toPath: place.origin + ".away")
            await watcher.poke(nil)
            #expect(try await eventually { await told(witness, besides: " Besides: ") == .notARepository })
            try FileManager.default.moveItem(atPath: place.origin + ".away", toPath: place.origin)
            await watcher.poke(nil)
            #expect(try await eventually { await witness.failures.suffix(1) == [.unverified] })
        }
    }

    @Test("Branches with slashes are seen in directories that did not exist before")
    func nestedBranches() async throws {
        let place = try await Workplace()
        try await place.push(["a": "1"])
        let url = "file://" + place.origin
        let branches = Set(["feature/deep/x", "main"].map { WatchedBranch(repository: url, branch: $0) })
        try await watching(place, branches) { _, witness in
            #expect(try await eventually { await witness.seen.count == 2 })
            #expect(await witness.failures == [.noSuchBranch])
            let id = try await place.push(["a": "2"], to: "feature/deep/x")
            #expect(try await eventually { await witness.commits("feature/deep/x") == [id] })
            let next = try await place.push(["a": "3"], to: "feature/deep/x")
            #expect(try await eventually { await witness.commits("feature/deep/x") == [id, next] })
        }
    }

    @Test("A repository with a work tree is watched, too")
    func workTree() async throws {
        let place = try await Workplace()
        let first = try await place.commit(["a": "1"])
        let branch = WatchedBranch(repository: place.root + "/work", branch: "")
        try await watching(place, [branch]) { _, witness in
            #expect(try await eventually { await witness.commits("") == [first] })
            let second = try await place.commit(["a": "2"])
            #expect(try await eventually { await witness.commits("") == [first, second] })
        }
    }

    @Test("A force-push is another commit; a deleted branch is a failure, never empty; its return a recovery")
    func forcePushAndDeletion() async throws {
        let place = try await Workplace()
        let first = try await place.push(["a": "1"])
        let second = try await place.push(["a": "2"])
        let branch = WatchedBranch(repository: place.origin, branch: "main")
        try await watching(place, [branch]) { _, witness in
            #expect(try await eventually { await witness.commits("main") == [second] })
            try await place.git(["--git-dir", place.origin, "update-ref", "refs/heads/main", first.hex])
            #expect(try await eventually { await witness.commits("main") == [second, first] })
            try await place.git(["--git-dir", place.origin, "update-ref", "-d", "refs/heads/main"])
            #expect(try await eventually { await witness.failures == [.noSuchBranch] })
            try await place.git(["--git-dir", place.origin, "update-ref", "refs/heads/main", first.hex])
            #expect(try await eventually { await witness.commits("main") == [second, first, first] })
        }
    }

    @Test("A packed reference is seen")
    func packedReferences() async throws {
        let place = try await Workplace()
        let first = try await place.push(["a": "1"])
        let branch = WatchedBranch(repository: place.origin, branch: "main")
        try await watching(place, [branch]) { _, witness in
            #expect(try await eventually { await witness.commits("main") == [first] })
            try await place.git(["--git-dir", place.origin, "pack-refs", "--all"])
            let second = try await place.push(["a": "2"])
            #expect(try await eventually { await witness.commits("main") == [first, second] })
        }
    }

    @Test("A repository that is missing, appears, vanishes and comes back is seen in each state")
    func goneAndBack() async throws {
        let place = try await Workplace()
        try FileManager.default.removeItem(atPath: place.origin)
        let branch = WatchedBranch(repository: place.origin, branch: "main")
        try await watching(place, [branch]) { _, witness in
            #expect(try await eventually { await witness.failures == [.notARepository] })
            try await place.makeOrigin()
            #expect(try await eventually { await witness.failures.last == .noSuchBranch })
            let first = try await place.push(["a": "1"])
            #expect(try await eventually { await witness.commits("main") == [first] })
            let aside = place.root + "/aside.git"
            try FileManager.default.moveItem(atPath: place.origin, toPath: aside)
            #expect(try await eventually { await witness.failures.last == .notARepository })
            try FileManager.default.moveItem(atPath: aside, toPath: place.origin)
            #expect(try await eventually { await witness.commits("main").count == 2 })
            let second = try await place.push(["a": "2"])
            #expect(try await eventually { await witness.commits("main") == [first, first, second] })
        }
    }

    @Test("What cannot be watched is polled")
    func polling() async throws {
        let place = try await Workplace()
        let first = try await place.push(["a": "1"])
        // A link to the repository: its target's events are the link's, but its replacement is not seen.
        let link = place.root + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: place.origin)
        let branch = WatchedBranch(repository: link, branch: "main")
        try await watching(place, [branch], every: .milliseconds(50)) { _, witness in
            #expect(try await eventually { await witness.commits("main") == [first] })
            let second = try await place.push(["a": "2"])
            #expect(try await eventually { await witness.commits("main") == [first, second] })
        }
    }

    @Test("A poke makes a failing remote be looked at, and it delays no other")
    func poke() async throws {
        let place = try await Workplace()
        let first = try await place.push(["a": "1"])
        let dead = "http://127.0.0.1:9/team/apps.git"
        let branches: Set = [
            WatchedBranch(repository: dead, branch: "main"),
            WatchedBranch(repository: place.origin, branch: "main"),
        ]
        try await watching(place, branches) { watcher, witness in
            #expect(try await eventually { await witness.failures == [.unreachable] })
            #expect(try await eventually { await witness.commits("main") == [first] })
            await watcher.poke("http://127.0.0.1:9/Team/Apps")
            await watcher.poke("http://nobody.example/x")
            let second = try await place.push(["a": "2"])
            #expect(try await eventually { await witness.commits("main") == [first, second] })
            let failures = await witness.seen.filter { $0.repository == dead }.map { "\($0.result)" }
            #expect(failures.count == 1, "the same failure is told once: \(failures)")
        }
    }

    @Test("A new subscriber gets the current state; branches no longer watched are forgotten")
    func subscribers() async throws {
        let place = try await Workplace()
        try await place.push(["a": "1"], to: "one")
        try await place.push(["a": "2"], to: "two")
        let one = WatchedBranch(repository: place.origin, branch: "one")
        let two = WatchedBranch(repository: place.origin, branch: "two")
        try await watching(place, [one]) { (watcher, witness) async throws in
            #expect(try await eventually { await witness.seen.count == 1 })
            await watcher.watch([one, two])
            #expect(try await eventually { await witness.commits("two").count == 1 })
            var late: [String] = []
            for await observation in await watcher.observations() {
                late.append(observation.branch)
                if late.count == 2 { break }
            }
            #expect(late == ["one", "two"])
            await watcher.watch([two])
            for await observation in await watcher.observations() {
                #expect(observation.branch == "two")
                break
            }
            await watcher.watch([])
            await watcher.watch([one])
            #expect(try await eventually { await witness.commits("one").count == 2 })
        }
    }
}
