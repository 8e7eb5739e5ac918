import Delivery
import KubeClient
import KubeModel
import Testing

@Suite("5. The plan and its order: depends-on with waves and failures", .timeLimit(.minutes(1)))
struct Section05DependencyTests {
    private let plans = PlanFixture()

    private func depending(_ name: String, on other: String, wave: String = "0") -> DesiredObject {
        plans.configMap(
            name,
            annotations: [
                "config.kubernetes.io/depends-on": "/namespaces/kart-web/ConfigMap/\(other)",
                "varde.dev/wave": wave,
            ]
        )
    }

    @Test("What depends on an object of a later wave or phase is refused, and says so")
    func later() throws {
        let objects = [
            depending("a", on: "late"), plans.configMap("late", annotations: ["varde.dev/wave": "2"]),
            depending("b", on: "post"),
            plans.configMap("post", annotations: ["argocd.argoproj.io/hook": "PostSync"]),
            depending("c", on: "early", wave: "1"), plans.configMap("early"),
        ]
        let plan = plans.plan(objects)
        #expect(
            plan.step("a")?.reason == "depends on ConfigMap late, which comes later, in wave 2"
        )
        #expect(plan.step("b")?.reason == "depends on ConfigMap post, which comes later, in phase postsync")
        #expect(plan.step("c")?.action == .create)
    }

    @Test("What depends on an object that is refused is refused with it")
    func cascade() {
        let objects = [
            depending("a", on: "b"), depending("b", on: "a"), depending("c", on: "a"),
            depending("d", on: "c"), plans.configMap("e"),
        ]
        let plan = plans.plan(objects)
        #expect(plan.step("c")?.reason == "depends on ConfigMap a, which is refused")
        #expect(plan.step("d")?.reason == "depends on ConfigMap c, which is refused")
        #expect(plan.step("e")?.action == .create)
        let rest = plans.plan(objects, live: [plans.applied(plans.configMap("e"))])
        guard case .done = SyncDecision(rest, health: { _ in Health(.healthy) }) else {
            Issue.record("nothing is left to wait for")
            return
        }
    }

    @Test(
        "A dependency that names nothing is told with the form that it should have, and nothing is applied without it",
        arguments: [
            "ConfigMap/e", "namespaces/kart-web/ConfigMap/e", "/namespaces/kart-web/ConfigMap/",
            "/namespaces/kart-web/ConfigMap/e, e", "v1/ConfigMap/kart-web/e", "e",
        ]
    )
    func malformed(text: String) throws {
        let bad = plans.configMap("a", annotations: [Dependency.annotation: text])
        let plan = plans.plan([bad, depending("b", on: "a"), plans.configMap("e")])
        #expect(plan.lines == ["refuse ConfigMap a", "refuse ConfigMap b", "create ConfigMap e"])
        let finding = try #require(plan.findings.first { $0.object == bad.reference.description })
        #expect(finding.code == .refused && finding.severity == .error)
        #expect(
            finding.message.contains(
                "not of the form group/namespaces/NAMESPACE/Kind/name, or group/Kind/name"
            )
        )
        let entry = try #require(text.split(separator: ",").last)
        #expect(finding.message.contains("ConfigMap a depends on \"\(entry.drop { $0 == " " })\""))
    }

    @Test("Dependencies may be set apart by spaces, and the last followed by a comma")
    func spaces() {
        let text = " /namespaces/kart-web/ConfigMap/e , apps/namespaces/kart-web/Deployment/d,/Namespace/n,"
        let names = Dependency.all(in: text).map { "\($0.group)/\($0.kind):\($0.namespace)/\($0.name)" }
        #expect(names == ["/ConfigMap:kart-web/e", "apps/Deployment:kart-web/d", "/Namespace:/n"])
        let map = plans.configMap(
            "a",
            annotations: [Dependency.annotation: "/namespaces/kart-web/ConfigMap/e, "]
        )
        #expect(plans.plan([map, plans.configMap("e")]).findings.isEmpty)
    }

    @Test("What depends on an object that failed does not wait for its health: the sync has failed")
    func failed() {
        let bad = plans.configMap("bad")
        let failure = FailedStep(
            digest: bad.digest,
            version: "",
            message: "no",
            retryAt: 2_000,
            attempts: 0,
            finding: nil
        )
        let plan = plans.plan([bad, depending("a", on: "bad")]) { $0.failures = [bad.reference: failure] }
        guard case .stuck = SyncDecision(plan, health: { _ in Health(.missing) }) else {
            Issue.record("it must not look as if it waited")
            return
        }
    }

    @Test("A hook that has ended and is being removed holds up nothing")
    func goingHook() throws {
        let annotations = ["argocd.argoproj.io/hook": "PreSync"]
        let hook = plans.configMap("hook", annotations: annotations)
        var going = plans.applied(hook)
        going.set("2026-01-01T00:00:00Z", at: "metadata", "deletionTimestamp")
        var result = HookResult(uid: going.uid, commit: "", outcome: .succeeded)
        result.commit = hook.object.annotation(DesiredObject.hookRevision) ?? ""
        let plan = plans.plan([hook, plans.configMap("a")], live: [going]) {
            $0.hookResults = [hook.reference: result]
        }
        guard plan.step("hook")?.action == SyncStep.Action.none else { return }
        guard case .apply = SyncDecision(plan, health: { _ in Health(.progressing, "is being deleted") })
        else {
            Issue.record("what comes next may begin")
            return
        }
    }

    @Test("A parked object waits, step by step, and is not told as skipped")
    func parkedStep() async throws {
        let widget = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\n"
        let web = DeliveryFixture.id("kart-web")
        let files = ["env/dev/kart-web/w.yaml": widget, "env/dev/kart-web/a.yaml": configMap("a")]
        try await DeliveryFixture.run(files) { fixture in
            try await fixture.wait(web) { $0.findings.contains { $0.code == .unknownKind } }
            try await fixture.eventually("the step says what it waits for") {
                fixture.board.history(of: web).first?.steps.contains {
                    $0.object.hasPrefix("example.com/Widget") && $0.state == .waiting
                        && $0.message.contains("waits until the cluster knows")
                } ?? false
            }
        }
    }
}
