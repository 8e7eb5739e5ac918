import Delivery
import Foundation
import KubeClient
import KubeModel
import KubeServer
import KubeTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct RestartTests {
    private let web = DeliveryFixture.id("kart-web")

    /// Two runs of Delivery on the same repository and clusters.
    private func restart(
        _ files: [String: String],
        first: @escaping @Sendable (DeliveryFixture) async throws -> Void,
        between: @escaping @Sendable (TestRepository, KubeClient) async throws -> Void = { _, _ in },
        second: @escaping @Sendable (DeliveryFixture) async throws -> Void
    ) async throws {
        try await EmbeddedTestCluster.run(.api) { cluster in
            let repository = try await TestRepository(in: cluster.directory, files)
            try await DeliveryFixture.run(cluster, repository, body: first)
            let dev = try #require(cluster.host.cluster(named: "dev"))
            try await between(repository, KubeClient(transport: dev.transport))
            try await DeliveryFixture.run(cluster, repository, body: second)
        }
    }

    private func recorded(
        _ fixture: DeliveryFixture,
        _ condition: @escaping @Sendable (KubeObject) -> Bool
    ) async throws {
        try await fixture.eventually("the record is written") {
            let name = ObjectName(namespace: "tenant-kart", name: "dev.kart-web")
            return try await fixture.admin.find(.applications, name).map(condition) ?? false
        }
    }

    @Test("After a restart an application in sync is known again, writes nothing, and has its history")
    func nothingToDo() async throws {
        let version = Mutex("")
        try await restart(["env/dev/kart-web/a.yaml": configMap("a")]) { fixture in
            try await fixture.wait(web) { $0.sync == .synced && $0.health == .healthy }
            try await recorded(fixture) {
                $0.at("status", "sync")?.string == "Synced" && $0.at("status", "history") != nil
            }
            let map = try await fixture.dev.get(.configMaps, ObjectName(namespace: "kart-web", name: "a"))
            version.withLock { $0 = map.resourceVersion }
        } second: { fixture in
            let snapshot = try await fixture.wait(web) { $0.sync == .synced }
            #expect(snapshot.applied != nil)
            #expect(snapshot.appliedAt != nil)
            #expect(fixture.board.history(of: web).map(\.number) == [1])
            let map = try await fixture.dev.get(.configMaps, ObjectName(namespace: "kart-web", name: "a"))
            #expect(map.resourceVersion == version.withLock { $0 })
        }
    }

    @Test("A sync that has just ended when Varde is stopped is there after the restart, with its steps, once")
    func justEnded() async throws {
        let commit = Mutex("")
        try await restart(["env/dev/kart-web/a.yaml": configMap("a")]) { fixture in
            try await fixture.wait(web) { $0.sync == .synced && $0.health == .healthy }
            try await recorded(fixture) { $0.at("status", "sync")?.string == "Synced" }
            fixture.adminFaults.set { _ in .status(500) }
            let second = try await fixture.repository.push(["env/dev/kart-web/a.yaml": configMap("a", "2")])
            try await fixture.synced(web, to: second)
            commit.withLock { $0 = second }
        } second: { fixture in
            let second = commit.withLock { $0 }
            try await fixture.wait(web) { $0.sync == .synced && $0.applied?.commit == second }
            let history = fixture.board.history(of: web)
            #expect(history.map(\.number) == [2, 1] && history.first?.result == .succeeded, "\(history)")
            #expect(history.first?.steps.map(\.action) == [.update], "\(history)")
        }
    }

    @Test("With selfHeal off, what others changed while nobody looked stays as well")
    func noHealing() async throws {
        let files = [
            "env/dev/kart-web/varde.yaml": "selfHeal: false\n", "env/dev/kart-web/a.yaml": configMap("a"),
        ]
        let name = ObjectName(namespace: "kart-web", name: "a")
        try await restart(files) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            try await recorded(fixture) { $0.at("status", "sync")?.string == "Synced" }
        } between: { _, client in
            _ = try await client.patch(.configMaps, name, merge: ["data": ["key": "hand"]])
        } second: { fixture in
            try await fixture.wait(web) { $0.sync == .outOfSync }
            #expect(try await fixture.dev.get(.configMaps, name).at("data", "key") == "hand")
        }
    }

    @Test("Until it was looked at again, an application says how it was before the restart, and since when")
    func formerState() async throws {
        let since = Mutex(0.0)
        try await restart(["env/dev/kart-web/a.yaml": configMap("a")]) { fixture in
            let synced = try await fixture.wait(web) { $0.sync == .synced && $0.health == .healthy }
            since.withLock { $0 = synced.since }
            try await recorded(fixture) { $0.at("status", "sync")?.string == "Synced" }
        } between: { repository, _ in
            // Nor is there a mirror of it, from which it could go on.
            let folder = URL(filePath: repository.url).deletingLastPathComponent()
            try FileManager.default.removeItem(at: folder.appending(path: "mirrors"))
            try repository.hide()
        } second: { fixture in
            let time = since.withLock { Timestamp($0).text }
            let words = "Before Varde was started again it was Synced and Healthy, since \(time)."
            let unread = try await fixture.wait(web) { $0.message.contains("no repository") }
            #expect(unread.sync == .unknown && unread.message.contains(words), "\(unread.message)")
            try fixture.repository.unhide()
            let known = try await fixture.wait(web) { $0.sync == .synced }
            #expect(!known.message.contains("Before"))
        }
    }

    @Test("While its repository cannot be read after a restart, what was delivered is kept as it was")
    func sourceGone() async throws {
        try await restart(["env/dev/kart-web/a.yaml": configMap("a")]) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            try await recorded(fixture) { $0.at("status", "sync")?.string == "Synced" }
        } between: { repository, _ in
            try repository.hide()
        } second: { fixture in
            try await fixture.wait(web) { $0.sync == .synced && $0.message.contains("no repository") }
            let name = ObjectName(namespace: "kart-web", name: "a")
            try await fixture.dev.delete(.configMaps, name)
            try await fixture.eventually("it is repaired") {
                try await fixture.dev.find(.configMaps, name) != nil
            }
            try fixture.repository.unhide()
            let commit = try await fixture.repository.push(["env/dev/kart-web/a.yaml": configMap("a", "2")])
            try await fixture.synced(web, to: commit)
        }
    }

    @Test("Settings that went wrong while nobody looked: the last good ones of the history are in use")
    func settings() async throws {
        let files = [
            "env/dev/kart-web/varde.yaml": "prune: false\n", "env/dev/kart-web/a.yaml": configMap("a"),
            "env/dev/kart-web/b.yaml": configMap("b"),
        ]
        let commit = Mutex("")
        try await restart(files) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            try await recorded(fixture) { $0.at("status", "sync")?.string == "Synced" }
        } between: { repository, _ in
            try await repository.push(["env/dev/kart-web/varde.yaml": "prune: maybe\n"])
            let newest = try await repository.push([
                "env/dev/kart-web/varde.yaml": "prun: false\n", "env/dev/kart-web/b.yaml": nil,
            ])
            commit.withLock { $0 = newest }
        } second: { fixture in
            let wanted = commit.withLock { $0 }
            let after = try await fixture.wait(web) { $0.applied?.commit == wanted }
            #expect(after.findings.contains { $0.code == .settingsInvalid })
            #expect(after.sync == .outOfSync)
            let kept = ObjectName(namespace: "kart-web", name: "b")
            #expect(try await fixture.dev.find(.configMaps, kept) != nil)
        }
    }

    @Test("A directory that vanished while nobody looked is noticed, and what changed meanwhile is repaired")
    func changedMeanwhile() async throws {
        let files = ["env/dev/kart-web/a.yaml": configMap("a"), "env/dev/kart-api/a.yaml": configMap("a")]
        let api = DeliveryFixture.id("kart-api")
        try await restart(files) { fixture in
            try await fixture.wait(web) { $0.sync == .synced && $0.health == .healthy }
            try await fixture.wait(api) { $0.sync == .synced }
            try await recorded(fixture) { $0.at("status", "sync")?.string == "Synced" }
        } between: { repository, dev in
            try await repository.push(["env/dev/kart-web": nil])
            try await dev.delete(.configMaps, ObjectName(namespace: "kart-api", name: "a"))
        } second: { fixture in
            try await fixture.eventually("the object is back") {
                try await fixture.dev.find(.configMaps, ObjectName(namespace: "kart-api", name: "a")) != nil
            }
            try await fixture.eventually("the removed directory's object is gone") {
                try await fixture.dev.find(.configMaps, ObjectName(namespace: "kart-web", name: "a")) == nil
            }
        }
    }

    @Test("A tombstone survives a restart with its time")
    func tombstone() async throws {
        let since = Mutex("")
        try await restart(["env/dev/kart-web/a.yaml": configMap("a")]) { fixture in
            fixture.policy.delay.withLock { $0 = .seconds(600) }
            try await fixture.wait(web) { $0.sync == .synced }
            try await fixture.repository.push(["env/dev/kart-web": nil])
            let waiting = try await fixture.wait(web) { $0.sync == .deleting }
            since.withLock { $0 = waiting.message }
            try await recorded(fixture) { $0.annotation(ApplicationObject.tombstone) != nil }
        } second: { fixture in
            fixture.policy.delay.withLock { $0 = .seconds(600) }
            let waiting = try await fixture.wait(web) { $0.sync == .deleting && !$0.message.isEmpty }
            #expect(waiting.message.contains("The directory is gone since commit"))
            fixture.policy.delay.withLock { $0 = .zero }
            try await fixture.delivery.sync(web, by: "test")
            try await fixture.eventually("it is gone") { fixture.board.application(web) == nil }
        }
    }
}
