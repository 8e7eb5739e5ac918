import Delivery
import KubeClient
import KubeModel
import Rendering
import Testing

@Suite("10. Annotations honoured", .timeLimit(.minutes(1)))
struct Section10AnnotationTests {
    private let plans = PlanFixture()
    private let web = DeliveryFixture.id("kart-web")

    private func rules(_ annotations: [String: String]) -> ObjectRules {
        ObjectRules(plans.configMap("a", annotations: annotations).object)
    }

    @Test("varde.dev/wave, argocd sync-wave, helm.sh/hook-weight: wave, in this order of precedence")
    func waves() {
        #expect(rules(["varde.dev/wave": "3", "argocd.argoproj.io/sync-wave": "2"]).wave == 3)
        #expect(rules(["argocd.argoproj.io/sync-wave": "-2", "helm.sh/hook-weight": "1"]).wave == -2)
        #expect(rules(["helm.sh/hook-weight": "1"]).wave == 1)
        #expect(rules(["varde.dev/wave": "soon"]).wave == 0)
    }

    @Test(
        "argocd sync-options",
        arguments: [
            ("Replace=true", ObjectRules.Option.replace), ("Force=true", .force),
            ("PruneLast=true", .pruneLast),
            ("Validate=false", .noValidation), ("SkipDryRunOnMissingResource=true", .skipMissing),
        ]
    )
    func options(text: String, option: ObjectRules.Option) {
        let annotations = ["argocd.argoproj.io/sync-options": "ServerSideApply=true, \(text)"]
        #expect(rules(annotations).options == [option])
        #expect(ObjectRules(plans.configMap("a").object, defaults: [text]).options == [option])
    }

    @Test("SkipDryRunOnMissingResource: waiting for a missing kind is no error")
    func missing() {
        func severity(_ annotations: [String: String]) -> Finding.Severity? {
            let widget = plans.object("Widget", "w", api: "example.com/v1", annotations: annotations)
            return plans.plan([widget]).findings.first?.severity
        }
        #expect(severity([:]) == .error)
        #expect(severity(["argocd.argoproj.io/sync-options": "SkipDryRunOnMissingResource=true"]) == .info)
    }

    @Test("PruneLast: deleted only when everything else is healthy, after all other deletions")
    func pruneLast() {
        let last = plans.configMap("last", annotations: ["argocd.argoproj.io/sync-options": "PruneLast=true"])
        let (kept, other) = (plans.configMap("kept"), plans.configMap("other"))
        let live = [last, kept, other].map { plans.applied($0) }
        func doomed(_ live: [KubeObject], _ health: HealthState) -> [String] {
            let decision = SyncDecision(plans.plan([kept], live: live), health: { _ in Health(health) })
            guard case .delete(let groups) = decision else { return [] }
            return groups.joined().map(\.reference.name)
        }
        #expect(doomed(live, .progressing) == ["other"])
        #expect(doomed(live, .healthy) == ["other"])
        #expect(doomed(Array(live.dropLast()), .progressing) == [])
        #expect(doomed(Array(live.dropLast()), .healthy) == ["last"])
    }

    @Test("PruneLast waits for deletions that are held, until a person has approved or refused them")
    func pruneLastHeld() {
        let last = plans.configMap("last", annotations: ["argocd.argoproj.io/sync-options": "PruneLast=true"])
        let (kept, claim) = (plans.configMap("kept"), plans.object("PersistentVolumeClaim", "data"))
        let live = [last, kept, claim].map { plans.applied($0) }
        for purpose in [PlanInput.Purpose.delivery, .removal] {
            let desired = purpose == .removal ? [] : [kept]
            let open = plans.plan(desired, live: live) { $0.purpose = purpose }
            #expect(open.step("last")?.action == .hold)
            #expect(open.step("last")?.reason.contains("PersistentVolumeClaim data") == true)
            #expect(open.findings.map(\.object) == [claim.reference.description])
            let refused = plans.plan(desired, live: live) {
                ($0.purpose, $0.refusals) = (purpose, [claim.reference.description: "kari"])
            }
            #expect(refused.step("last")?.action == .delete)
            let approved = plans.plan(desired, live: live) {
                ($0.purpose, $0.approvals) = (purpose, [claim.reference.description: "kari"])
            }
            guard case .delete(let groups) = SyncDecision(approved, health: { _ in Health(.healthy) }) else {
                Issue.record("something is to be deleted")
                return
            }
            #expect(!groups.joined().contains { $0.reference.name == "last" })
        }
        // Of the same wave nothing waits for anything.
        let all = plans.plan([kept], live: live) { $0.settings.syncOptions = ["PruneLast=true"] }
        #expect(all.step("last")?.action == .delete && all.step("data")?.action == .hold)
    }

