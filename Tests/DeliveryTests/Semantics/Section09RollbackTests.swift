import Delivery
import GitSource
import KubeClient
import KubeModel
import KubeTesting
import Synchronization
import Testing

@Suite("9. Rollback", .timeLimit(.minutes(1)))
struct Section09RollbackTests {
    private let web = DeliveryFixture.id("kart-web")
    private let name = ObjectName(namespace: "kart-web", name: "a")

    private func value(_ fixture: DeliveryFixture) async throws -> String? {
        try await fixture.dev.find(.configMaps, name)?.at("data", "key")?.string
    }

    @Test(
        "rollback pins the application to an earlier revision with a reason and an expiry (24 h); automatic sync stays on, on the pin"
    )
    func pin() async throws {
        try await DeliveryFixture.run(["env/dev/kart-web/a.yaml": configMap("a", "one")]) { fixture in
            let first = try #require(
                try await fixture.wait(web) { $0.sync == .synced && $0.applied != nil }.applied
            )
            let second = try await fixture.repository.push(["env/dev/kart-web/a.yaml": configMap("a", "two")])
            try await fixture.synced(web, to: second)

            let pin = try await fixture.delivery.rollback(
                web,
                to: nil,
                reason: "two is broken",
                lifetime: nil,
                by: "kari"
            )
            #expect(pin.commit == first.commit)
            #expect(pin.expiresAt - pin.since == 86_400)
            let back = try await fixture.synced(web, to: first.commit)
            #expect(try await value(fixture) == "one")
            #expect(back.pin == pin)
            #expect(back.message.contains("Pinned to \(first.commit.prefix(7)) by kari"))
            #expect(back.message.contains("two is broken"))
            #expect(fixture.board.history(of: web).first?.cause == .rollback)
            #expect(fixture.board.history(of: web).first?.person == "kari")

            // Newer commits wait, and drift is still repaired.
            let third = try await fixture.repository.push(["env/dev/kart-web/a.yaml": configMap("a", "three")]
            )
            let person = fixture.acting(as: "kubectl-edit")
            _ = try await person.patch(.configMaps, name, merge: ["data": ["key": "drift"]])
            try await fixture.eventually("it is as the pin says") { try await value(fixture) == "one" }

            try await fixture.delivery.unpin(web, by: "kari")
            let newest = try await fixture.synced(web, to: third)
            #expect(newest.pin == nil)
            #expect(try await value(fixture) == "three")
        }
    }

    @Test("A pin to what runs now holds over a restart, whatever others have committed meanwhile")
    func freeze() async throws {
        try await EmbeddedTestCluster.run(.api) { cluster in
            let files = [
                "env/dev/kart-web/a.yaml": configMap("a", "one"), "env/dev/kart-api/a.yaml": configMap("a"),
            ]
            let repository = try await TestRepository(in: cluster.directory, files)
            try await DeliveryFixture.run(cluster, repository) { fixture in
                let now = try await fixture.wait(web) { $0.sync == .synced && $0.applied != nil }
                let commit = try #require(now.applied).commit
                try await fixture.delivery.rollback(web, to: commit, reason: "no", lifetime: nil, by: "kari")
                let other = try await repository.push(["env/dev/kart-api/a.yaml": configMap("a", "two")])
                try await fixture.synced(DeliveryFixture.id("kart-api"), to: other)
            }
            try await DeliveryFixture.run(cluster, repository) { fixture in
                try await fixture.wait(web) { $0.sync == .synced }
                let bad = try await repository.push(["env/dev/kart-web/a.yaml": configMap("a", "bad")])
                try await fixture.wait(web) { $0.sync == .synced && $0.pin != nil }
                try await fixture.delivery.unpin(web, by: "kari")
                try await fixture.synced(web, to: bad)
            }
        }
    }

    @Test("A pin ends by itself when it expires")
    func expiry() async throws {
        try await DeliveryFixture.run(["env/dev/kart-web/a.yaml": configMap("a", "one")]) { fixture in
            let first = try #require(
                try await fixture.wait(web) { $0.sync == .synced && $0.applied != nil }.applied
            )
            let second = try await fixture.repository.push(["env/dev/kart-web/a.yaml": configMap("a", "two")])
            try await fixture.synced(web, to: second)
            try await fixture.delivery.rollback(
                web,
                to: String(first.commit.prefix(10)),
                reason: "a moment",
                lifetime: .milliseconds(1_500),
                by: "kari"
            )
            try await fixture.synced(web, to: first.commit)
            let newest = try await fixture.synced(web, to: second)
            #expect(newest.pin == nil)
            #expect(try await value(fixture) == "two")
        }
    }

    @Test("While a pin holds, an application whose directory a newer commit removes is kept, as the pin says")
    func directoryGone() async throws {
        let files = [
            "env/dev/kart-web/a.yaml": configMap("a", "one"), "env/dev/kart-b/a.yaml": configMap("a"),
        ]
        try await EmbeddedTestCluster.run(.api) { cluster in
            let repository = try await TestRepository(in: cluster.directory, files)
            let first = try await repository.head()
            try await DeliveryFixture.run(cluster, repository) { fixture in
                try await fixture.synced(web, to: first)
                let second = try await repository.push(["env/dev/kart-web/a.yaml": configMap("a", "two")])
                try await fixture.synced(web, to: second)
                try await fixture.delivery.rollback(web, to: nil, reason: "no", lifetime: nil, by: "kari")
                try await fixture.synced(web, to: first)
                let third = try await repository.push(["env/dev/kart-web": nil])
                let kept = try await fixture.wait(web) { $0.message.contains("Its directory is gone") }
                #expect(kept.sync == .synced)
                #expect(kept.message.contains("since commit \(third.prefix(7))"))
                // What somebody deletes is there again, as of the pinned commit.
                _ = try await fixture.dev.delete(.configMaps, name)
                try await fixture.eventually("it is repaired") { try await value(fixture) == "one" }
                try await fixture.eventually("the tombstone is written") {
                    try await fixture.admin.list(.applications, namespace: "tenant-kart").items
                        .contains { $0.annotation("varde.dev/tombstone")?.contains(third) == true }
                }
            }
            // A restart knows of both.
            try await DeliveryFixture.run(cluster, repository) { fixture in
                fixture.policy.delay.withLock { $0 = .seconds(3_600) }
                let kept = try await fixture.wait(web) { $0.sync == .synced && $0.pin != nil }
                #expect(kept.message.contains("Its directory is gone"))
                try await fixture.delivery.unpin(web, by: "kari")
                try await fixture.wait(web) { $0.message.contains("deleted at") && $0.pin == nil }
                #expect(try await value(fixture) == "one")
            }
        }
    }

    @Test("When the pin on a directory that is gone expires, its deletion delay begins anew")
    func directoryGoneAtExpiry() async throws {
        let files = [
            "env/dev/kart-web/a.yaml": configMap("a", "one"), "env/dev/kart-b/a.yaml": configMap("a"),
        ]
        try await DeliveryFixture.run(files) { fixture in
            fixture.policy.delay.withLock { $0 = .seconds(3_600) }
            let first = try await fixture.repository.head()
            try await fixture.synced(web, to: first)
            try await fixture.repository.push(["env/dev/kart-web": nil])
            let before = try await fixture.wait(web) { $0.message.contains("deleted at") }
            try await fixture.delivery.rollback(
                web,
                to: first,
                reason: "a moment",
                lifetime: .milliseconds(1_500),
                by: "kari"
            )
            try await fixture.wait(web) {
                $0.pin == nil && $0.message.contains("deleted at") && $0.message != before.message
            }
            #expect(try await value(fixture) == "one")
        }
    }

    @Test("A pin and a pause survive a restart")
    func restart() async throws {
        try await EmbeddedTestCluster.run(.api) { cluster in
            let files = [
                "env/dev/kart-web/a.yaml": configMap("a", "one"), "env/dev/kart-b/a.yaml": configMap("a"),
            ]
            let repository = try await TestRepository(in: cluster.directory, files)
            let other = DeliveryFixture.id("kart-b")
            try await DeliveryFixture.run(cluster, repository) { fixture in
                let first = try #require(
                    try await fixture.wait(web) { $0.sync == .synced && $0.applied != nil }.applied
                )
                let second = try await repository.push(["env/dev/kart-web/a.yaml": configMap("a", "two")])
                try await fixture.synced(web, to: second)
                try await fixture.delivery.rollback(web, to: nil, reason: "no", lifetime: nil, by: "kari")
                try await fixture.synced(web, to: first.commit)
                try await fixture.wait(other) { $0.sync == .synced }
                try await fixture.delivery.pause(other, reason: "holidays", by: "kari")
                try await fixture.eventually("both are written") {
                    let objects = try await fixture.admin.list(.applications, namespace: "tenant-kart").items
                    return objects.contains { $0.annotation("varde.dev/pin") != nil }
                        && objects.contains { $0.annotation("varde.dev/pause") != nil }
                }
            }
            try await DeliveryFixture.run(cluster, repository) { fixture in
                let pinned = try await fixture.wait(web) { $0.sync == .synced }
                #expect(pinned.pin?.reason == "no")
                #expect(try await value(fixture) == "one")
                let paused = try await fixture.wait(other) { $0.sync == .paused }
                #expect(paused.message.contains("Paused by kari"))
            }
        }
    }

    @Test("It can write a revert commit where it has push rights; the pin ends with that commit")
    func revertCommit() async throws {
        let files = ["env/dev/kart-web/a.yaml": configMap("a", "one"), "README.md": "first"]
        try await DeliveryFixture.run(files) { fixture in
            let first = try #require(
                try await fixture.wait(web) { $0.sync == .synced && $0.applied != nil }.applied
            )
            let second = try await fixture.repository.push([
                "env/dev/kart-web/a.yaml": configMap("a", "two"), "env/dev/kart-web/b.yaml": configMap("b"),
                "README.md": "second",
            ])
            try await fixture.synced(web, to: second)
            try await fixture.delivery.rollback(web, to: nil, reason: "see 812", lifetime: nil, by: "kari")
            try await fixture.synced(web, to: first.commit)
            let commit = try await fixture.delivery.commitRollback(web, by: "kari")
            let after = try await fixture.synced(web, to: commit)
            #expect(after.pin == nil)
            #expect(after.applied?.author.contains("kari") == true)
            #expect(after.applied?.subject.contains("Put env/dev/kart-web back to") == true)
            #expect(try await value(fixture) == "one")
            // Nothing else of the repository went back.
            let repository = await fixture.watcher.repository(fixture.repository.url)
            let head = try await repository.commit(ObjectID(commit))
            let old = try await repository.commit(ObjectID(second))
            #expect(
                try await repository.changedPaths(from: old.tree, to: head.tree).sorted() == [
                    "env/dev/kart-web/a.yaml", "env/dev/kart-web/b.yaml",
                ]
            )
        }
    }

    @Test("A commit that is not there, or lacks the directory, is refused with a sentence")
    func refused() async throws {
        try await DeliveryFixture.run(["README.md": "nothing yet"]) { fixture in
            let commit = try await fixture.repository.push(["env/dev/kart-web/a.yaml": configMap("a")])
            try await fixture.synced(web, to: commit)
            for wanted in ["feedbeef", "\(commit)~1"] {
                await #expect(throws: StatusError.self) {
                    try await fixture.delivery.rollback(web, to: wanted, reason: "", lifetime: nil, by: "")
                }
            }
            await #expect(throws: StatusError.self) { try await fixture.delivery.unpin(web, by: "") }
        }
    }
}
