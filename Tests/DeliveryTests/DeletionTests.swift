import Delivery
import KubeModel
import Rendering
import Testing

@Suite struct DeletionTests {
    let fixture = PlanFixture()

    private func maps(_ count: Int) -> [DesiredObject] { (0..<count).map { fixture.configMap("m\($0)") } }

    @Test("What a commit no longer has is deleted, in the reverse of the order of applying")
    func order() {
        let service = fixture.object("Service", "web")
        let role = fixture.object("Role", "r", api: "rbac.authorization.k8s.io/v1")
        let kept = fixture.configMap("kept")
        let plan = fixture.plan([kept], live: [kept, service, role].map { fixture.applied($0) })
        #expect(plan.lines == ["none ConfigMap kept", "delete Service web", "delete Role r"])
    }

    @Test("A copy made by another controller is not ours, nor is what another object owns")
    func copies() {
        let map = fixture.configMap("a")
        var copy = fixture.applied(map)
        copy.name = "copy"
        var owned = fixture.applied(fixture.configMap("owned"))
        owned.set(
            [["apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "u"]],
            at: "metadata",
            "ownerReferences"
        )
        let plan = fixture.plan([map], live: [fixture.applied(map), copy, owned])
        #expect(plan.isDone)
    }

    @Test(
        "Annotations that say keep are obeyed",
        arguments: [
            ("argocd.argoproj.io/sync-options", "ServerSideApply=true,Prune=false"),
            ("argocd.argoproj.io/sync-options", "Delete=false"), ("helm.sh/resource-policy", "keep"),
            ("kustomize.toolkit.fluxcd.io/prune", "disabled"),
            ("client.lifecycle.config.k8s.io/deletion", "detach"),
            ("cli-utils.sigs.k8s.io/on-remove", "keep"),
        ]
    )
    func keep(key: String, value: String) {
        let old = fixture.configMap("old", annotations: [key: value])
        let map = fixture.configMap("a")
        let plan = fixture.plan([map], live: [fixture.applied(map), fixture.applied(old)])
        #expect(plan.step("old")?.action == SyncStep.Action.none)
    }

    @Test(
        "Volumes, namespaces, definitions and what says confirm wait for a person",
        arguments: ["PersistentVolumeClaim", "Namespace", "CustomResourceDefinition", "ConfigMap"]
    )
    func held(kind: String) throws {
        let annotations = kind == "ConfigMap" ? ["argocd.argoproj.io/sync-options": "Prune=confirm"] : [:]
        let api = kind == "CustomResourceDefinition" ? "apiextensions.k8s.io/v1" : "v1"
        let old = fixture.object(kind, "old", api: api, annotations: annotations)
        let map = fixture.configMap("a")
        let live = [fixture.applied(map), fixture.applied(old)]
        let plan = fixture.plan([map], live: live)
        #expect(plan.step("old")?.action == .hold)
        #expect(plan.isDone)
        let finding = try #require(plan.findings.first)
        #expect(finding.code == .heldDeletion)
        #expect(finding.message.contains("varde app approve kart/dev.kart-web"))

        let approved = fixture.plan([map], live: live) { $0.approvals = [old.reference.description: "kari"] }
        #expect(approved.step("old")?.action == .delete)
        #expect(approved.findings.isEmpty)
    }

    @Test("More than 30 % of more than ten objects is over the budget; creations go on")
    func budget() throws {
        let all = maps(12)
        let live = all.map { fixture.applied($0) }
        #expect(fixture.plan(Array(all.dropLast(3)), live: live).steps.count { $0.action == .delete } == 3)
        let plan = fixture.plan(Array(all.dropLast(4)) + [fixture.configMap("new")], live: live)
        #expect(plan.steps.count { $0.action == .hold } == 4)
        #expect(plan.step("new")?.action == .create)
        #expect(plan.findings.map(\.code) == [.budget])
        let approved = fixture.plan(Array(all.dropLast(4)), live: live) { input in
            for one in all { input.approvals[one.reference.description] = "kari" }
        }
        #expect(approved.steps.count { $0.action == .delete } == 4)
    }

    @Test("Ten objects have no budget")
    func smallApplications() {
        let all = maps(10)
        let plan = fixture.plan([all[0]], live: all.map { fixture.applied($0) })
        #expect(plan.steps.count { $0.action == .delete } == 9)
    }

    @Test("An empty render deletes only with allowEmpty")
    func empty() {
        let all = maps(2)
        let live = all.map { fixture.applied($0) }
        #expect(fixture.plan([], live: live).steps.allSatisfy { $0.action == .hold })
        #expect(
            fixture.plan([], live: live) { $0.settings.allowEmpty = true }.steps.allSatisfy {
                $0.action == .delete
            }
        )
    }

    @Test("Without prune nothing is deleted")
    func noPrune() {
        let map = fixture.configMap("a")
        let plan = fixture.plan([], live: [fixture.applied(map)]) { $0.settings.prune = false }
        #expect(plan.lines == ["hold ConfigMap a"])
    }

    @Test("A directory that is gone takes everything with it but what must be approved")
    func removal() {
        let claim = fixture.object("PersistentVolumeClaim", "data")
        let live = (maps(20) + [claim]).map { fixture.applied($0) }
        let plan = fixture.plan([], live: live) { $0.purpose = .removal }
        #expect(plan.steps.count { $0.action == .delete } == 20)
        #expect(plan.step("data")?.action == .hold)
    }

    @Test("Objects of a file that cannot be read are kept")
    func brokenFiles() {
        var object = fixture.applied(fixture.configMap("a"))
        object.set("tenants/kart.yaml", at: "metadata", "annotations", Tracking.source)
        let live = [object]
        #expect(fixture.plan([], live: live) { $0.brokenFiles = ["tenants/kart.yaml"] }.isDone)
        #expect(fixture.plan([], live: live) { $0.brokenFiles = ["tenants"] }.isDone)
        #expect(
            !fixture.plan([], live: live) { input in
                input.brokenFiles = ["tenants/other.yaml"]
                input.settings.allowEmpty = true
            }.isDone
        )
    }

    @Test("More than three directories of a tenant in one cluster do not vanish with one revision")
    func directories() {
        func id(_ cluster: String, _ number: Int) -> ApplicationID {
            ApplicationID(tenant: "kart", cluster: cluster, namespace: "kart-\(number)")
        }
        let vanished = (0..<4).map { id("dev", $0) } + (0..<3).map { id("prod", $0) }
        let tombstones = Burials.tombstones(vanished, commit: "c", now: 1)
        #expect(tombstones[id("dev", 0)]?.isHeld == true)
        #expect(tombstones[id("prod", 0)]?.isHeld == false)
    }
}
