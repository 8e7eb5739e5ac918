import Delivery
import KubeClient
import KubeModel
import KubeTesting
import Rendering
import Testing

@Suite("5. Hooks", .timeLimit(.minutes(1)))
struct Section05HookTests {
    private let plans = PlanFixture()
    private let web = DeliveryFixture.id("kart-web")

    private func job(
        _ name: String,
        _ annotations: [String: String],
        exitCode: Int = 0,
        nameKey: String = "name"
    ) -> String {
        let lines = annotations.sorted { $0.key < $1.key }.map { "    \($0.key): \"\($0.value)\"" }
        return """
            apiVersion: batch/v1
            kind: Job
            metadata:
              \(nameKey): \(name)
              annotations:
            \(lines.joined(separator: "\n"))
            spec:
              backoffLimit: 0
              template:
                metadata:
                  annotations: {sim.varde.dev/exit-code: "\(exitCode)", sim.varde.dev/run-for: 100ms}
                spec:
                  restartPolicy: Never
                  containers: [{name: job, image: "registry.example.com/job:1"}]
            """
    }

    private func jobs(_ fixture: DeliveryFixture) async throws -> [String] {
        try await fixture.dev.list(.jobs, namespace: "kart-web").items.map(\.name).sorted()
    }

    @Test("Hooks of Argo CD and Helm are put into phases; Argo CD's annotation wins")
    func annotations() {
        func phase(_ annotations: [String: String]) -> String {
            let rules = ObjectRules(plans.configMap("a", annotations: annotations).object)
            return "\(rules.hook.map { "\($0)" } ?? "none")"
        }
        #expect(phase(["helm.sh/hook": "pre-install,pre-upgrade"]) == "preSync")
        #expect(phase(["helm.sh/hook": "post-upgrade"]) == "postSync")
        #expect(phase(["helm.sh/hook": "test"]) == "skip")
        #expect(phase(["helm.sh/hook": "crd-install"]) == "none")
        #expect(phase(["argocd.argoproj.io/hook": "SyncFail"]) == "syncFail")
        #expect(phase(["argocd.argoproj.io/hook": "Sync", "helm.sh/hook": "pre-install"]) == "sync")
        let policies = ObjectRules(
            plans.configMap(
                "a",
                annotations: [
                    "helm.sh/hook": "pre-install",
                    "helm.sh/hook-delete-policy": "hook-succeeded, hook-failed",
                ]
            ).object
        )
        #expect(policies.hookDeletion == [.succeeded, .failed])
        let plain = ObjectRules(plans.configMap("a", annotations: ["helm.sh/hook": "pre-install"]).object)
        #expect(plain.hookDeletion == [.beforeCreation])
    }

    @Test("A hook's result is recorded by uid: one that has disappeared does not run again for its commit")
    func recorded() async throws {
        let hook = job(
            "migrate",
            ["argocd.argoproj.io/hook": "PreSync", "argocd.argoproj.io/hook-delete-policy": "HookSucceeded"]
        )
        let files = ["env/dev/kart-web/hook.yaml": hook, "env/dev/kart-web/a.yaml": configMap("a")]
        try await DeliveryFixture.run(files, contents: .workloads(nodes: 1)) { fixture in
            try await fixture.wait(web) { $0.sync == .synced && $0.health == .healthy }
            try await fixture.eventually("the hook is removed") { try await jobs(fixture).isEmpty }
            let record = ObjectName(namespace: "tenant-kart", name: "dev.kart-web")
            let result = try await fixture.admin.get(.applications, record).at("status", "hooks")?[0]
            #expect(result?["result"] == "succeeded")
            #expect(result?["name"] == "migrate")
            // A repair runs no hooks, and the deleted one is nothing that is missing.
            try await fixture.dev.delete(.configMaps, ObjectName(namespace: "kart-web", name: "a"))
            try await fixture.eventually("it is repaired") {
                fixture.board.history(of: web).first.map { $0.cause == .drift && $0.result == .succeeded }
                    ?? false
            }
            #expect(try await jobs(fixture).isEmpty)
            let synced = try await fixture.wait(web) { $0.sync == .synced && $0.health == .healthy }
            #expect(synced.counts.total == 1)
        }
    }

    @Test("A failed sync runs its SyncFail hooks, once; HookFailed removes the hook that failed")
    func failing() async throws {
        let bad = job(
            "migrate",
            ["argocd.argoproj.io/hook": "PreSync", "argocd.argoproj.io/hook-delete-policy": "HookFailed"],
            exitCode: 1
        )
        let files = [
            "env/dev/kart-web/hook.yaml": bad, "env/dev/kart-web/a.yaml": configMap("a"),
            "env/dev/kart-web/fail.yaml": job("tell", ["argocd.argoproj.io/hook": "SyncFail"]),
        ]
        try await DeliveryFixture.run(files, contents: .workloads(nodes: 1)) { fixture in
            let failed = try await fixture.wait(web) { $0.sync == .failed }
            #expect(failed.message.contains("Hook Job migrate failed"))
            try await fixture.eventually("only the hook for failures is there") {
                try await jobs(fixture) == ["tell"]
            }
            try await fixture.eventually("the history says that the hook failed, and was removed") {
                let step = fixture.board.history(of: web).first?.steps.first { $0.object.contains("migrate") }
                return step?.trail.contains {
                    $0.state == .failed && $0.message.hasSuffix("; is removed (HookFailed)")
                } ?? false
            }
            let name = ObjectName(namespace: "kart-web", name: "a")
            #expect(try await fixture.dev.find(.configMaps, name) == nil)

            let commit = try await fixture.repository.push(["env/dev/kart-web/hook.yaml": nil])
            try await fixture.synced(web, to: commit)
            #expect(try await fixture.dev.find(.configMaps, name) != nil)
        }
    }

