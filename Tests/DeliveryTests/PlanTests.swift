import Delivery
import KubeModel
import Testing

@Suite struct PlanTests {
    let fixture = PlanFixture()

    @Test("What is not there is created, in the order of kinds and names")
    func creationOrder() {
        let plan = fixture.plan([
            fixture.object("Deployment", "web", api: "apps/v1"), fixture.object("Service", "web"),
            fixture.configMap("b"), fixture.configMap("a"), fixture.object("Secret", "s"),
            fixture.object("Role", "r", api: "rbac.authorization.k8s.io/v1"),
        ])
        #expect(
            plan.lines == [
                "create Secret s", "create ConfigMap a", "create ConfigMap b", "create Role r",
                "create Service web",
                "create Deployment web",
            ]
        )
    }

    @Test("An application as its commit says has nothing to do")
    func inSync() {
        let map = fixture.configMap("a")
        let plan = fixture.plan([map], live: [fixture.applied(map)])
        #expect(plan.isDone)
        #expect(plan.lines == ["none ConfigMap a"])
        #expect(plan.confirmed[map.reference]?.version == "1")
    }

    @Test("An APIService of a server that keeps no managedFields of it is compared by its values")
    func withoutFieldManagers() {
        let wanted = fixture.desired([
            "apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
            "metadata": ["name": "v1.example.com"], "spec": ["group": "example.com", "version": "v1"],
        ])
        var live = fixture.applied(wanted)
        live.set(.null, at: "metadata", "managedFields")
        live.set(["conditions": []], at: "status")
        #expect(fixture.plan([wanted], live: [live]).lines == ["none APIService v1.example.com"])
        live.set("v2", at: "spec", "version")
        let changed = fixture.plan([wanted], live: [live])
        #expect(changed.lines == ["update APIService v1.example.com"])
    }

    @Test("Values that a server adds are never a difference")
    func defaults() {
        let web = fixture.desired([
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "web"],
            "spec": ["template": ["spec": ["containers": [["name": "web", "image": "web:1"]]]]],
        ])
        var live = fixture.applied(web)
        live.set(1, at: "spec", "replicas")
        live.set(
            [
                ["name": "web", "image": "web:1", "imagePullPolicy": "IfNotPresent"],
                ["name": "injected", "image": "proxy"],
            ],
            at: "spec",
            "template",
            "spec",
            "containers"
        )
        live["status"] = ["replicas": 1]
        #expect(fixture.plan([web], live: [live]).isDone)
    }

    @Test("A value that somebody changed is set back, and the reason names who")
    func drift() throws {
        let web = fixture.desired([
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "web"],
            "spec": ["replicas": 2],
        ])
        var live = fixture.applied(web)
        live.set(5, at: "spec", "replicas")
        var entries = try #require(live.at("metadata", "managedFields")?.array)
        entries[0].set(nil, at: ["fieldsV1", "f:spec", "f:replicas"])
        entries.append([
            "manager": "kubectl", "operation": "Update", "fieldsV1": ["f:spec": ["f:replicas": [:]]],
        ])
        live.set(.array(entries), at: "metadata", "managedFields")
        let step = try #require(fixture.plan([web], live: [live]).step("web"))
        #expect(step.action == .update)
        #expect(step.reason == "spec.replicas is 5, not 2 (set by kubectl)")
    }

    @Test("A field that the manifest no longer sets is removed")
    func removedField() throws {
        let before = fixture.configMap("a", ["a": "1", "b": "2"])
        let after = fixture.configMap("a", ["a": "1"])
        let step = try #require(fixture.plan([after], live: [fixture.applied(before)]).step("a"))
        #expect(step.action == .update)
        #expect(step.reason == "data.b is to be removed")
    }

    @Test("What the server made of a manifest is remembered: writing it otherwise is no difference")
    func normalised() {
        let quota = fixture.desired([
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "web"],
            "spec": ["cpu": "1000m"],
        ])
        var live = fixture.applied(quota)
        live.set("1", at: "spec", "cpu")
        #expect(!fixture.plan([quota], live: [live]).isDone)
        let memory = AppliedObject(applied: quota, answer: live, manager: "varde")
        live.set("2", at: "metadata", "resourceVersion")
        live["status"] = ["replicas": 1]
        #expect(fixture.plan([quota], live: [live]) { $0.applied = [quota.reference: memory] }.isDone)
        live.set("2", at: "spec", "cpu")
        live.set("3", at: "metadata", "resourceVersion")
        #expect(!fixture.plan([quota], live: [live]) { $0.applied = [quota.reference: memory] }.isDone)
    }

    @Test("A Secret's values do not appear in a reason")
    func secretReason() throws {
        let secret = fixture.desired([
            "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "s"],
            "stringData": ["password": "hunter2"],
        ])
        #expect(secret.object.at("data", "password") == "aHVudGVyMg==")
        #expect(secret.object["stringData"] == nil)
        var live = fixture.applied(secret)
        live.set("b3RoZXI=", at: "data", "password")
        let step = try #require(fixture.plan([secret], live: [live]).step("s"))
        #expect(step.reason == "data.password differs")
        let fields = ObjectDiff.fields(of: step)
        #expect(fields.map(\.path) == ["data.password"])
        #expect(fields.first?.live == .string(Secrecy.mask))
        #expect(fields.first?.desired == .string(Secrecy.mask))
    }

    @Test("An object of another application is refused, with that application's name")
    func duplicate() throws {
        let map = fixture.configMap("a")
        let plan = fixture.plan([map, fixture.configMap("b")]) {
            $0.foreign = [map.reference: "kart/dev.other"]
        }
        #expect(plan.step("a")?.action == .refuse)
        #expect(plan.step("b")?.action == .create)
        let finding = try #require(plan.findings.first)
        #expect(finding.code == .duplicateObject)
        #expect(finding.message.contains("kart/dev.other"))
        #expect(finding.origin == "app.yaml, document 1")
    }

    @Test("An unknown kind is named with its file and document, and stops nothing else")
    func unknownKind() throws {
        let widget = fixture.desired(
            ["apiVersion": "example.com/v1", "kind": "Widget", "metadata": ["name": "w"]],
            file: "w.yaml",
            document: 2
        )
        let plan = fixture.plan([widget, fixture.configMap("a")])
        #expect(plan.step("w")?.obstacle == .unknownKind)
        #expect(plan.step("a")?.isRunnable == true)
        let finding = try #require(plan.findings.first)
        #expect(finding.code == .unknownKind)
        #expect(finding.severity == .error)
        #expect(finding.origin == "w.yaml, document 2")
    }

    @Test("A custom resource waits for the definition that comes with it")
    func parked() throws {
        let widget = fixture.desired([
            "apiVersion": "example.com/v1", "kind": "Widget", "metadata": ["name": "w"],
        ])
        let definition = fixture.desired([
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": ["name": "widgets"],
            "spec": ["group": "example.com", "names": ["kind": "Widget"]],
        ])
        let plan = fixture.plan([widget, definition])
        #expect(plan.findings.map(\.severity) == [.info])
    }

    @Test("An object that is being deleted is made again only when it is gone")
    func beingDeleted() {
        let map = fixture.configMap("a")
        var live = fixture.applied(map)
        live.set("2026-01-01T00:00:00Z", at: "metadata", "deletionTimestamp")
        let plan = fixture.plan([map], live: [live])
        #expect(plan.step("a")?.obstacle == .beingDeleted)
        #expect(!plan.isDone)
    }

    @Test("A failed object is not tried again before its time, unless something about it changed")
    func failures() {
        let map = fixture.configMap("a")
        let failed = FailedStep(
            digest: map.digest,
            version: "",
            message: "denied",
            retryAt: fixture.now + 5,
            attempts: 0,
            finding: nil
        )
        func plan(_ desired: DesiredObject, at now: Double) -> Plan {
            fixture.plan([desired]) { input in
                input.failures = [map.reference: failed]
                input.now = now
            }
        }
        #expect(!plan(map, at: fixture.now).hasRunnableSteps)
        #expect(plan(map, at: fixture.now + 6).hasRunnableSteps)
        #expect(plan(fixture.configMap("a", ["a": "2"]), at: fixture.now).hasRunnableSteps)
    }

    @Test("Objects that ask not to be applied are not")
    func notApplied() {
        let local = fixture.configMap("l", annotations: ["config.kubernetes.io/local-config": "true"])
        let once = fixture.configMap("o", annotations: ["client.lifecycle.config.k8s.io/mutation": "ignore"])
        var live = fixture.applied(once)
        live.set("changed", at: "data", "a")
        #expect(fixture.plan([local, once], live: [live]).isDone)
        #expect(fixture.plan([once]).lines == ["create ConfigMap o"])
    }
}