    @Test("compare-options IgnoreExtraneous: what no commit has is no difference where it is not pruned")
    func extraneous() {
        let old = plans.applied(
            plans.configMap("old", annotations: ["argocd.argoproj.io/compare-options": "IgnoreExtraneous"])
        )
        let plan = plans.plan([plans.configMap("a")], live: [old]) { $0.settings.prune = false }
        #expect(plan.step("old")?.action == SyncStep.Action.none)
    }

    @Test("ignore-healthcheck is not counted; links are shown; hooks are known")
    func others() {
        #expect(!rules(["argocd.argoproj.io/ignore-healthcheck": "true"]).countsForHealth)
        let links = [
            "link.argocd.argoproj.io/graphs": "https://graphs.example.com",
            "varde.dev/link.runbook": "The runbook | https://docs.example.com/r",
            "varde.dev/link.bad": "javascript:alert(1)",
        ]
        let pages = ObjectRules.pages(of: plans.configMap("a", annotations: links).object)
        #expect(
            pages == [
                PageLink(title: "graphs", url: "https://graphs.example.com"),
                PageLink(title: "The runbook", url: "https://docs.example.com/r"),
            ]
        )
    }

    @Test(
        "local-config, mutation: ignore, Flux's ssa and Config Sync's managed: disabled decide whether an object is written"
    )
    func writing() {
        func writing(_ key: String, _ value: String) -> String { "\(rules([key: value]).writing)" }
        #expect(writing("config.kubernetes.io/local-config", "true").hasPrefix("never"))
        #expect(writing("config.kubernetes.io/local-config", "false") == "always")
        #expect(writing("client.lifecycle.config.k8s.io/mutation", "ignore") == "onlyCreate")
        #expect(writing("kustomize.toolkit.fluxcd.io/ssa", "IfNotPresent") == "onlyCreate")
        #expect(writing("kustomize.toolkit.fluxcd.io/ssa", "Merge") == "merge")
        #expect(writing("kustomize.toolkit.fluxcd.io/ssa", "Ignore").hasPrefix("never"))
        #expect(writing("configmanagement.gke.io/managed", "disabled").hasPrefix("never"))
        let disabled = plans.configMap("d", annotations: ["configmanagement.gke.io/managed": "disabled"])
        let plan = plans.plan([disabled], live: [plans.applied(disabled)])
        #expect(plan.isDone && plan.step("d")?.action == SyncStep.Action.none)
    }

    // MARK: In a cluster

    @Test(
        "Replace=true puts the manifest in the place of the object; Force=true makes anew what cannot be changed"
    )
    func replaceAndForce() async throws {
        @Sendable func map(_ options: String, _ more: String) -> String {
            configMap("a", annotations: ["argocd.argoproj.io/sync-options": options]) + more
        }
        let files = ["env/dev/kart-web/a.yaml": map("Force=true", "immutable: true\n")]
        try await DeliveryFixture.run(files) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            let name = ObjectName(namespace: "kart-web", name: "a")
            let first = try await fixture.dev.get(.configMaps, name)
            var commit = try await fixture.repository.push([
                "env/dev/kart-web/a.yaml": map("Force=true", "  more: x\nimmutable: true\n")
            ])
            try await fixture.synced(web, to: commit)
            let second = try await fixture.dev.get(.configMaps, name)
            #expect(second.uid != first.uid)
            #expect(second.at("data", "more") == "x")

            commit = try await fixture.repository.push([
                "env/dev/kart-web/a.yaml": nil, "env/dev/kart-web/b.yaml": configMap("b"),
            ])
            try await fixture.synced(web, to: commit)
            let other = ObjectName(namespace: "kart-web", name: "b")
            _ = try await fixture.acting(as: "somebody").patch(
                .configMaps,
                other,
                merge: ["data": ["theirs": "1"]]
            )
            commit = try await fixture.repository.push([
                "env/dev/kart-web/b.yaml": configMap(
                    "b",
                    "2",
                    annotations: ["argocd.argoproj.io/sync-options": "Replace=true"]
                )
            ])
            try await fixture.synced(web, to: commit)
            #expect(try await fixture.dev.get(.configMaps, other)["data"] == ["key": "2"])
        }
    }

    @Test(
        "Validate=false leaves out what the cluster does not know; otherwise each such field is a finding of its own"
    )
    func validation() async throws {
        let wrong = workload("web").replacing(
            "  replicas: 2",
            with: "  replicas: 2\n  replicass: 3\n  colour: red"
        )
        try await DeliveryFixture.run(["env/dev/kart-web/a.yaml": wrong]) { fixture in
            let failed = try await fixture.wait(web) { $0.sync == .failed }
            #expect(Set(failed.findings.compactMap(\.field)) == ["spec.replicass", "spec.colour"])
            #expect(failed.message.contains("spec.colour is not a field of this kind"))
            #expect(!failed.message.contains("\n"))
            let commit = try await fixture.repository.push([
                "env/dev/kart-web/varde.yaml": "syncOptions: [Validate=false]\n"
            ])
            try await fixture.synced(web, to: commit)
            let live = try await fixture.dev.get(.deployments, ObjectName(namespace: "kart-web", name: "web"))
            #expect(live.spec["replicas"] == 2)
        }
    }

    @Test("Flux's ssa: Merge sets what the manifest sets, whoever changed it, and leaves what others added")
    func merge() async throws {
        let map = configMap("a", "ours", annotations: ["kustomize.toolkit.fluxcd.io/ssa": "Merge"])
        try await DeliveryFixture.run(["env/dev/kart-web/a.yaml": map]) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            let name = ObjectName(namespace: "kart-web", name: "a")
            // As `kubectl apply` writes, whose fields are Varde's elsewhere, and as a controller does.
            for manager in ["kubectl-client-side-apply", "some-controller"] {
                _ = try await fixture.acting(as: manager).patch(
                    .configMaps,
                    name,
                    merge: ["data": ["key": "theirs", manager: "added"]]
                )
                try await fixture.eventually("it is set right") {
                    try await fixture.dev.get(.configMaps, name).at("data", "key") == "ours"
                }
            }
            let commit = try await fixture.repository.push([
                "env/dev/kart-web/a.yaml": map.replacing("ours", with: "newer")
            ])
            let synced = try await fixture.synced(web, to: commit)
            #expect(synced.findings.isEmpty)
            let data = try await fixture.dev.get(.configMaps, name).at("data")
            #expect(
                data == ["key": "newer", "kubectl-client-side-apply": "added", "some-controller": "added"]
            )
        }
    }

    @Test("skip-reconcile on the Application object pauses it, and its removal ends that")
    func pause() async throws {
        try await DeliveryFixture.run(["env/dev/kart-web/a.yaml": configMap("a", "one")]) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            let record = ObjectName(namespace: "tenant-kart", name: "dev.kart-web")
            try await fixture.eventually("the object is there") {
                try await fixture.admin.find(.applications, record) != nil
            }
            func annotate(_ value: JSON) async throws {
                let patch: JSON = ["metadata": ["annotations": ["argocd.argoproj.io/skip-reconcile": value]]]
                _ = try await fixture.admin.patch(.applications, record, merge: patch)
            }
            try await annotate("true")
            try await fixture.wait(web) { $0.sync == .paused }
            let commit = try await fixture.repository.push(["env/dev/kart-web/a.yaml": configMap("a", "two")])
            let waiting = try await fixture.wait(web) { $0.desired?.commit == commit }
            #expect(waiting.sync == .paused)
            #expect(waiting.message.contains("1 change waits"))
            try await annotate(.null)
            try await fixture.synced(web, to: commit)
        }
    }
}