    @Test("A sync has not succeeded before its PostSync hooks have")
    func postSync() async throws {
        let hook = job("smoke", ["argocd.argoproj.io/hook": "PostSync"], exitCode: 1)
        let files = ["env/dev/kart-web/hook.yaml": hook, "env/dev/kart-web/a.yaml": configMap("a")]
        try await DeliveryFixture.run(files, contents: .workloads(nodes: 1)) { fixture in
            let failed = try await fixture.wait(web) { $0.sync == .failed }
            #expect(failed.message.contains("Hook Job smoke failed"))
            #expect(failed.applied == nil)
            let name = ObjectName(namespace: "kart-web", name: "a")
            #expect(try await fixture.dev.find(.configMaps, name) != nil)
        }
    }

    @Test("A hook with generateName runs once for each commit, under a name of its own")
    func generated() async throws {
        let hook = job("migrate-", ["argocd.argoproj.io/hook": "PreSync"], nameKey: "generateName")
        let files = ["env/dev/kart-web/hook.yaml": hook, "env/dev/kart-web/a.yaml": configMap("a")]
        try await DeliveryFixture.run(files, contents: .workloads(nodes: 1)) { fixture in
            let first = try await fixture.wait(web) { $0.sync == .synced }
            let commit = try #require(first.applied?.commit.prefix(7))
            #expect(try await jobs(fixture) == ["migrate-\(commit)-presync"])
            let second = try await fixture.repository.push(["env/dev/kart-web/a.yaml": configMap("a", "2")])
            try await fixture.synced(web, to: second)
            try await fixture.eventually("the hook of the commit before is gone") {
                try await jobs(fixture) == ["migrate-\(second.prefix(7))-presync"]
            }
        }
    }

    @Test("A hook that names two phases runs in both, the second when everything of the commit is there")
    func phases() async throws {
        let hooks = ["argocd.argoproj.io/hook": "PostSync, PreSync"]
        let files = [
            "env/dev/kart-web/named.yaml": job("tell", hooks),
            "env/dev/kart-web/unnamed.yaml": job("each-", hooks, nameKey: "generateName"),
            "env/dev/kart-web/a.yaml": configMap("a"),
        ]
        try await DeliveryFixture.run(files, contents: .workloads(nodes: 1)) { fixture in
            let first = try await fixture.wait(web) { $0.sync == .synced && $0.health == .healthy }
            let commit = try #require(first.applied?.commit.prefix(7))
            let names = ["each-\(commit)-postsync", "each-\(commit)-presync", "tell"]
            #expect(try await jobs(fixture) == names)
            let tell = try await fixture.dev.get(.jobs, ObjectName(namespace: "kart-web", name: "tell"))
            #expect(tell.annotation(DesiredObject.hookPhase) == "postsync")
            let written = fixture.faults.writes.filter { $0.method == .patch }.map(\.path)
            let places = written.indices.filter { written[$0].hasSuffix("/jobs/tell") }
            let map = try #require(written.firstIndex { $0.hasSuffix("/configmaps/a") })
            #expect(places.count == 2 && places[0] < map && map < places[1])

            let second = try await fixture.repository.push(["env/dev/kart-web/a.yaml": configMap("a", "2")])
            try await fixture.synced(web, to: second)
            try await fixture.eventually("the hooks of the commit before are gone") {
                try await jobs(fixture) == [
                    "each-\(second.prefix(7))-postsync", "each-\(second.prefix(7))-presync", "tell",
                ]
            }
            #expect(
                fixture.faults.writes.count { $0.method == .patch && $0.path.hasSuffix("/jobs/tell") } == 4
            )
        }
    }

    /// The hook `h` before everything else, of commit `abc`.
    private func hook(_ annotations: [String: String] = [:]) -> DesiredObject {
        var object = KubeObject(apiVersion: "v1", kind: "ConfigMap", name: "h")
        object.annotations = annotations.merging(["argocd.argoproj.io/hook": "PreSync"]) { own, _ in own }
        return DesiredObject(
            Manifest(object: object, origin: ManifestOrigin(file: "h.yaml")),
            resource: .configMaps,
            tracking: plans.tracking,
            namespace: "kart-web",
            revision: "abc"
        )
    }

    @Test("A hook that failed is planned again at its time, as everything that failed")
    func again() {
        let hook = hook()
        var result = HookResult(uid: "u", commit: "abc", outcome: .failed("no"))
        result.retryAt = plans.now + 5
        let early = plans.plan([hook]) { $0.hookResults = [hook.reference: result] }.step("h")
        #expect(early?.obstacle == .failed(message: "Hook ConfigMap h failed: no", retryAt: plans.now + 5))
        let due = plans.plan([hook]) {
            $0.hookResults = [hook.reference: result]
            $0.now += 6
        }
        #expect(due.step("h")?.isRunnable == true)
    }

    @Test("While a hook that failed is being removed, nothing that comes after it begins")
    func goingHook() {
        let hook = hook(["argocd.argoproj.io/hook-delete-policy": "HookFailed"])
        var live = plans.applied(hook)
        live.set("u", at: "metadata", "uid")
        var result = HookResult(uid: "u", commit: "abc", outcome: .failed("no"))
        result.retryAt = plans.now + 5
        let plan = plans.plan([hook, plans.configMap("a")], live: [live]) {
            $0.hookResults = [hook.reference: result]
            $0.recordedHooks = ["u"]
            // The view does not show yet that it goes.
            $0.sentDeletions = [hook.reference: "u"]
        }
        guard case .stuck = SyncDecision(plan, health: { _ in Health(.healthy) }) else {
            Issue.record("something is done: \(plan.steps.map(\.reason))")
            return
        }
    }
}
