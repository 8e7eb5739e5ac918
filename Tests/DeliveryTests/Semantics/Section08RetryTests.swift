import Delivery
import KubeClient
import KubeModel
import KubeRuntime
import KubeTesting
import Synchronization
import Testing

@Suite("8. Retry", .timeLimit(.minutes(1)))
struct Section08RetryTests {
    private let plans = PlanFixture()
    private let web = DeliveryFixture.id("kart-web")

    @Test("Automatic sync retries for ever, 5 s doubling to 3 min")
    func backoff() {
        let delays = (0..<8).map { Backoff().delay(attempt: $0) }
        #expect(delays == [5, 10, 20, 40, 80, 160, 180, 180].map { .seconds($0) })
        #expect(Backoff().delay(attempt: 10_000) == .seconds(180))
    }

    @Test("At once when something that it waits for changes: the manifest, or the live object")
    func atOnce() {
        let map = plans.configMap("a")
        let failed = FailedStep(
            digest: map.digest,
            version: "1",
            message: "no",
            retryAt: plans.now + 180,
            attempts: 9,
            finding: nil
        )
        func isRunnable(_ desired: DesiredObject, version: String, later: Double = 0) -> Bool? {
            var live = plans.applied(map, version: version)
            live.set("changed", at: "data", "a")
            return plans.plan([desired], live: [live]) {
                $0.failures = [map.reference: failed]
                $0.now += later
            }.step("a")?.isRunnable
        }
        #expect(isRunnable(map, version: "1") == false)
        #expect(isRunnable(map, version: "2") == true)
        #expect(isRunnable(plans.configMap("a", ["a": "2"]), version: "1") == true)
        #expect(isRunnable(map, version: "1", later: 180) == true)
    }

    @Test("An object that is another application's is delivered at once when that one's directory is gone")
    func released() async throws {
        let role =
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: shared}\n"
            + "rules: [{apiGroups: [\"\"], resources: [pods], verbs: [get]}]\n"
        let name = ObjectName(name: "shared")
        try await DeliveryFixture.run(["env/dev/kart-b/a.yaml": configMap("a")]) { fixture in
            fixture.policy.allowsClusterScoped.withLock { $0 = true }
            let first = DeliveryFixture.id("kart-first")
            try await fixture.repository.push(["env/dev/kart-first/a.yaml": role])
            try await fixture.wait(first) { $0.sync == .synced }
            try await fixture.repository.push(["env/dev/kart-web/a.yaml": role])
            try await fixture.wait(web) { $0.message.contains("belongs to application kart/dev.kart-first") }
            try await fixture.repository.push(["env/dev/kart-first": nil])
            try await fixture.wait(web) { $0.sync == .synced }
            let live = try await fixture.dev.get(.clusterRoles, name)
            #expect(live.label("varde.dev/application") == Tracking(web).value)
        }
    }

    @Test("What an application that is gone was to keep is another's that has it, at once")
    func leftBehind() async throws {
        let role =
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\n"
            + "metadata: {name: shared, annotations: {argocd.argoproj.io/sync-options: Prune=false}}\n"
            + "rules: [{apiGroups: [\"\"], resources: [pods], verbs: [get]}]\n"
        let name = ObjectName(name: "shared")
        try await DeliveryFixture.run(["env/dev/kart-b/a.yaml": configMap("a")]) { fixture in
            fixture.policy.allowsClusterScoped.withLock { $0 = true }
            let first = DeliveryFixture.id("kart-first")
            try await fixture.repository.push(["env/dev/kart-first/a.yaml": role])
            try await fixture.wait(first) { $0.sync == .synced }
            let uid = try await fixture.dev.get(.clusterRoles, name).uid
            try await fixture.repository.push(["env/dev/kart-web/a.yaml": role])
            try await fixture.wait(web) { $0.message.contains("belongs to application kart/dev.kart-first") }
            try await fixture.repository.push(["env/dev/kart-first": nil])
            try await fixture.wait(web, within: .seconds(20)) { $0.sync == .synced }
            let live = try await fixture.dev.get(.clusterRoles, name)
            #expect(live.label("varde.dev/application") == Tracking(web).value && live.uid == uid)
            #expect(fixture.board.application(first) == nil)
        }
    }

    @Test(
        "Repair of an object that is fought over, 5 times in a minute, backs off and names the other manager"
    )
    func fights() async throws {
        var log = FightLog()
        let map = plans.configMap("a").reference
        #expect((0..<4).allSatisfy { log.repaired(map, at: Double($0)) == nil })
        #expect(log.repaired(map, at: 5) == 15)
        #expect(log.repaired(map, at: 6) == 30)
        #expect(log.repaired(map, at: 500) == nil)

        try await DeliveryFixture.run(["env/dev/kart-web/a.yaml": configMap("a", "ours")]) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            let rival = fixture.acting(as: "rival-controller")
            let name = ObjectName(namespace: "kart-web", name: "a")
            for _ in 0...FightLog.limit {
                try await fixture.eventually("it is set back") {
                    try await fixture.dev.get(.configMaps, name).label("varde.dev/application")
                        == Tracking(web).value
                }
                _ = try await rival.patch(
                    .configMaps,
                    name,
                    merge: ["metadata": ["labels": ["varde.dev/application": nil]]]
                )
            }
            let fought = try await fixture.wait(web) { $0.findings.contains { $0.code == .fight } }
            let finding = try #require(fought.findings.first { $0.code == .fight })
            #expect(finding.message.contains("lost its label varde.dev/application"))
        }
    }

    @Test(
        "Tries of one sync are one entry of the history, which counts each object once and says how often it was tried"
    )
    func history() async throws {
        let faults = Faults()
        faults.set { $0.method == .patch && $0.path.hasSuffix("/configmaps/b") ? .status(422) : .none }
        let files = ["env/dev/kart-web/a.yaml": configMap("a"), "env/dev/kart-web/b.yaml": configMap("b")]
        try await DeliveryFixture.run(files, faults: faults) { fixture in
            try await fixture.wait(web) { $0.sync == .failed }
            @Sendable func last() -> SyncRecord? { fixture.board.history(of: web).first }
            let name = ObjectName(namespace: "kart-web", name: "a")
            for retry in 1...2 {
                let uid = try await fixture.dev.get(.configMaps, name).uid
                try await fixture.dev.delete(.configMaps, name)
                try await fixture.eventually("what is gone is made again") {
                    let live = try await fixture.dev.find(.configMaps, name)
                    return live.map { $0.uid != uid } ?? false && last()?.result == .failed
                        && (last()?.retries ?? 0) >= retry
                }
                #expect(last()?.created == 1)
            }
            faults.set { _ in .none }
            try await fixture.wait(web) { $0.sync == .synced }
            let synced = try #require(last())
            #expect(fixture.board.history(of: web).count == 1)
            #expect(synced.cause == .commit && synced.result == .succeeded)
            #expect(synced.created == 2 && synced.updated == 0 && synced.retries >= 3)
            try await fixture.eventually("the Application object says so, too") {
                let record = ObjectName(namespace: "tenant-kart", name: "dev.kart-web")
                let object = try await fixture.admin.get(.applications, record)
                return ApplicationObject(object)?.history.first?.retries == synced.retries
            }
        }
    }
}
