import Delivery
import GitSource
import KubeClient
import KubeModel
import Rendering
import Synchronization
import Testing

@Suite("6. Deleting", .timeLimit(.minutes(1)))
struct Section06DeletionTests {
    private let plans = PlanFixture()
    private let web = DeliveryFixture.id("kart-web")

    @Test(
        "Candidates: tracked, absent from the desired set, not owned by another object, inside the tenant's reach"
    )
    func candidates() {
        let kept = plans.configMap("kept")
        var owned = plans.applied(plans.configMap("owned"))
        owned.set(
            [["apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "u"]],
            at: "metadata",
            "ownerReferences"
        )
        var elsewhere = KubeObject(apiVersion: "v1", kind: "ConfigMap", namespace: "other", name: "far")
        plans.tracking.mark(&elsewhere, source: nil)
        let gone = plans.applied(plans.configMap("gone"))
        let plan = plans.plan([kept], live: [plans.applied(kept), owned, elsewhere, gone]) {
            $0.namespace = "kart-web"
        }
        #expect(plan.lines == ["none ConfigMap kept", "delete ConfigMap gone"])
    }

    @Test("A namespace that does not go is told with what holds it")
    func remains() {
        var namespace = KubeObject(apiVersion: "v1", kind: "Namespace", name: "kart-web")
        func condition(_ type: String, _ status: String, _ message: String) -> JSON {
            ["type": .string(type), "status": .string(status), "message": .string(message)]
        }
        namespace.status = [
            "conditions": [
                condition("NamespaceDeletionDiscoveryFailure", "False", "All resources discovered"),
                condition("NamespaceContentRemaining", "True", "Some resources are remaining: pods."),
                condition("NamespaceFinalizersRemaining", "True", "Some content has finalizers remaining."),
            ]
        ]
        #expect(NamespaceRemains.sentence(of: namespace) == nil)
        namespace.set("2026-11-23T08:00:00Z", at: "metadata", "deletionTimestamp")
        #expect(NamespaceRemains.sentence(of: namespace) == "Some content has finalizers remaining.")
        namespace.status = [:]
        #expect(NamespaceRemains.sentence(of: namespace) == nil)
    }

    @Test("Order: the reverse of applying; what others depend on goes after them")
    func order() {
        let annotation = ["config.kubernetes.io/depends-on": "/namespaces/kart-web/ConfigMap/base"]
        let live = [plans.configMap("base"), plans.configMap("user", annotations: annotation)].map {
            plans.applied($0)
        }
        let plan = plans.plan(
            [plans.configMap("stays")],
            live: live + [plans.applied(plans.configMap("stays"))]
        )
        guard case .delete(let groups) = SyncDecision(plan, health: { _ in Health(.healthy) }) else {
            Issue.record("something is to be deleted")
            return
        }
        #expect(groups.joined().map(\.reference.name) == ["user"])
    }

    @Test(
        "Kept always",
        arguments: [
            ("argocd.argoproj.io/sync-options", "Prune=false"),
            ("argocd.argoproj.io/sync-options", "Delete=false"),
            ("helm.sh/resource-policy", "keep"), ("helm.sh/resource-policy", " Keep "),
            ("kustomize.toolkit.fluxcd.io/prune", "disabled"),
            ("kustomize.toolkit.fluxcd.io/prune", "Disabled"),
            ("client.lifecycle.config.k8s.io/deletion", "detach"),
            ("cli-utils.sigs.k8s.io/on-remove", "keep"),
        ]
    )
    func kept(key: String, value: String) {
        let old = plans.applied(plans.configMap("old", annotations: [key: value]))
        for purpose in [PlanInput.Purpose.delivery, .removal] {
            let plan = plans.plan([], live: [old]) { $0.purpose = purpose }
            #expect(plan.step("old")?.action == SyncStep.Action.none)
        }
    }

    @Test("Kept always: by Flux's label, too")
    func keptByLabel() {
        var old = plans.applied(plans.configMap("old"))
        old.set("Disabled", at: "metadata", "labels", "kustomize.toolkit.fluxcd.io/prune")
        let plan = plans.plan([], live: [old])
        #expect(plan.step("old")?.action == SyncStep.Action.none)
    }

    @Test("Always held: Namespaces with content that is not ours, CustomResourceDefinitions with instances")
    func containers() throws {
        for (kind, api) in [("Namespace", "v1"), ("CustomResourceDefinition", "apiextensions.k8s.io/v1")] {
            let old = plans.object(kind, "old", api: api)
            let live = [plans.applied(old), plans.applied(plans.configMap("a"))]
            let held = plans.plan([plans.configMap("a")], live: live) {
                $0.contents = [old.reference: "3 Widget objects"]
            }
            #expect(held.step("old")?.action == .hold)
            #expect(held.findings.first?.message.contains("it holds 3 Widget objects") == true)
            let empty = plans.plan([plans.configMap("a")], live: live) { $0.contents = [old.reference: ""] }
            #expect(empty.step("old")?.action == .delete)
            let unknown = plans.plan([plans.configMap("a")], live: live)
            #expect(unknown.step("old")?.action == .hold)
        }
    }

    @Test("What a CustomResourceDefinition holds is told without instances that are going away already")
    func goingInstances() async throws {
        let resource = APIResource(
            gvr: GroupVersionResource(group: "example.com", version: "v1", resource: "widgets"),
            kind: "Widget",
            isNamespaced: true
        )
        @Sendable func widget(_ name: String) -> KubeObject {
            KubeObject(apiVersion: "example.com/v1", kind: "Widget", namespace: "kart-web", name: name)
        }
        let files = [
            "env/dev/kart-web/a.yaml": configMap("a"), "env/dev/kart-web/crd.yaml": widgets,
            "env/dev/kart-web/w.yaml": "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: own}\n",
        ]
        try await DeliveryFixture.run(["env/dev/kart-api/a.yaml": configMap("a")]) { fixture in
            fixture.policy.allowsClusterScoped.withLock { $0 = true }
            try await fixture.repository.push(files)
            try await fixture.wait(web) { $0.sync == .synced }
            _ = try await fixture.dev.create(resource, widget("other"))
            var going = widget("going")
            going.set(["example.com/wait"], at: "metadata", "finalizers")
            _ = try await fixture.dev.create(resource, going)
            try await fixture.dev.delete(resource, going.objectName)
            try await fixture.repository.push([
                "env/dev/kart-web/crd.yaml": nil, "env/dev/kart-web/w.yaml": nil,
            ])
            // Its own goes first, and the others are looked at again at once.
            let held = try await fixture.wait(web, within: .seconds(20)) {
                $0.findings.first?.message.contains("it holds 1 Widget object,") ?? false
            }
            #expect(held.findings.map(\.code) == [.heldDeletion])
        }
    }

    private let widgets = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: widgets.example.com}
        spec:
          group: example.com
          scope: Namespaced
          names: {plural: widgets, singular: widget, kind: Widget, listKind: WidgetList}
          versions:
          - name: v1
            served: true
            storage: true
            schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
        """

    @Test("Always held: PersistentVolumeClaims, and anything marked Prune=confirm or Delete=confirm")
    func confirmed() {
        var objects = [plans.object("PersistentVolumeClaim", "data")]
        for option in ["Prune=confirm", "Delete=confirm"] {
            objects.append(
                plans.configMap(
                    String(option.prefix(6)),
                    annotations: ["argocd.argoproj.io/sync-options": option]
                )
            )
        }
        let kept = plans.configMap("kept")
        let plan = plans.plan([kept], live: (objects + [kept]).map { plans.applied($0) })
        #expect(plan.heldDeletions.count == 3)
        #expect(plan.findings.allSatisfy { $0.code == .heldDeletion })
    }

    @Test(
        "The budget: 30 % of more than 10, an empty render only with allowEmpty; creations and updates go on"
    )
    func budget() {
        let all = (0..<20).map { plans.configMap("m\($0)") }
        let live = all.map { plans.applied($0) }
        #expect(plans.plan(Array(all.dropLast(6)), live: live).heldDeletions.isEmpty)
        let over = plans.plan(Array(all.dropLast(7)) + [plans.configMap("new")], live: live)
        #expect(over.heldDeletions.count == 7)
        #expect(over.step("new")?.action == .create)
        #expect(over.findings.map(\.code) == [.budget])
        let ten = Array(all.prefix(10))
        #expect(plans.plan([all[0]], live: ten.map { plans.applied($0) }).heldDeletions.isEmpty)
        #expect(plans.plan([], live: ten.map { plans.applied($0) }).heldDeletions.count == 10)
        let empty = plans.plan([], live: ten.map { plans.applied($0) }) { $0.settings.allowEmpty = true }
        #expect(empty.heldDeletions.isEmpty)
    }

    @Test("Over budget: held as a finding; approved by a person, recorded with the approver")
    func approval() async throws {
        let files = Dictionary(
            (0..<12).map { ("env/dev/kart-web/m\($0).yaml", configMap("m\($0)")) },
            uniquingKeysWith: { first, _ in first }
        )
        try await DeliveryFixture.run(files) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            var less: [String: String?] = [:]
            for index in 0..<5 { less["env/dev/kart-web/m\(index).yaml"] = .some(nil) }
            less["env/dev/kart-web/m11.yaml"] = configMap("m11", "changed")
            try await fixture.repository.push(less)
            let held = try await fixture.wait(web) { $0.sync == .held }
            #expect(held.findings.contains { $0.code == .budget })
            let name = ObjectName(namespace: "kart-web", name: "m11")
            #expect(try await fixture.dev.get(.configMaps, name).at("data", "key") == "changed")

            try await fixture.delivery.approve(web, objects: nil, by: "kari")
            try await fixture.wait(web) { $0.sync == .synced && $0.counts.total == 7 }
            let record = try #require(fixture.board.history(of: web).first { $0.deleted == 5 })
            #expect(record.person == "kari")
            let words = record.steps.filter { $0.action == .delete }.map(\.message)
            #expect(words.allSatisfy { $0.contains("approved by kari") })
        }
    }

    @Test("A refused deletion does not happen, and is no longer asked for")
    func refusal() async throws {
        let claim =
            "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\n"
            + "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n"
        let files = ["env/dev/kart-web/a.yaml": configMap("a"), "env/dev/kart-web/b.yaml": claim]
        try await DeliveryFixture.run(files) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            try await fixture.repository.push(["env/dev/kart-web/b.yaml": nil])
            try await fixture.wait(web) { $0.sync == .held }
            try await fixture.delivery.refuse(web, objects: nil, by: "kari")
            try await fixture.wait(web) { $0.sync == .synced && $0.findings.isEmpty }
            let name = ObjectName(namespace: "kart-web", name: "data")
            #expect(try await fixture.dev.find(.persistentVolumeClaims, name) != nil)
        }
    }

    @Test("Where pruning is off, nothing waits for approval, and who approves is told so")
    func withoutPruning() async throws {
        let files = [
            "env/dev/kart-web/a.yaml": configMap("a"), "env/dev/kart-web/b.yaml": configMap("b"),
            "env/dev/kart-web/varde.yaml": "prune: false\n",
        ]
        try await DeliveryFixture.run(files) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            let commit = try await fixture.repository.push(["env/dev/kart-web/b.yaml": nil])
            try await fixture.wait(web) { $0.applied?.commit == commit }
            let error = await #expect(throws: DeliveryError.self) {
                try await fixture.delivery.approve(web, objects: nil, by: "kari")
            }
            #expect(error?.finding.message.contains("prune: false") == true)
            let refused = await #expect(throws: StatusError.self) {
                try await fixture.delivery.refuse(web, objects: nil, by: "kari")
            }
            #expect(refused?.message.contains("prune: false") == true)
        }
    }

    // MARK: Directories

    @Test("A namespace with content that is not ours waits for approval, and goes with it")
    func foreignContent() async throws {
        let files = ["env/dev/kart-web/a.yaml": configMap("a"), "env/dev/kart-b/a.yaml": configMap("a")]
        try await DeliveryFixture.run(files) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            fixture.policy.foreignContent.withLock { $0 = "ConfigMap foreign" }
            try await fixture.repository.push(["env/dev/kart-web": nil])
            let held = try await fixture.wait(web) { $0.sync == .held }
            #expect(held.message.contains("ConfigMap foreign"))
            #expect(held.message.contains("varde app approve kart/dev.kart-web"))
            let error = await #expect(throws: StatusError.self) {
                try await fixture.delivery.refuse(web, objects: nil, by: "kari")
            }
            #expect(error?.message.contains("bring the directory back") == true)
            try await fixture.delivery.approve(web, objects: nil, by: "kari")
            try await fixture.eventually("the application is gone") { fixture.board.application(web) == nil }
            // Nobody finishes the deletion of namespaces here.
            let namespace = try await fixture.dev.find(.namespaces, ObjectName(name: "kart-web"))
            #expect(namespace?.isBeingDeleted ?? true)
        }
    }

    @Test("Moving a directory between clusters keeps the workload until the new place is healthy")
    func move() async throws {
        let files = ["env/dev/kart-web/a.yaml": configMap("a"), "env/dev/kart-b/a.yaml": configMap("a")]
        try await DeliveryFixture.run(files) { fixture in
            let prod = try await fixture.addCluster("prod")
            try await fixture.wait(web) { $0.sync == .synced }
            // The new place does not come up: what it says cannot be read.
            try await fixture.repository.push([
                "env/dev/kart-web": nil, "env/prod/kart-web/a.yaml": "kind: [",
            ])
            let waiting = try await fixture.wait(web) { $0.message.contains("Moved to kart/prod.kart-web") }
            #expect(waiting.sync == .deleting)
            let name = ObjectName(namespace: "kart-web", name: "a")
            #expect(try await fixture.dev.find(.configMaps, name) != nil)

            try await fixture.repository.push(["env/prod/kart-web/a.yaml": configMap("a")])
            try await fixture.eventually("the old place is gone") { fixture.board.application(web) == nil }
            #expect(try await prod.find(.configMaps, name) != nil)
            // Nobody finishes the deletion of namespaces here.
            let namespace = try await fixture.dev.find(.namespaces, ObjectName(name: "kart-web"))
            #expect(namespace?.isBeingDeleted ?? true)
        }
    }

    @Test("A move to a directory without objects keeps the workload until it has one, or says allowEmpty")
    func emptyMove() async throws {
        let files = [
            "env/dev/kart-web/a.yaml": configMap("a"), "env/dev/kart-api/a.yaml": configMap("a"),
            "env/dev/kart-b/a.yaml": configMap("a"),
        ]
        let api = DeliveryFixture.id("kart-api")
        try await DeliveryFixture.run(files) { fixture in
            _ = try await fixture.addCluster("prod")
            for id in [web, api] { try await fixture.wait(id) { $0.sync == .synced } }
            try await fixture.repository.push([
                "env/dev/kart-web": nil, "env/prod/kart-web/a.yaml": "# nothing yet\n",
                "env/dev/kart-api": nil, "env/prod/kart-api/.gitkeep": "",
            ])
            for id in [web, api] {
                let waiting = try await fixture.wait(id) { $0.message.contains("no object yet") }
                #expect(waiting.sync == .deleting)
                let name = ObjectName(namespace: id.namespace, name: "a")
                #expect(try await fixture.dev.find(.configMaps, name) != nil)
            }
            try await fixture.repository.push([
                "env/prod/kart-web/a.yaml": configMap("a"),
                "env/prod/kart-api/varde.yaml": "allowEmpty: true\n",
            ])
            for id in [web, api] {
                try await fixture.eventually("the old place is gone") { fixture.board.application(id) == nil }
            }
        }
    }

    @Test("A move is one commit that shows both: the same namespace elsewhere, or the same content")
    func moves() {
        func id(_ text: String) -> ApplicationID { ApplicationID(text) ?? web }
        let (one, two) = ([ObjectID("1")], [ObjectID("2")])
        #expect(
            Burials.moves(of: [(id("t/a.web"), one)], to: [(id("t/b.web"), two)]) == [
                id("t/a.web"): id("t/b.web")
            ]
        )
        #expect(
            Burials.moves(of: [(id("t/a.t-web"), one)], to: [(id("u/a.u-web"), one)])
                == [id("t/a.t-web"): id("u/a.u-web")]
        )
        #expect(Burials.moves(of: [(id("t/a.web"), one)], to: [(id("t/b.api"), two)]).isEmpty)
        #expect(Burials.moves(of: [(id("t/a.web"), one)], to: [(id("t/a.api"), one)]).isEmpty)
    }

    @Test("At most 3 directories of one tenant in one cluster vanish with one revision")
    func directories() {
        func ids(_ count: Int, _ cluster: String) -> [ApplicationID] {
            (0..<count).map { ApplicationID(tenant: "t", cluster: cluster, namespace: "t-\($0)") }
        }
        let stones = Burials.tombstones(ids(4, "a") + ids(3, "b"), commit: "c", now: 1)
        #expect(stones.filter { $0.value.isHeld }.keys.allSatisfy { $0.cluster == "a" })
        #expect(stones.values.count { $0.isHeld } == 4)
    }

    @Test("A tombstone can be undone by bringing the directory back in time")
    func undone() async throws {
        let files = ["env/dev/kart-web/a.yaml": configMap("a"), "env/dev/kart-b/a.yaml": configMap("a")]
        try await DeliveryFixture.run(files) { fixture in
            fixture.policy.delay.withLock { $0 = .seconds(3_600) }
            try await fixture.wait(web) { $0.sync == .synced }
            let name = ObjectName(namespace: "kart-web", name: "a")
            let uid = try await fixture.dev.get(.configMaps, name).uid
            try await fixture.repository.push(["env/dev/kart-web": nil])
            try await fixture.wait(web) { $0.sync == .deleting }
            try await fixture.repository.push(["env/dev/kart-web/a.yaml": configMap("a")])
            try await fixture.wait(web) { $0.sync == .synced }
            #expect(try await fixture.dev.get(.configMaps, name).uid == uid)
        }
    }
}
