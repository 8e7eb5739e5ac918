import Delivery
import KubeClient
import KubeModel
import KubeTesting
import Rendering
import Synchronization
import Testing

@Suite("4. Diff", .timeLimit(.minutes(1)))
struct Section04DiffTests {
    private let web = DeliveryFixture.id("kart-web")
    private let name = ObjectName(namespace: "kart-web", name: "web")
    private let plans = PlanFixture()

    /// A Deployment that says the same as the server in other words.
    private var spelled: String {
        workload("web").replacing(
            "        image: registry.example.com/web:1",
            with: "        image: registry.example.com/web:1\n"
                + "        resources: {limits: {cpu: 0.5, memory: 1024Mi}, requests: {cpu: \"1e-1\"}}\n"
                + "        env: [{name: EMPTY, value: \"\"}]"
        )
    }

    @Test(
        "In sync means that applying would change nothing: spelling and defaults are no difference, after a restart neither"
    )
    func noNoise() async throws {
        let version = Mutex("")
        try await EmbeddedTestCluster.run(.api) { cluster in
            let repository = try await TestRepository(
                in: cluster.directory,
                ["env/dev/kart-web/a.yaml": spelled]
            )
            try await DeliveryFixture.run(cluster, repository) { fixture in
                try await fixture.wait(web) { $0.sync == .synced }
                #expect(try await fixture.delivery.diff(of: web).isEmpty)
                let live = try await fixture.dev.get(.deployments, name)
                version.withLock { $0 = live.resourceVersion }
                try await fixture.eventually("the record is written") {
                    let record = ObjectName(namespace: "tenant-kart", name: "dev.kart-web")
                    return try await fixture.admin.find(.applications, record)?.at("status", "sync")
                        == "Synced"
                }
            }
            try await DeliveryFixture.run(cluster, repository) { fixture in
                try await fixture.wait(web) { $0.sync == .synced }
                #expect(try await fixture.delivery.diff(of: web).isEmpty)
                let live = try await fixture.dev.get(.deployments, name)
                #expect(live.resourceVersion == version.withLock { $0 })
                #expect(fixture.board.history(of: web).count == 1)
            }
        }
    }

    @Test("Where local knowledge ends one dry run confirms, remembered by manifest and live version")
    func dryRun() throws {
        let map = plans.configMap("a", ["a": "1"])
        var live = plans.applied(map)
        live.set("2", at: "data", "a")
        let doubtful = try #require(plans.plan([map], live: [live]) { $0.occasion = .repair }.step("a"))
        #expect(doubtful.isDoubtful && doubtful.action == .update)
        func planned(_ isSame: Bool, version: String) -> Plan.Step? {
            plans.plan([map], live: [live]) {
                $0.dryRuns = [
                    map.reference: DryRunVerdict(digest: map.digest, version: version, isSame: isSame)
                ]
            }.step("a")
        }
        #expect(planned(true, version: live.resourceVersion)?.action == SyncStep.Action.none)
        #expect(planned(false, version: live.resourceVersion)?.action == .update)
        #expect(planned(false, version: live.resourceVersion)?.isDoubtful == false)
        #expect(planned(true, version: "other")?.isDoubtful == true)
    }

    @Test("Status, managedFields, resourceVersion, generation and unset fields are never a difference")
    func serverFields() {
        var manifest = KubeObject(apiVersion: "apps/v1", kind: "Deployment", name: "web")
        manifest.spec = ["replicas": 1]
        manifest.status = ["replicas": 7]
        manifest.set("99", at: "metadata", "resourceVersion")
        manifest.set(7, at: "metadata", "generation")
        let desired = plans.desired(manifest.json)
        #expect(desired.object["status"] == nil || desired.resource?.subresources.contains("status") == false)
        var live = plans.applied(desired)
        live.set("5", at: "metadata", "resourceVersion")
        live.set(2, at: "metadata", "generation")
        live.spec["paused"] = true
        #expect(plans.plan([desired], live: [live]).isDone)
    }

