import Delivery
import KubeClient
import KubeModel
import KubeTesting
import Rendering
import Testing

@Suite("5. Hooks: when one is over", .timeLimit(.minutes(1)))
struct Section05HookEndTests {
    private let plans = PlanFixture()

    /// A hook, its live object with a status, and what comes after it.
    private func decision(
        _ hook: JSON,
        phase: String = "PreSync",
        status: JSON,
        after later: [DesiredObject]
    ) -> SyncDecision {
        var object = KubeObject(hook)
        object.annotations = ["argocd.argoproj.io/hook": phase]
        let hook = plans.desired(object.json)
        var live = plans.applied(hook)
        live["status"] = status
        return SyncDecision(plans.plan([hook] + later, live: [live])) { step in
            step.live.map { Health(of: $0) } ?? Health(.missing)
        }
    }

    private func pod(restartPolicy: String = "Never") -> JSON {
        [
            "apiVersion": "v1", "kind": "Pod", "metadata": ["name": "h"],
            "spec": ["restartPolicy": .string(restartPolicy), "containers": [["name": "c", "image": "i"]]],
        ]
    }

    private let ready: JSON = ["phase": "Running", "conditions": [["type": "Ready", "status": "True"]]]
    private let suspended: JSON = ["conditions": [["type": "Suspended", "status": "True"]]]

    @Test("A hook that runs to an end is awaited while it runs, ready or suspended, in every phase")
    func running() {
        let job: JSON = ["apiVersion": "batch/v1", "kind": "Job", "metadata": ["name": "h"]]
        let map = plans.configMap("a")
        let post = plans.configMap("p", annotations: ["argocd.argoproj.io/hook": "PostSync"])
        for decision in [
            decision(pod(), status: ready, after: [map]),
            decision(pod(restartPolicy: "OnFailure"), phase: "Sync", status: ready, after: [post]),
            decision(pod(), phase: "PostSync", status: ready, after: []),
            decision(job, status: suspended, after: [map]),
            decision(job, phase: "Sync", status: suspended, after: [post]),
        ] {
            guard case .waitForHealth(0, let awaited) = decision else {
                Issue.record("it goes on while the hook runs: \(decision)")
                continue
            }
            #expect(awaited.map(\.reference.name) == ["h"])
            #expect(awaited.first?.health.state == .progressing)
            #expect(awaited.first?.health.message.isEmpty == false)
        }
    }

    @Test("A Pod that is meant to run on, and other kinds, are over when they are healthy")
    func healthy() {
        let map: JSON = ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "h"]]
        for hook in [pod(restartPolicy: "Always"), map] {
            guard case .apply = decision(hook, status: ready, after: [plans.configMap("a")]) else {
                Issue.record("what comes next may begin")
                continue
            }
        }
    }

    @Test("What depends on a hook waits for its end, and not for one that is gone")
    func dependent() {
        let key = "config.kubernetes.io/depends-on"
        let user = plans.configMap("a", annotations: [key: "/namespaces/kart-web/Pod/h"])
        guard
            case .waitForHealth(_, let awaited) = decision(pod(), phase: "Sync", status: ready, after: [user])
        else {
            Issue.record("the hook still runs")
            return
        }
        #expect(awaited.map(\.dependent?.name) == ["a"])
        var object = KubeObject(pod())
        object.annotations = ["argocd.argoproj.io/hook": "Sync"]
        let hook = DesiredObject(
            Manifest(object: object, origin: ManifestOrigin(file: "h.yaml")),
            resource: .pods,
            tracking: plans.tracking,
            namespace: "kart-web",
            revision: "abc"
        )
        let plan = plans.plan([hook, user]) {
            $0.hookResults = [hook.reference: HookResult(uid: "u", commit: "abc", outcome: .succeeded)]
        }
        guard case .apply(_, let groups) = SyncDecision(plan, health: { _ in Health(.missing) }) else {
            Issue.record("the hook is over, and gone")
            return
        }
        #expect(groups.joined().map(\.reference.name) == ["a"])
    }

    @Test("How Jobs, Pods and Workflows ended is their hooks' result; while they run there is none")
    func results() {
        func outcome(_ api: String, _ kind: String, _ status: JSON, spec: JSON = [:]) -> HookResult.Outcome? {
            var object = KubeObject(apiVersion: api, kind: kind, name: "h")
            object.annotations = [DesiredObject.hookRevision: "abc"]
            object.set("u", at: "metadata", "uid")
            (object["spec"], object["status"]) = (spec, status)
            return HookResult(of: object)?.outcome
        }
        let workflow = { outcome("argoproj.io/v1alpha1", "Workflow", $0) }
        #expect(workflow(["phase": "Running"]) == nil)
        #expect(workflow([:]) == nil)
        #expect(workflow(["phase": "Succeeded"]) == .succeeded)
        #expect(workflow(["phase": "Failed", "message": "step b"]) == .failed("step b"))
        #expect(workflow(["phase": "Error"]) == .failed("has failed"))
        #expect(outcome("batch/v1", "Job", suspended) == nil)
        #expect(outcome("v1", "Pod", ready, spec: ["restartPolicy": "Never"]) == nil)
        #expect(outcome("v1", "Pod", ready) == .succeeded)
        #expect(outcome("v1", "Pod", ["phase": "Succeeded"], spec: ["restartPolicy": "Never"]) == .succeeded)
    }

    @Test("A hook Pod that fails after it was ready fails the sync before anything comes after it")
    func failing() async throws {
        func pod(_ name: String, _ hook: String, exitCode: Int) -> String {
            """
            apiVersion: v1
            kind: Pod
            metadata:
              name: \(name)
              annotations: {argocd.argoproj.io/hook: \(hook), sim.varde.dev/run-for: 500ms, sim.varde.dev/exit-code: "\(exitCode)"}
            spec: {restartPolicy: Never, containers: [{name: c, image: "registry.example.com/job:1"}]}
            """
        }
        let web = DeliveryFixture.id("kart-web")
        let files = [
            "env/dev/kart-web/hook.yaml": pod("migrate", "PreSync", exitCode: 1),
            "env/dev/kart-web/fail.yaml": pod("tell", "SyncFail", exitCode: 0),
            "env/dev/kart-web/a.yaml": configMap("a"),
        ]
        try await DeliveryFixture.run(files, contents: .workloads(nodes: 1)) { fixture in
            let failed = try await fixture.wait(web) { $0.sync == .failed }
            #expect(failed.message.contains("Hook Pod migrate failed"))
            try await fixture.eventually("the hook for failures runs") {
                try await fixture.dev.find(.pods, ObjectName(namespace: "kart-web", name: "tell")) != nil
            }
            let map = ObjectName(namespace: "kart-web", name: "a")
            #expect(try await fixture.dev.find(.configMaps, map) == nil)
        }
    }
}
