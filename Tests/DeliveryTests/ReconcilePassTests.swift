import KubeClient
import KubeModel
import KubeTesting
import Synchronization
import Testing

@testable import Delivery

@Suite(.timeLimit(.minutes(1))) struct ReconcilePassTests {
    @Test("The applications of a cluster that fell silent are not known to be in sync, until it is back")
    func silence() async throws {
        let web = DeliveryFixture.id("kart-web")
        try await DeliveryFixture.run(["env/dev/kart-web/a.yaml": configMap("a")]) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            fixture.faults.silence = "nobody is there"
            let silent = try await fixture.wait(web) { $0.sync == .unknown }
            #expect(silent.message.contains("nobody is there"))
            fixture.faults.silence = nil
            try await fixture.wait(web) { $0.sync == .synced }
        }
    }

    @Test("Whoever finds a cluster silent by a write is woken when it answers, however short that was")
    func shortSilence() async throws {
        let web = DeliveryFixture.id("kart-web")
        try await DeliveryFixture.run(["env/dev/kart-web/a.yaml": configMap("a")]) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            let cell = try #require(fixture.delivery.environment.registry[web])
            var pass = ReconcilePass(fixture.delivery.environment, cell)
            // Too short for the view to notice by itself.
            fixture.faults.silence = "nobody is there"
            _ = pass.unreachable("the write was not answered")
            #expect(fixture.board.application(web)?.sync == .unknown)
            fixture.faults.silence = nil
            try await fixture.wait(web) { $0.sync == .synced }
        }
    }

    @Test("The applications of a cluster that could not be opened say why, and what is newer about it")
    func unopened() async throws {
        let web = DeliveryFixture.id("kart-web", cluster: "far")
        try await DeliveryFixture.run(["env/far/kart-web/a.yaml": configMap("a")]) { fixture in
            fixture.clusters.fail("far", "its Secret is not there")
            try await fixture.wait(web) { $0.message.contains("its Secret is not there") }
            fixture.clusters.fail("far", "its token has expired")
            try await fixture.wait(web) {
                $0.sync == .unknown && $0.message.contains("its token has expired")
            }
            fixture.clusters.add("far", fixture.dev)
            try await fixture.wait(web) { $0.sync == .synced }
        }
    }

    @Test("An application is there from when its first sync begins")
    func first() async throws {
        let web = DeliveryFixture.id("kart-web")
        let files = ["env/dev/kart-web/a.yaml": configMap("a")]
        let faults = Faults()
        faults.set { $0.method == .patch && $0.path.hasSuffix("/configmaps/a") ? .status(500) : .none }
        try await DeliveryFixture.run(files, faults: faults) { fixture in
            let begun = try await fixture.wait(web) { $0.sync != .unknown }
            #expect(begun.sync == .syncing && begun.message.hasPrefix("Applies commit"))
            try await fixture.eventually("it is recorded with a sync, before any of its objects is there") {
                let record = ObjectName(namespace: "tenant-kart", name: "dev.kart-web")
                let found = try await fixture.admin.find(.applications, record)
                return found?.at("status", "history")?[0]?["result"] == "running"
            }
            let map = ObjectName(namespace: "kart-web", name: "a")
            #expect(try await fixture.dev.find(.configMaps, map) == nil)
            faults.set { _ in .none }
            try await fixture.wait(web) { $0.sync == .synced }
        }
    }

    @Test("Marks that somebody else has taken are taken back, once, whoever has the map that they are in")
    func marks() async throws {
        let web = DeliveryFixture.id("kart-web")
        let name = ObjectName(namespace: "kart-web", name: "a")
        try await DeliveryFixture.run(["env/dev/kart-web/b.yaml": configMap("b")]) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            var other = KubeObject(apiVersion: "v1", kind: "ConfigMap", namespace: "kart-web", name: "a")
            other.set("other", at: "metadata", "labels", Tracking.label)
            other.set("x", at: "metadata", "annotations", Tracking.annotation)
            _ = try await fixture.acting(as: "ci").apply(.configMaps, other, force: true)
            fixture.faults.forgetRequests()
            let commit = try await fixture.repository.push(["env/dev/kart-web/a.yaml": configMap("a")])
            let synced = try await fixture.synced(web, to: commit)
            #expect(synced.counts.synced == 2, "\(synced)")
            let live = try await fixture.dev.get(.configMaps, name)
            #expect(fixture.delivery.environment.registry[web]?.tracking.owns(live) == true)
        }
    }

    @Test("What a cluster says of a Secret is told without the values that it repeats")
    func secrets() {
        var secret = KubeObject(apiVersion: "v1", kind: "Secret", namespace: "a", name: "login")
        secret["stringData"] = [
            "user": "kari", "pin": 48_151_623, "list": ["hunter2"], "key": "-----BEGIN\nKEY\n",
            "word": "strin",
        ]
        let words = [
            (
                "stringData.pin: expected a string, got 48151623\n.b: is new",
                "stringData.pin: expected a string, got something else\n.b: is new"
            ), (#"denied: []{"hunter2"}"#, #"denied: []{"••••••••"}"#),
            (#"denied: "-----BEGIN\nKEY\n""#, #"denied: "••••••••""#),
            ("stringData.x: denied -----BEGIN", "stringData.x: denied ••••••••"),
            (
                #"ReadString: expects ", error found in #10 byte of ...|"pin":4815|..."#,
                #"ReadString: expects ""#
            ),
        ]
        for (said, told) in words { #expect(Secrecy.masked(said, about: secret) == told) }
        let map = KubeObject(apiVersion: "v1", kind: "ConfigMap", namespace: "a", name: "login")
        #expect(Secrecy.masked(words[0].0, about: map) == words[0].0)
    }

    @Test("Unknown fields are found in the words of old API servers, too")
    func oldWords() {
        let old = "failed to create typed patch object: .spec.bar: field not declared in schema"
        let new =
            "failed to create typed patch object (a/b; v1, Kind=Service): .spec.bar: field not declared in schema"
        for words in [old, new] {
            #expect(TypedPatchProblem.all(in: words).map(\.field) == ["spec.bar"])
        }
    }

    @Test("Whoever sees a state and asks what it is made of is answered of that state, during a pass, too")
    func showing() async throws {
        let web = DeliveryFixture.id("kart-web")
        try await DeliveryFixture.run(["env/dev/kart-web/a.yaml": configMap("a")]) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            let cell = try fixture.delivery.cell(web)
            var pass = ReconcilePass(fixture.delivery.environment, cell)
            pass.progress.desired = []
            pass.show(.outOfSync, findings: [])
            #expect(fixture.board.application(web)?.sync == .outOfSync)
            #expect(cell.progress.withLock { $0.desired.isEmpty })
        }
    }

    @Test("A sync that ends before the turn of what failed in an earlier try says why that failed")
    func earlierFailures() async throws {
        let web = DeliveryFixture.id("kart-web")
        try await DeliveryFixture.run(["env/dev/kart-web/a.yaml": configMap("a")]) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            let cell = try #require(fixture.delivery.environment.registry[web])
            var pass = ReconcilePass(fixture.delivery.environment, cell)
            var record = SyncRecord(number: 7, cause: .retry, revision: nil, startedAt: 1)
            let reference = ObjectReference(group: "", kind: "ConfigMap", namespace: "kart-web", name: "b")
            for object in [reference.description, "v1/ConfigMap:kart-web/c"] {
                record.steps.append(
                    SyncStep(
                        object: object,
                        action: .create,
                        state: .planned,
                        message: "is not there",
                        since: 1
                    )
                )
            }
            pass.progress.record = record
            pass.progress.failures[reference] = FailedStep(
                digest: nil,
                version: "",
                message: "is too long",
                retryAt: 9,
                attempts: 1,
                finding: nil
            )
            pass.finish(.failed, "another one failed")
            let steps = try #require(pass.progress.record?.steps)
            #expect(steps.map(\.state) == [.failed, .skipped])
            #expect(steps.map(\.message) == ["is too long", "is not there"])
        }
    }
}
