import Delivery
import KubeClient
import KubeModel
import KubeServer
import KubeTesting
import Logging
import Testing

@Suite("7. Health")
struct Section07HealthTests {
    private func object(
        _ kind: String,
        _ api: String = "v1",
        spec: JSON = [:],
        status: JSON = [:]
    ) -> KubeObject {
        var object = KubeObject(apiVersion: api, kind: kind, namespace: "n", name: "x")
        object.spec = spec
        object.status = status
        object.set("2026-11-22T10:00:00Z", at: "metadata", "creationTimestamp")
        return object
    }

    private let created = Timestamp(parsing: "2026-11-22T10:00:00Z")?.sinceEpoch ?? 0

    private func tree(_ object: KubeObject, _ circumstances: Circumstances) -> ObjectTree {
        let root = ObjectTree.Root(
            reference: object.reference,
            apiVersion: object.apiVersion,
            live: object,
            sync: .synced
        )
        return ObjectTree([root], now: circumstances.now, circumstances: circumstances) { _ in [] }
    }

    @Test("Order, best to worst; an application has the worst of its objects")
    func order() {
        let states: [HealthState] = [.healthy, .suspended, .progressing, .missing, .degraded, .unknown]
        #expect(states == states.sorted())
        #expect(HealthState.allCases.sorted() == states)
    }

    @Test(
        "Service of type LoadBalancer and Ingress: Progressing, and Healthy with a note after the deadline if there is no controller"
    )
    func addresses() {
        for waiting in [
            object("Service", spec: ["type": "LoadBalancer"]), object("Ingress", "networking.k8s.io/v1"),
        ] {
            var circumstances = Circumstances(now: created + 1)
            #expect(tree(waiting, circumstances).health.state == .progressing)
            #expect(tree(waiting, circumstances).lookAgainAt == created + Circumstances.addressDeadline)
            circumstances.now = created + Circumstances.addressDeadline
            #expect(tree(waiting, circumstances).health.state == .healthy)
            #expect(tree(waiting, circumstances).nodes.first?.summary.contains("no controller") == true)
            circumstances.controllers = [waiting.kind]
            #expect(tree(waiting, circumstances).health.state == .progressing)
            circumstances.controllers = []
            circumstances.now = created + Circumstances.shortAddressDeadline
            circumstances.withoutController = [waiting.kind]
            #expect(tree(waiting, circumstances).health.state == .healthy)
            var addressed = waiting
            addressed.status = ["loadBalancer": ["ingress": [["ip": "10.0.0.9"]]]]
            #expect(tree(addressed, Circumstances(now: created)).health.state == .healthy)
        }
    }

    @Test(
        "An Ingress of a class that the cluster does not have gets no address, whoever serves other classes"
    )
    func ingressClasses() {
        var circumstances = Circumstances(now: created + Circumstances.addressDeadline)
        circumstances.ingressClasses = ["nginx"]
        circumstances.controllers = ["Ingress"]
        func state(_ spec: JSON) -> (HealthState, String) {
            let tree = tree(object("Ingress", "networking.k8s.io/v1", spec: spec), circumstances)
            return (tree.health.state, tree.nodes.first?.summary ?? "")
        }
        #expect(state(["ingressClassName": "nginx"]).0 == .progressing)
        #expect(state(["ingressClassName": "traefik"]).0 == .healthy)
        #expect(state(["ingressClassName": "traefik"]).1.contains("ingresses of class traefik"))
        #expect(state([:]).0 == .progressing)
        circumstances.controllers = []
        #expect(state([:]).0 == .healthy)
        circumstances.ingressClasses = ["nginx", ""]
        #expect(state([:]).0 == .progressing)
        circumstances.now = created + Circumstances.shortAddressDeadline
        #expect(state(["ingressClassName": "traefik"]).0 == .healthy)
    }

    @Test(
        "PersistentVolumeClaim: Pending is Progressing, but Healthy if its class waits for a consumer; Lost is Degraded"
    )
    func claims() {
        let claim = object(
            "PersistentVolumeClaim",
            spec: ["storageClassName": "local"],
            status: ["phase": "Pending"]
        )
        var circumstances = Circumstances(now: created)
        #expect(tree(claim, circumstances).health.state == .progressing)
        circumstances.waitingClasses = ["local"]
        #expect(tree(claim, circumstances).health.state == .healthy)
        #expect(Health(of: object("PersistentVolumeClaim", status: ["phase": "Bound"])).state == .healthy)
        #expect(Health(of: object("PersistentVolumeClaim", status: ["phase": "Lost"])).state == .degraded)
    }

