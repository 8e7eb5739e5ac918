import Delivery
import KubeClient
import KubeModel
import Testing

@Suite("3. Ownership and tracking", .timeLimit(.minutes(1)))
struct Section03OwnershipTests {
    private let web = DeliveryFixture.id("kart-web")
    private let name = ObjectName(namespace: "kart-web", name: "web")

    @Test(
        "Every object carries the label and the annotation that names it, and is written by field manager varde"
    )
    func marks() async throws {
        try await DeliveryFixture.run(["env/dev/kart-web/a.yaml": workload("web")]) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            let live = try await fixture.dev.get(.deployments, name)
            #expect(live.label("varde.dev/application") == Tracking(web).value)
            #expect(
                live.annotation("varde.dev/tracking-id") == "kart/dev.kart-web:apps/Deployment:kart-web/web"
            )
            let managers = FieldOwnership(live).owners.filter { $0.isApply }.map(\.manager)
            #expect(managers == ["varde"])
        }
    }

    @Test("An object whose tracking id does not name itself is not ours and is never pruned")
    func copies() {
        let fixture = PlanFixture()
        let map = fixture.configMap("a")
        var copy = fixture.applied(map)
        copy.name = "copy"
        #expect(fixture.plan([map], live: [fixture.applied(map), copy]).steps.map(\.reference.name) == ["a"])
    }

    @Test(
        "Fields of another manager are taken only if the application says so, else a finding names that manager"
    )
    func force() async throws {
        try await DeliveryFixture.run(["env/dev/kart-other/a.yaml": configMap("a")]) { fixture in
            try await prepare(fixture)
            var map = KubeObject(apiVersion: "v1", kind: "ConfigMap", namespace: "kart-web", name: "web")
            map["data"] = ["key": "theirs"]
            _ = try await fixture.acting(as: "tuning-controller").create(.configMaps, map)
            try await fixture.repository.push(["env/dev/kart-web/a.yaml": configMap("web", "ours")])
            let synced = try await fixture.wait(web) { $0.sync == .synced && !$0.findings.isEmpty }
            #expect(synced.findings.first?.code == .conflict)
            #expect(synced.findings.first?.message.contains("\"tuning-controller\"") == true)
            #expect(try await fixture.dev.get(.configMaps, name).at("data", "key") == "theirs")

            let commit = try await fixture.repository.push(["env/dev/kart-web/varde.yaml": "force: true\n"])
            let forced = try await fixture.synced(web, to: commit)
            #expect(forced.findings.isEmpty)
            #expect(try await fixture.dev.get(.configMaps, name).at("data", "key") == "ours")
        }
    }

    private func prepare(_ fixture: DeliveryFixture) async throws {
        let namespace = KubeObject(apiVersion: "v1", kind: "Namespace", name: "kart-web")
        _ = try await fixture.dev.create(.namespaces, namespace)
    }

    enum Deployer: String, CaseIterable, CustomTestStringConvertible {
        case kubectl, kubectlServerSide, argo, argoServerSide, flux
        var testDescription: String { rawValue }

        var manager: String {
            switch self {
            case .kubectl: "kubectl-client-side-apply"
            case .kubectlServerSide: "kubectl"
            case .argo: "argocd-application-controller"
            case .argoServerSide: "argocd-controller"
            case .flux: "kustomize-controller"
            }
        }
        var applies: Bool { self == .kubectlServerSide || self == .argoServerSide || self == .flux }
        var marks: (labels: [String: String], annotations: [String: String]) {
            switch self {
            case .kubectl, .kubectlServerSide: ([:], [:])
            case .argo: (["app.kubernetes.io/instance": "shop"], [:])
            case .argoServerSide:
                ([:], ["argocd.argoproj.io/tracking-id": "shop:apps/Deployment:kart-web/web"])
            case .flux: (["kustomize.toolkit.fluxcd.io/name": "shop"], [:])
            }
        }
        var words: String {
            switch self {
            case .kubectl, .kubectlServerSide: "adopted from kubectl apply"
            case .argo, .argoServerSide: "adopted from Argo CD (shop)"
            case .flux: "adopted from Flux (shop)"
            }
        }
    }

    @Test(
        "Objects formerly applied by kubectl apply, Argo CD or Flux are adopted: their field ownership is migrated, nothing restarts",
        arguments: Deployer.allCases
    )
    func adoption(from deployer: Deployer) async throws {
        try await DeliveryFixture.run(["env/dev/kart-other/a.yaml": configMap("a")]) { fixture in
            try await prepare(fixture)
            let manifest = try #require(YAML.documents(Array(workload("web").utf8)).first?.value)
            var object = KubeObject(manifest)
            object.namespace = "kart-web"
            object.labels = deployer.marks.labels.merging(["old": "label"]) { first, _ in first }
            if !deployer.marks.annotations.isEmpty { object.annotations = deployer.marks.annotations }
            let client = fixture.acting(as: deployer.manager)
            if deployer.applies {
                _ = try await client.apply(.deployments, object, force: false)
            } else {
                _ = try await client.create(.deployments, object)
            }
            let before = try await fixture.dev.get(.deployments, name)

            let commit = try await fixture.repository.push(["env/dev/kart-web/a.yaml": workload("web")])
            let synced = try await fixture.synced(web, to: commit)
            #expect(synced.findings.isEmpty)
            let after = try await fixture.dev.get(.deployments, name)
            #expect(after.uid == before.uid)
            // New annotations make a new generation of a Deployment, in Kubernetes, too: its pods stay the same.
            #expect(after.spec == before.spec)
            // What the commit does not have goes, as it would have gone with the former deployer.
            #expect(after.labels == ["varde.dev/application": Tracking(web).value])
            #expect(FieldOwnership(after).owners.filter { $0.isApply }.map(\.manager) == ["varde"])
            #expect(!FieldOwnership(after).owners.contains { $0.manager == deployer.manager })
            let steps = fixture.board.history(of: web).first?.steps ?? []
            let step = try #require(steps.first { $0.object == "apps/Deployment:kart-web/web" })
            #expect(step.trail.contains { $0.message == deployer.words })

            // Fields that a later commit takes out are removed.
            let less = workload("web").replacing(
                "        ports:\n        - containerPort: 8080\n",
                with: ""
            )
            let second = try await fixture.repository.push(["env/dev/kart-web/a.yaml": less])
            try await fixture.synced(web, to: second)
            let changed = try await fixture.dev.get(.deployments, name)
            #expect(changed.spec.at("template", "spec", "containers")?[0]?["ports"] == nil)
        }
    }
}
