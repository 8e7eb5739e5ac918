import Delivery
import Foundation
import KubeClient
import KubeModel
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct PushTests {
    private let web = DeliveryFixture.id("kart-web")

    @Test("A directory becomes an application whose objects are there, marked, in a namespace made for it")
    func firstSync() async throws {
        try await DeliveryFixture.run(["env/dev/kart-web/app.yaml": configMap("settings")]) { fixture in
            let snapshot = try await fixture.wait(web) { $0.sync == .synced && $0.health == .healthy }
            #expect(snapshot.path == "env/dev/kart-web")
            #expect(snapshot.tool == "directory")
            #expect(snapshot.applied == snapshot.desired)
            #expect(snapshot.counts.total == 1)
            let map = try await fixture.dev.get(
                .configMaps,
                ObjectName(namespace: "kart-web", name: "settings")
            )
            #expect(map.label(Tracking.label) == Tracking(web).value)
            #expect(map.annotation(Tracking.annotation) == "kart/dev.kart-web:/ConfigMap:kart-web/settings")
            let record = try #require(fixture.board.history(of: web).first)
            #expect(record.cause == .commit)
            #expect(record.result == .succeeded)
            #expect(record.created == 1)
        }
    }

    @Test("A commit changes what it changes, adds what it adds and deletes what it no longer has")
    func commit() async throws {
        let files = [
            "env/dev/kart-web/a.yaml": configMap("a", "1"), "env/dev/kart-web/b.yaml": configMap("b"),
        ]
        try await DeliveryFixture.run(files) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            let commit = try await fixture.repository.push([
                "env/dev/kart-web/a.yaml": configMap("a", "2"), "env/dev/kart-web/b.yaml": nil,
                "env/dev/kart-web/c.yaml": configMap("c"),
            ])
            try await fixture.synced(web, to: commit)
            let maps = try await fixture.dev.list(
                .configMaps,
                namespace: "kart-web",
                labelSelector: Tracking.label
            ).items
            #expect(maps.map(\.name).sorted() == ["a", "c"])
            #expect(maps.first { $0.name == "a" }?.at("data", "key")?.string == "2")
            let record = try #require(fixture.board.history(of: web).first)
            #expect(record.created == 1)
            #expect(record.updated == 1)
            #expect(record.deleted == 1)
        }
    }

    @Test("Only applications whose content changed wake up; nothing is written for the others")
    func unrelatedCommit() async throws {
        let files = [
            "env/dev/kart-web/a.yaml": configMap("a"), "env/dev/kart-api/a.yaml": configMap("a"),
        ]
        try await DeliveryFixture.run(files) { fixture in
            let api = DeliveryFixture.id("kart-api")
            try await fixture.wait(web) { $0.sync == .synced }
            let before = try await fixture.wait(api) { $0.sync == .synced && $0.health == .healthy }
            let commit = try await fixture.repository.push([
                "env/dev/kart-web/a.yaml": configMap("a", "2"), "README.md": "hello",
            ])
            try await fixture.synced(web, to: commit)
            #expect(fixture.board.application(api) == before)
            #expect(fixture.board.history(of: api).count == 1)
        }
    }

    @Test("What somebody deletes is made again, and an event on it says so")
    func deletedObject() async throws {
        try await DeliveryFixture.run(["env/dev/kart-web/app.yaml": configMap("settings")]) { fixture in
            try await fixture.wait(web) { $0.sync == .synced && $0.health == .healthy }
            let name = ObjectName(namespace: "kart-web", name: "settings")
            let first = try await fixture.dev.get(.configMaps, name)
            try await fixture.dev.delete(.configMaps, name)
            try await fixture.eventually("the object is back") {
                try await fixture.dev.find(.configMaps, name).map { $0.uid != first.uid } ?? false
            }
            try await fixture.eventually("an event says so") {
                try await fixture.dev.list(.events, namespace: "kart-web").items.contains {
                    $0["reason"]?.string == "Repaired"
                        && $0["message"]?.string?.hasPrefix("Was deleted by someone; made again from commit")
                            == true
                }
            }
            try await fixture.eventually("the history says so") {
                fixture.board.history(of: web).first.map { $0.cause == .drift && $0.result == .succeeded }
                    ?? false
            }
        }
    }

    @Test("What somebody edits is set back; what the manifest does not set is left alone")
    func editedObject() async throws {
        try await DeliveryFixture.run(["env/dev/kart-web/app.yaml": configMap("settings", "mine")]) {
            fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            let name = ObjectName(namespace: "kart-web", name: "settings")
            var editor = fixture.dev
            editor.fieldManager = "kubectl-edit"
            _ = try await editor.patch(.configMaps, name, merge: ["data": ["key": "theirs", "other": "1"]])
            try await fixture.eventually("the value is back") {
                try await fixture.dev.get(.configMaps, name).at("data", "key")?.string == "mine"
            }
            #expect(try await fixture.dev.get(.configMaps, name).at("data", "other")?.string == "1")
        }
    }

    @Test("A directory that is gone takes its objects, its namespace and its record with it")
    func removedDirectory() async throws {
        let files = ["env/dev/kart-web/a.yaml": configMap("a"), "env/dev/kart-api/a.yaml": configMap("a")]
        try await DeliveryFixture.run(files) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            try await fixture.eventually("it has a record") {
                try await fixture.admin.find(
                    .applications,
                    ObjectName(namespace: "tenant-kart", name: "dev.kart-web")
                ) != nil
            }
            try await fixture.repository.push(["env/dev/kart-web": nil])
            try await fixture.eventually("the application is gone") { fixture.board.application(web) == nil }
            #expect(
                try await fixture.dev.find(.configMaps, ObjectName(namespace: "kart-web", name: "a")) == nil
            )
            try await fixture.eventually("its record is gone") {
                try await fixture.admin.find(
                    .applications,
                    ObjectName(namespace: "tenant-kart", name: "dev.kart-web")
                ) == nil
            }
            #expect(fixture.board.application(DeliveryFixture.id("kart-api"))?.sync == .synced)
        }
    }

    @Test("A directory that comes back in time keeps everything")
    func broughtBack() async throws {
        try await DeliveryFixture.run(["env/dev/kart-web/a.yaml": configMap("a")]) { fixture in
            fixture.policy.delay.withLock { $0 = .seconds(600) }
            try await fixture.wait(web) { $0.sync == .synced }
            let name = ObjectName(namespace: "kart-web", name: "a")
            let before = try await fixture.dev.get(.configMaps, name)
            try await fixture.repository.push(["env/dev/kart-web": nil])
            let waiting = try await fixture.wait(web) { $0.sync == .deleting }
            #expect(waiting.message.contains("unless it comes back"))
            try await fixture.repository.push(["env/dev/kart-web/a.yaml": configMap("a")])
            try await fixture.wait(web) { $0.sync == .synced }
            #expect(try await fixture.dev.get(.configMaps, name).uid == before.uid)
        }
    }
}