    @Test("PodDisruptionBudget: Healthy unless its selector overlaps another's")
    func budgets() {
        func budget(_ name: String, _ labels: JSON) -> KubeObject {
            var budget = object(
                "PodDisruptionBudget",
                "policy/v1",
                spec: ["selector": ["matchLabels": labels]]
            )
            budget.name = name
            return budget
        }
        let (app, tier) = (budget("app", ["app": "web"]), budget("tier", ["tier": "front"]))
        let pods = [(namespace: "n", labels: ["app": "web", "tier": "front"])]
        #expect(Circumstances.overlaps(of: [app, tier], labels: []).isEmpty)
        var circumstances = Circumstances(now: created)
        #expect(tree(app, circumstances).health.state == .healthy)
        circumstances.overlaps = Circumstances.overlaps(of: [app, tier], labels: pods)
        #expect(tree(app, circumstances).health.state == .degraded)
        #expect(tree(app, circumstances).health.message.contains("PodDisruptionBudget tier"))
        #expect(Circumstances.overlaps(of: [app, budget("same", ["app": "web"])], labels: []).count == 2)
        var (all, none) = (budget("all", [:]), budget("none", [:]))
        (all.spec, none.spec) = (["selector": [:]], ["selector": [:]])
        none["apiVersion"] = "policy/v1beta1"
        #expect(
            Circumstances.overlaps(of: [app, all, none], labels: []).keys.map(\.name).sorted() == [
                "all", "app",
            ]
        )
        // Every pod that this one is for is the other's, too; there need not be one yet.
        var either = budget("either", [:])
        either.spec = [
            "selector": ["matchExpressions": [["key": "app", "operator": "In", "values": ["web", "api"]]]]
        ]
        #expect(Circumstances.overlaps(of: [app, either], labels: []).count == 2)
        let narrow = budget("narrow", ["app": "web", "tier": "front"])
        #expect(Circumstances.overlaps(of: [app, narrow], labels: []).count == 2)
        #expect(Circumstances.overlaps(of: [budget("api", ["app": "api"]), narrow], labels: []).isEmpty)
    }

    @Test(
        "A PodDisruptionBudget that somebody else makes in the namespace may overlap one of an application",
        .timeLimit(.minutes(1))
    )
    func foreignBudgets() async throws {
        func budget(_ name: String) -> String {
            "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata:\n  name: \(name)\n"
                + "spec:\n  minAvailable: 1\n  selector:\n    matchLabels: {app: web}\n"
        }
        let web = DeliveryFixture.id("kart-web")
        try await DeliveryFixture.run(["env/dev/kart-web/b.yaml": budget("ours")]) { fixture in
            try await fixture.wait(web) { $0.sync == .synced && $0.health == .healthy }
            let name = ObjectName(namespace: "kart-web", name: "theirs")
            let theirs = KubeObject([
                "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
                "metadata": ["name": "theirs", "namespace": "kart-web"],
                "spec": ["maxUnavailable": 1, "selector": ["matchLabels": ["app": "web"]]],
            ])
            _ = try await fixture.dev.create(.podDisruptionBudgets, theirs)
            let degraded = try await fixture.wait(web) { $0.health == .degraded }
            #expect(degraded.message.contains("PodDisruptionBudget theirs"))
            try await fixture.dev.delete(.podDisruptionBudgets, name)
            try await fixture.wait(web) { $0.health == .healthy }
        }
    }

    @Test(
        "Budgets that may overlap are watched in the version that is served, before 1.21 policy/v1beta1",
        .timeLimit(.minutes(1))
    )
    func oldBudgets() async throws {
        try await EmbeddedTestCluster.run { cluster in
            let faults = Faults()
            var old = APIResource.podDisruptionBudgets
            old.gvr.version = "v1beta1"
            let view = LiveView(
                cluster: "dev",
                client: KubeClient(transport: faults.before(cluster.cluster.transport)),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            ) { _ in }
            view.watch([old])
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await view.run() }
                let isAsked = try await cluster.eventually {
                    let all = faults.requests { $0.path.hasSuffix("/poddisruptionbudgets") }
                        .filter { request in !request.query.contains { $0.name == "labelSelector" } }
                    return all.contains { $0.path == "/apis/policy/v1beta1/poddisruptionbudgets" }
                }
                #expect(isAsked)
                group.cancelAll()
                while let ended = await group.nextResult() { _ = ended }
            }
        }
    }

    @Test(
        "CustomResourceDefinition and APIService: Established or Available is Healthy; names not accepted Degraded; else Progressing"
    )
    func definitions() {
        func condition(_ type: String, _ status: String) -> JSON {
            ["conditions": [["type": .string(type), "status": .string(status)]]]
        }
        let (crd, api) = ("apiextensions.k8s.io/v1", "apiregistration.k8s.io/v1")
        func health(_ kind: String, _ version: String, _ status: JSON) -> HealthState {
            Health(of: object(kind, version, status: status)).state
        }
        #expect(health("CustomResourceDefinition", crd, condition("Established", "True")) == .healthy)
        #expect(health("CustomResourceDefinition", crd, condition("NamesAccepted", "False")) == .degraded)
        #expect(health("CustomResourceDefinition", crd, [:]) == .progressing)
        #expect(health("APIService", api, condition("Available", "True")) == .healthy)
        #expect(health("APIService", api, condition("Available", "False")) == .progressing)
    }

    @Test("Any kind with status.conditions follows kstatus; kinds without status are Healthy")
    func conditions() {
        func health(_ conditions: [JSON], generation: Int = 1, observed: Int = 1) -> HealthState {
            var widget = object("Widget", "example.com/v1", status: ["conditions": .array(conditions)])
            widget.set(.integer(Int64(generation)), at: "metadata", "generation")
            widget.status["observedGeneration"] = .integer(Int64(observed))
            return Health(of: widget).state
        }
        func condition(_ type: String, _ status: String, _ reason: String = "") -> JSON {
            ["type": .string(type), "status": .string(status), "reason": .string(reason)]
        }
        #expect(health([condition("Stalled", "True")]) == .degraded)
        #expect(health([condition("Reconciling", "True"), condition("Ready", "True")]) == .progressing)
        #expect(health([condition("Ready", "True")], generation: 2) == .progressing)
        #expect(health([condition("Ready", "False", "DependencyBroken")]) == .degraded)
        #expect(health([condition("Ready", "False", "Progressing")]) == .progressing)
        #expect(health([condition("Ready", "True")]) == .healthy)
        #expect(Health(of: object("ConfigMap")).state == .healthy)
    }

    @Test(
        "An autoscaler of autoscaling/v1 has its conditions in an annotation, and is as healthy as they say"
    )
    func autoscalers() {
        func health(_ conditions: JSON) -> HealthState {
            var new = object("HorizontalPodAutoscaler", "autoscaling/v2", status: ["currentReplicas": 1])
            new.status["conditions"] = conditions
            var old = object("HorizontalPodAutoscaler", "autoscaling/v1", status: ["currentReplicas": 1])
            old.annotations = ["autoscaling.alpha.kubernetes.io/conditions": conditions.text]
            #expect(Health(of: new) == Health(of: old))
            return Health(of: old).state
        }
        #expect(
            health([["type": "AbleToScale", "status": "True", "reason": "SucceededGetScale"]]) == .healthy
        )
        #expect(
            health([
                ["type": "AbleToScale", "status": "False", "reason": "FailedGetScale", "message": "no web"]
            ])
                == .degraded
        )
        #expect(health([["type": "AbleToScale", "status": "False", "reason": "Waits"]]) == .progressing)
        var broken = object("HorizontalPodAutoscaler", "autoscaling/v1")
        broken.annotations = ["autoscaling.alpha.kubernetes.io/conditions": "[{"]
        #expect(Health(of: broken).state == .progressing)
    }

    @Test("Being deleted is Progressing, and names the finalizer that holds it")
    func deleted() {
        var going = object("ConfigMap")
        going.set("2026-11-22T10:00:00Z", at: "metadata", "deletionTimestamp")
        going.set(["example.com/backup"], at: "metadata", "finalizers")
        let health = Health(of: going)
        #expect(health.state == .progressing)
        #expect(health.message.contains("example.com/backup"))
    }

    @Test(
        "Children count at once: a pod that cannot pull its image degrades its Deployment before the deadline"
    )
    func children() {
        var deployment = object(
            "Deployment",
            "apps/v1",
            spec: ["replicas": 1],
            status: ["replicas": 1, "updatedReplicas": 1, "observedGeneration": 0]
        )
        deployment.set("d", at: "metadata", "uid")
        var set = object("ReplicaSet", "apps/v1", spec: ["replicas": 1], status: ["replicas": 1])
        set.set("r", at: "metadata", "uid")
        let pod = object(
            "Pod",
            spec: ["containers": [["name": "web"]]],
            status: [
                "phase": "Pending",
                "containerStatuses": [
                    [
                        "name": "web",
                        "state": ["waiting": ["reason": "ImagePullBackOff", "message": "no such image"]],
                    ]
                ],
            ]
        )
        let root = ObjectTree.Root(
            reference: deployment.reference,
            apiVersion: "apps/v1",
            live: deployment,
            sync: .synced
        )
        let tree = ObjectTree([root], now: created) { owner in
            switch owner.kind {
            case "Deployment": [set]
            case "ReplicaSet": [pod]
            default: []
            }
        }
        #expect(tree.health.state == .degraded)
        #expect(tree.health.message.contains("ImagePullBackOff"))
    }
}
