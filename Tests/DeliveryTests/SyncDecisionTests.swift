import Delivery
import KubeModel
import Testing

@Suite struct SyncDecisionTests {
    let fixture = PlanFixture()

    private func wave(_ name: String, _ wave: Int, kind: String = "ConfigMap") -> DesiredObject {
        fixture.object(kind, name, annotations: ["varde.dev/wave": String(wave)])
    }

    private func names(_ groups: [[Plan.Step]]) -> [[String]] { groups.map { $0.map(\.reference.name) } }

    @Test("Objects of the same kind go together, kinds one after the other")
    func groups() {
        let plan = fixture.plan([
            fixture.configMap("a"), fixture.object("Service", "s"), fixture.configMap("b"),
            fixture.object("Secret", "x"),
        ])
        guard case .apply(let wave, let groups) = SyncDecision(plan, health: { _ in Health(.healthy) }) else {
            Issue.record("not an apply")
            return
        }
        #expect(wave == 0)
        #expect(names(groups) == [["x"], ["a", "b"], ["s"]])
    }

    @Test("The lowest wave goes first, the next one when what is there is healthy")
    func waves() {
        let first = wave("first", -1)
        let second = wave("second", 2)
        guard
            case .apply(let wave, let groups) = SyncDecision(
                fixture.plan([first, second]),
                health: { _ in Health(.missing) }
            )
        else {
            Issue.record("not an apply")
            return
        }
        #expect(wave == -1)
        #expect(names(groups) == [["first"]])

        let plan = fixture.plan([first, second], live: [fixture.applied(first)])
        guard
            case .waitForHealth(2, let awaited) = SyncDecision(
                plan,
                health: { _ in Health(.progressing, "starts") }
            )
        else {
            Issue.record("does not wait")
            return
        }
        #expect(awaited.map(\.reference.name) == ["first"])
        guard case .apply(2, _) = SyncDecision(plan, health: { _ in Health(.healthy) }) else {
            Issue.record("not an apply")
            return
        }
    }

    @Test("A failed object stops the next wave and the deletions, not its own wave")
    func failure() {
        let bad = wave("bad", 0)
        let good = wave("good", 0)
        let later = wave("later", 1)
        let old = fixture.configMap("old")
        func plan(_ live: [DesiredObject]) -> Plan {
            fixture.plan([bad, good, later], live: (live + [old]).map { fixture.applied($0) }) { input in
                input.failures = [
                    bad.reference: FailedStep(
                        digest: bad.digest,
                        version: "",
                        message: "no",
                        retryAt: fixture.now + 5,
                        attempts: 0,
                        finding: nil
                    )
                ]
            }
        }
        guard case .apply(0, let groups) = SyncDecision(plan([]), health: { _ in Health(.healthy) }) else {
            Issue.record("not an apply")
            return
        }
        #expect(names(groups) == [["good"]])
        guard case .stuck = SyncDecision(plan([good]), health: { _ in Health(.healthy) }) else {
            Issue.record("goes on")
            return
        }
    }

    @Test(
        "Deletions come last; they wait while a kind is unknown, which may be a misspelling of what is missing"
    )
    func deletions() {
        let old = fixture.configMap("old")
        let kept = fixture.configMap("kept")
        let live = [fixture.applied(kept), fixture.applied(old)]
        let plan = fixture.plan([kept], live: live)
        guard case .delete(let groups) = SyncDecision(plan, health: { _ in Health(.healthy) }) else {
            Issue.record("not a deletion")
            return
        }
        #expect(names(groups) == [["old"]])
        let widget = fixture.desired([
            "apiVersion": "example.com/v1", "kind": "Widget", "metadata": ["name": "w"],
        ])
        let waiting = fixture.plan([kept, widget], live: live)
        guard case .stuck = SyncDecision(waiting, health: { _ in Health(.healthy) }) else {
            Issue.record("deletes")
            return
        }
    }

    @Test("A Namespace or a definition moves ahead of its first user")
    func movesAhead() {
        let user = fixture.desired([
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": ["name": "a", "namespace": "team", "annotations": ["varde.dev/wave": "-5"]],
        ])
        let namespace = fixture.object("Namespace", "team")
        #expect(fixture.plan([user, namespace]).lines == ["create Namespace team", "create ConfigMap a"])
    }

    @Test("A plan with nothing to do is done")
    func done() {
        let map = fixture.configMap("a")
        guard
            case .done = SyncDecision(
                fixture.plan([map], live: [fixture.applied(map)]),
                health: { _ in Health(.degraded) }
            )
        else {
            Issue.record("not done")
            return
        }
    }
}