    @Test("Ignored differences, by JSON pointer, are neither shown nor sent")
    func ignoredPointers() async throws {
        let settings = "ignoreDifferences:\n- {kind: Deployment, jsonPointers: [/spec/replicas]}\n"
        let files = ["env/dev/kart-web/a.yaml": workload("web"), "env/dev/kart-web/varde.yaml": settings]
        try await DeliveryFixture.run(files) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            #expect(try await fixture.dev.get(.deployments, name).spec["replicas"] == 2)
            _ = try await fixture.acting(as: "somebody").patch(
                .deployments,
                name,
                merge: ["spec": ["replicas": 5]]
            )
            let commit = try await fixture.repository.push([
                "env/dev/kart-web/a.yaml": workload("web", image: "registry.example.com/web:2")
            ])
            try await fixture.synced(web, to: commit)
            let live = try await fixture.dev.get(.deployments, name)
            #expect(live.spec["replicas"] == 5)
            #expect(
                live.spec.at("template", "spec", "containers")?[0]?["image"] == "registry.example.com/web:2"
            )
            #expect(try await fixture.delivery.diff(of: web).isEmpty)
        }
    }

    @Test("An ignored field that is still the application's own is not removed by the next apply")
    func ignoredOwn() async throws {
        try await DeliveryFixture.run(["env/dev/kart-web/a.yaml": workload("web", replicas: 3)]) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            let settings = "ignoreDifferences:\n- jsonPointers: [/spec/replicas]\n"
            let commit = try await fixture.repository.push([
                "env/dev/kart-web/varde.yaml": settings,
                "env/dev/kart-web/a.yaml": workload(
                    "web",
                    replicas: 9,
                    image: "registry.example.com/web:2"
                ),
            ])
            try await fixture.synced(web, to: commit)
            #expect(try await fixture.dev.get(.deployments, name).spec["replicas"] == 3)
        }
    }

    @Test("Ignored differences, by manager, are neither shown nor sent")
    func ignoredManagers() async throws {
        let settings = "ignoreDifferences:\n- managers: [tuner]\n"
        let files = ["env/dev/kart-web/a.yaml": workload("web"), "env/dev/kart-web/varde.yaml": settings]
        try await DeliveryFixture.run(files) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            _ = try await fixture.acting(as: "tuner").patch(
                .deployments,
                name,
                merge: ["spec": ["replicas": 5]]
            )
            let commit = try await fixture.repository.push([
                "env/dev/kart-web/a.yaml": workload("web", image: "registry.example.com/web:2")
            ])
            let synced = try await fixture.synced(web, to: commit)
            #expect(synced.findings.isEmpty)
            #expect(try await fixture.dev.get(.deployments, name).spec["replicas"] == 5)
            let diff = try await fixture.delivery.diff(of: web)
            #expect(diff.isEmpty, "\(diff)")
        }
    }

    @Test(
        "Every difference says field, live value, desired value, and which manager set the live one and when"
    )
    func story() async throws {
        try await DeliveryFixture.run(["env/dev/kart-web/a.yaml": workload("web")]) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            try await fixture.delivery.pause(web, reason: "looking", by: "kari")
            try await fixture.wait(web) { $0.sync == .paused }
            let patch: JSON = ["spec": ["replicas": 5, "minReadySeconds": 3]]
            _ = try await fixture.acting(as: "kubectl-edit").patch(.deployments, name, merge: patch)
            try await fixture.eventually("the difference is seen") {
                try await !fixture.delivery.diff(of: web).isEmpty
            }
            let diff = try #require(try await fixture.delivery.diff(of: web).first)
            #expect(diff.object == "apps/Deployment:kart-web/web")
            let field = try #require(diff.fields.first)
            #expect(diff.fields.count == 1)
            #expect(field.path == "spec.replicas")
            #expect((field.live, field.desired) == (5, 2))
            #expect(field.manager == "kubectl-edit")
            #expect(field.time.flatMap(Timestamp.init(parsing:)) != nil)
        }
    }
}
