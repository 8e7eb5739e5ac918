import KubeModel
import Testing

@testable import KubeServer

@Suite("Placement beside other pods")
struct NodePlacementTests {
    private func node(
        _ name: String,
        zone: String = "z1",
        cpu: String = "2",
        _ pods: [KubeObject] = []
    )
        -> SchedulableNode
    {
        var node = KubeObject(apiVersion: "v1", kind: "Node", name: name)
        node.status = ["allocatable": ["cpu": .string(cpu), "memory": "4Gi", "pods": "110"]]
        node.labels = ["kubernetes.io/hostname": name, "zone": zone]
        var view = SchedulableNode(node)
        for pod in pods { view.add(PlacedPod(pod)) }
        return view
    }

    private func pod(
        _ name: String,
        labels: [String: String] = ["app": "web"],
        _ spec: JSON = [:]
    ) -> KubeObject {
        var pod = KubeObject(apiVersion: "v1", kind: "Pod", namespace: "a", name: name)
        pod.set(.string("uid-\(name)"), at: "metadata", "uid")
        pod.labels = labels
        pod.spec = spec
        if pod.spec["containers"] == nil { pod.set([["name": "c"]], at: "spec", "containers") }
        return pod
    }

    private func asking(_ name: String, cpu: String, priority: Int = 0) -> KubeObject {
        pod(
            name,
            [
                "containers": [["name": "c", "resources": ["requests": ["cpu": .string(cpu)]]]],
                "priority": .integer(Int64(priority)),
            ]
        )
    }

    private func affinity(_ kind: String, _ app: String, key: String) -> JSON {
        let term: JSON = [
            "labelSelector": ["matchLabels": ["app": .string(app)]], "topologyKey": .string(key),
        ]
        return ["affinity": [kind: ["requiredDuringSchedulingIgnoredDuringExecution": [term]]]]
    }

    private func refusal(_ pod: KubeObject, _ nodes: [SchedulableNode]) -> String? {
        guard case .unschedulable(let refusal) = SchedulingDecision(pod, nodes: nodes) else { return nil }
        return refusal.summary
    }

    @Test("Affinity goes where the others are; the first of a group may go anywhere")
    func near() {
        let rule = affinity("podAffinity", "db", key: "zone")
        let nodes = [node("a", zone: "z1"), node("b", zone: "z2", [pod("db", labels: ["app": "db"])])]
        #expect(SchedulingDecision(pod("p", rule), nodes: nodes) == .bind(node: "b"))
        #expect(
            refusal(pod("p", rule), [node("a")])
                == "0/1 nodes are available: 1 node(s) didn't match pod affinity rules."
        )
        let own = affinity("podAffinity", "web", key: "zone")
        #expect(SchedulingDecision(pod("p", own), nodes: [node("a")]) == .bind(node: "a"))
    }

    @Test("Anti-affinity holds in both directions")
    func far() {
        let rule = affinity("podAntiAffinity", "web", key: "kubernetes.io/hostname")
        #expect(
            refusal(pod("p", rule), [node("a", [pod("other")])])
                == "0/1 nodes are available: 1 node(s) didn't match pod anti-affinity rules."
        )
        #expect(
            refusal(pod("p"), [node("a", [pod("averse", rule)])])
                == "0/1 nodes are available: 1 node(s) didn't satisfy existing pods anti-affinity rules."
        )
        let nodes = [node("a", [pod("other")]), node("b")]
        #expect(SchedulingDecision(pod("p", rule), nodes: nodes) == .bind(node: "b"))
    }

    @Test("Spread constraints keep domains even, and need their label")
    func spread() {
        let rule: JSON = [
            "topologySpreadConstraints": [
                [
                    "maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule",
                    "labelSelector": ["matchLabels": ["app": "web"]],
                ]
            ]
        ]
        let full = node("a", zone: "z1", [pod("x")])
        let free = node("b", zone: "z2", cpu: "0")
        #expect(SchedulingDecision(pod("p", rule), nodes: [full, free]) == .bind(node: "b"))
        var wanting = asking("p", cpu: "1")
        wanting.set(rule["topologySpreadConstraints"], at: "spec", "topologySpreadConstraints")
        #expect(
            refusal(wanting, [full, free])
                == "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match pod topology spread constraints."
        )
        var bare = node("c")
        bare.labels["zone"] = nil
        #expect(
            refusal(pod("p", rule), [bare])
                == "0/1 nodes are available: 1 node(s) didn't match pod topology spread constraints (missing required "
                + "label)."
        )
    }

    @Test("A port of the node is given once")
    func ports() {
        let rule: JSON = ["containers": [["name": "c", "ports": [["containerPort": 80, "hostPort": 80]]]]]
        #expect(
            refusal(pod("p", rule), [node("a", [pod("x", rule)])])
                == "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports."
        )
    }

    @Test("A more important pod removes as few and as unimportant ones as it needs, sparing budgets")
    func preemption() throws {
        let nodes = [
            node("a", [asking("a1", cpu: "1", priority: 5), asking("a2", cpu: "1", priority: 1)]),
            node("b", [asking("b1", cpu: "2", priority: 3)]),
        ]
        let important = asking("p", cpu: "1", priority: 10)
        let preemption = try #require(
            Preemption(important, candidates: nodes, all: nodes, isProtected: { _ in false })
        )
        #expect(preemption.node == "a")
        #expect(preemption.victims.map(\.name.name) == ["a2"])
        let spared = try #require(
            Preemption(important, candidates: nodes, all: nodes, isProtected: { $0.name.name.hasPrefix("a") })
        )
        #expect(spared.node == "b")
        #expect(
            Preemption(asking("q", cpu: "1"), candidates: nodes, all: nodes, isProtected: { _ in false })
                == nil
        )
        var modest = important
        modest.set("Never", at: "spec", "preemptionPolicy")
        #expect(Preemption(modest, candidates: nodes, all: nodes, isProtected: { _ in false }) == nil)
    }
}