@Suite struct SmallRulesTests {
    @Test("Waves are read from the annotations of every tool, Varde's own first")
    func waveAnnotations() {
        func wave(_ annotations: [String: String]) -> Int {
            var object = KubeObject(apiVersion: "v1", kind: "ConfigMap", name: "a")
            object.annotations = annotations
            return ObjectRules(object).wave
        }
        #expect(wave([:]) == 0)
        #expect(wave(["argocd.argoproj.io/sync-wave": "3"]) == 3)
        #expect(wave(["helm.sh/hook-weight": "-2"]) == -2)
        #expect(wave(["varde.dev/wave": "1", "argocd.argoproj.io/sync-wave": "3"]) == 1)
        #expect(wave(["varde.dev/wave": "soon"]) == 0)
    }

    @Test("Kinds are applied in the order of the semantics, unknown ones last")
    func kindOrder() {
        let kinds = [
            ("", "Namespace"), ("", "Secret"), ("", "Service"), ("apps", "Deployment"),
            ("networking.k8s.io", "Ingress"),
        ]
        let ranks = kinds.map { KindOrder.rank(group: $0.0, kind: $0.1) }
        #expect(ranks == ranks.sorted())
        #expect(KindOrder.rank(group: "example.com", kind: "Widget") == KindOrder.unknown)
        #expect(KindOrder.rank(group: "serving.knative.dev", kind: "Service") == KindOrder.unknown)
    }

    @Test("Times survive being written", arguments: [0.0, 951_782_400, 1_795_375_596, 4_102_444_800])
    func times(time: Double) {
        #expect(Timestamp(parsing: Timestamp(time).text)?.sinceEpoch == time)
    }

    @Test("Times are written as Kubernetes writes them")
    func timeText() {
        #expect(Timestamp(1_795_375_596.9).text == "2026-11-22T19:26:36Z")
        #expect(Timestamp(parsing: "2026-11-22T19:26:36.5Z")?.sinceEpoch == 1_795_375_596.5)
        #expect(Timestamp(parsing: "yesterday") == nil)
    }

    @Test("Five repairs in a minute are a fight; repairs long ago are not counted")
    func fights() {
        var log = FightLog()
        let object = ObjectReference(group: "", kind: "ConfigMap", namespace: "n", name: "a")
        for time in 0..<4 { #expect(log.repaired(object, at: Double(time)) == nil) }
        #expect(log.repaired(object, at: 100) == nil)
        for time in 101..<104 { #expect(log.repaired(object, at: Double(time)) == nil) }
        #expect(log.repaired(object, at: 104) == 15)
        #expect(log.repaired(object, at: 105) == 30)
    }

    @Test("An application's object says what a restart needs to know")
    func applicationObject() throws {
        var snapshot = ApplicationSnapshot(
            id: ApplicationID(tenant: "kart", cluster: "dev", namespace: "kart-web"),
            repository: "/git/apps.git",
            branch: "main",
            path: "env/dev/kart-web",
            now: 100
        )
        snapshot.sync = .synced
        snapshot.health = .degraded
        let revision = ApplicationSnapshot.Revision(
            commit: "abc",
            author: "Kari",
            subject: "Change",
            time: 90
        )
        snapshot.applied = revision
        snapshot.desired = revision
        snapshot.appliedAt = 95
        snapshot.findings = (0..<30).map {
            Finding(severity: .info, code: .conflict, message: "note \($0)", since: 1)
        }
        let held = "v1/PersistentVolumeClaim:kart-web/data"
        snapshot.findings.append(
            Finding(severity: .warning, code: .heldDeletion, message: "waits", object: held, since: 1)
        )
        var record = SyncRecord(number: 7, cause: .manual, revision: revision, startedAt: 94)
        record.created = 3
        let object = ApplicationObject(
            snapshot: snapshot,
            tombstone: Tombstone(since: 99, commit: "def", isHeld: true),
            trees: ["t"],
            history: [record]
        )
        var stored = object.manifest
        #expect(stored.namespace == "tenant-kart")
        #expect(stored.name == "dev.kart-web")
        stored["status"] = object.statusManifest(generation: 2)["status"]
        let read = try #require(ApplicationObject(stored))
        #expect(read.snapshot.applied == revision)
        #expect(read.snapshot.appliedAt == 95)
        #expect(read.snapshot.health == .degraded)
        #expect(read.trees == ["t"])
        #expect(read.tombstone == object.tombstone)
        // The worst first, and not all of them.
        #expect(read.snapshot.findings.count == 20)
        #expect(read.snapshot.findings.first?.object == held)
        #expect(read.snapshot.findings.first?.code == .heldDeletion)
        #expect(read.history.first?.number == 7)
        #expect(read.history.first?.created == 3)
        #expect(read.history.first?.result == .running)
    }

    @Test("The marks of a copy do not make it an application's own")
    func copies() {
        let fixture = PlanFixture()
        let map = fixture.configMap("a").object
        #expect(fixture.tracking.owns(map))
        var copy = map
        copy.name = "b"
        #expect(!fixture.tracking.owns(copy))
        #expect(!Tracking.namesItself(copy))
        #expect(fixture.tracking.value.count == 20)
        #expect(
            Tracking(ApplicationID(tenant: "kart", cluster: "dev", namespace: "kart-api")).value
                != fixture.tracking.value
        )
    }
}
