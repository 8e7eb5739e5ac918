import Delivery
import KubeClient
import KubeModel
import KubeTesting
import Testing

@Suite("5. The plan and its order", .timeLimit(.minutes(1)))
struct Section05OrderTests {
    private let plans = PlanFixture()
    private let web = DeliveryFixture.id("kart-web")

    private static let order: [(String, String)] = [
        ("v1", "Namespace"), ("networking.k8s.io/v1", "NetworkPolicy"), ("v1", "ResourceQuota"),
        ("v1", "LimitRange"), ("policy/v1", "PodDisruptionBudget"), ("scheduling.k8s.io/v1", "PriorityClass"),
        ("v1", "ServiceAccount"), ("v1", "Secret"), ("v1", "ConfigMap"),
        ("storage.k8s.io/v1", "StorageClass"),
        ("v1", "PersistentVolume"), ("v1", "PersistentVolumeClaim"),
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
        ("rbac.authorization.k8s.io/v1", "ClusterRole"),
        ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"), ("rbac.authorization.k8s.io/v1", "Role"),
        ("rbac.authorization.k8s.io/v1", "RoleBinding"), ("v1", "Service"), ("apps/v1", "DaemonSet"),
        ("v1", "Pod"), ("v1", "ReplicationController"), ("apps/v1", "ReplicaSet"), ("apps/v1", "Deployment"),
        ("autoscaling/v2", "HorizontalPodAutoscaler"), ("apps/v1", "StatefulSet"), ("batch/v1", "Job"),
        ("batch/v1", "CronJob"), ("networking.k8s.io/v1", "IngressClass"),
        ("networking.k8s.io/v1", "Ingress"),
        ("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"),
        ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"),
        ("apiregistration.k8s.io/v1", "APIService"), ("example.com/v1", "Widget"),
    ]

    @Test("Inside a wave: kinds in this order, unknown kinds last, then by name")
    func kinds() {
        let objects = Self.order.reversed().flatMap { api, kind in
            ["b", "a"].map { plans.object(kind, $0, api: api) }
        }
        let wanted = Self.order.flatMap { _, kind in ["\(kind) a", "\(kind) b"] }
        #expect(
            plans.plan(objects).steps.map { "\($0.reference.kind) \($0.reference.name)" } == wanted
        )
    }

    @Test("Phases come before waves, waves by number, default 0")
    func waves() {
        func map(_ name: String, _ annotations: [String: String]) -> DesiredObject {
            plans.configMap(name, annotations: annotations)
        }
        let objects = [
            map("post", ["argocd.argoproj.io/hook": "PostSync", "varde.dev/wave": "-9"]),
            map("late", ["argocd.argoproj.io/sync-wave": "2"]), map("zero", [:]),
            map("early", ["helm.sh/hook-weight": "-1"]), map("pre", ["argocd.argoproj.io/hook": "PreSync"]),
        ]
        let names = plans.plan(objects).steps.map(\.reference.name)
        #expect(names == ["pre", "early", "zero", "late", "post"])
    }

    @Test("A CRD or Namespace moves ahead of its first user, into an earlier phase if need be")
    func ahead() {
        let definition = plans.desired([
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": ["name": "widgets.example.com", "annotations": ["varde.dev/wave": "3"]],
            "spec": ["group": "example.com", "names": ["kind": "Widget", "plural": "widgets"]],
        ])
        let widget = plans.object(
            "Widget",
            "w",
            api: "example.com/v1",
            annotations: ["argocd.argoproj.io/hook": "PreSync"]
        )
        let steps = plans.plan([widget, definition]).steps
        #expect(steps.map(\.reference.kind) == ["CustomResourceDefinition", "Widget"])
        #expect(steps.first?.phase == .preSync)
    }

    @Test("One object that fails stops the next wave, and leaves the others of its wave applied")
    func failure() throws {
        let (bad, good) = (plans.configMap("bad"), plans.configMap("good"))
        let next = plans.configMap("next", annotations: ["varde.dev/wave": "1"])
        let failed = FailedStep(
            digest: bad.digest,
            version: "",
            message: "no",
            retryAt: 2_000,
            attempts: 0,
            finding: nil
        )
        var plan = plans.plan([bad, good, next]) { $0.failures = [bad.reference: failed] }
        guard case .apply(_, let groups) = SyncDecision(plan, health: { _ in Health(.healthy) }) else {
            Issue.record("the good one is to be applied")
            return
        }
        #expect(groups.joined().map(\.reference.name) == ["good"])
        plan = plans.plan([bad, good, next], live: [plans.applied(good)]) {
            $0.failures = [bad.reference: failed]
        }
        guard case .stuck = SyncDecision(plan, health: { _ in Health(.healthy) }) else {
            Issue.record("the next wave must wait")
            return
        }
    }

    @Test("A custom resource whose CRD is not there is parked, and the sync says that it waits for that")
    func parked() async throws {
        let widget = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\n"
        let files = ["env/dev/kart-web/w.yaml": widget, "env/dev/kart-web/a.yaml": configMap("a")]
        try await DeliveryFixture.run(files) { fixture in
            let parked = try await fixture.wait(web) { $0.findings.contains { $0.code == .unknownKind } }
            let finding = try #require(parked.findings.first { $0.code == .unknownKind })
            #expect(finding.message.contains("no kind Widget in example.com/v1; w waits for it"))
            #expect(finding.origin?.hasPrefix("env/dev/kart-web/w.yaml") == true)
            let map = ObjectName(namespace: "kart-web", name: "a")
            try await fixture.eventually("the rest is applied") {
                try await fixture.dev.find(.configMaps, map) != nil
            }
        }
    }

    // MARK: Dependencies

    private func depending(_ name: String, on other: String) -> DesiredObject {
        plans.configMap(
            name,
            annotations: ["config.kubernetes.io/depends-on": "/namespaces/kart-web/ConfigMap/\(other)"]
        )
    }

    @Test("depends-on orders object by object and waits for health")
    func dependsOn() {
        let (first, second) = (plans.configMap("z"), depending("a", on: "z"))
        guard
            case .apply(_, let groups) = SyncDecision(
                plans.plan([first, second]),
                health: { _ in Health(.missing) }
            )
        else {
            Issue.record("something is to be applied")
            return
        }
        #expect(groups.joined().map(\.reference.name) == ["z"])
        let plan = plans.plan([first, second], live: [plans.applied(first)])
        guard
            case .waitForHealth(_, let awaited) = SyncDecision(
                plan,
                health: { _ in Health(.progressing, "is starting") }
            )
        else {
            Issue.record("it must wait for health")
            return
        }
        #expect(awaited.map(\.reference.name) == ["z"])
        #expect(awaited.first?.dependent?.name == "a")
        #expect(awaited.first?.health.message == "is starting")
        guard case .apply(_, let rest) = SyncDecision(plan, health: { _ in Health(.healthy) }) else {
            Issue.record("it may be applied now")
            return
        }
        #expect(rest.joined().map(\.reference.name) == ["a"])
    }

    @Test("Dependencies that can never be met are findings, and stop nothing else")
    func knots() throws {
        let objects = [
            depending("a", on: "b"), depending("b", on: "a"), depending("c", on: "gone"),
            plans.configMap("d"),
        ]
        let plan = plans.plan(objects)
        #expect(
            plan.lines == [
                "refuse ConfigMap a", "refuse ConfigMap b", "refuse ConfigMap c", "create ConfigMap d",
            ]
        )
        let messages = plan.findings.map(\.message)
        #expect(
            messages.contains { $0.contains("a depends on itself: ConfigMap a → ConfigMap b → ConfigMap a") }
        )
        #expect(
            messages.contains {
                $0.contains("c depends on ConfigMap:kart-web/gone, which the commit does not have")
            }
        )
    }

    // MARK: Waves

    @Test(
        "Between waves: waits with the wave's deadline, saying for each object what is awaited and since when"
    )
    func deadline() async throws {
        let second = configMap("second", annotations: ["varde.dev/wave": "1"])
        let files = [
            "env/dev/kart-web/varde.yaml": "waveDeadline: 1s\n", "env/dev/kart-web/a.yaml": workload("web"),
            "env/dev/kart-web/b.yaml": second,
        ]
        // Nobody makes pods here: the Deployment never becomes healthy.
        try await DeliveryFixture.run(files) { fixture in
            let late = try await fixture.wait(web) { $0.sync == .failed }
            #expect(late.message.contains("Wave 1 waits for Deployment web"))
            #expect(
                late.message.contains("(since 20")
                    && late.message.contains("longer than the 1 s it may take)")
            )
            let steps = fixture.board.history(of: web).first?.steps ?? []
            let waiting = try #require(
                steps.first { $0.object == "apps/Deployment:kart-web/web" }?.trail.first {
                    $0.state == .waiting
                }
            )
            #expect(!waiting.message.isEmpty)
            #expect(waiting.since > 0)
            let name = ObjectName(namespace: "kart-web", name: "second")
            #expect(try await fixture.dev.find(.configMaps, name) == nil)
        }
    }

    @Test("A single-wave sync is Applied at once and Healthy when health says so: both moments are recorded")
    func moments() async throws {
        try await DeliveryFixture.run(
            ["env/dev/kart-web/a.yaml": workload("web")],
            contents: .workloads(nodes: 1)
        ) { fixture in
            let applied = try await fixture.wait(web) { $0.appliedAt != nil }
            let healthy = try await fixture.wait(web) { $0.healthyAt != nil }
            #expect(try #require(applied.appliedAt) <= #require(healthy.healthyAt))
        }
    }
}
