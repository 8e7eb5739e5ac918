import KubeModel
import Testing

@testable import KubeServer

@Suite("Scheduling on simulated nodes")
struct NodeSchedulingTests {
    private func node(
        _ name: String,
        cpu: String = "2",
        _ change: (inout KubeObject) -> Void = { _ in }
    ) -> SchedulableNode {
        var node = KubeObject(apiVersion: "v1", kind: "Node", name: name)
        node.status = ["allocatable": ["cpu": .string(cpu), "memory": "4Gi", "pods": "110"]]
        node.labels = ["kubernetes.io/hostname": name]
        change(&node)
        return SchedulableNode(node)
    }

    private func pod(_ spec: JSON) -> KubeObject {
        var pod = KubeObject(apiVersion: "v1", kind: "Pod", namespace: "a", name: "p")
        pod.spec = spec
        return pod
    }

    private func asking(cpu: String, _ more: JSON = [:]) -> KubeObject {
        var spec: JSON = ["containers": [["name": "c", "resources": ["requests": ["cpu": .string(cpu)]]]]]
        for (key, value) in more.object ?? [:] { spec[key] = value }
        return pod(spec)
    }

    /// The message of a pod that finds no place.
    private func refusal(_ pod: KubeObject, _ nodes: [SchedulableNode]) -> String? {
        guard case .unschedulable(let refusal) = SchedulingDecision(pod, nodes: nodes) else { return nil }
        return refusal.description
    }

    @Test("A pod goes where there is most room")
    func room() {
        var full = node("full")
        full.used.cpu = 1_900
        #expect(SchedulingDecision(asking(cpu: "500m"), nodes: [full, node("free")]) == .bind(node: "free"))
    }

    @Test("What does not fit is said in Kubernetes' words, reason by reason")
    func reasons() {
        let nodes = [
            node("a"), node("b"), node("c") { $0.set(true, at: "spec", "unschedulable") },
        ]
        #expect(
            refusal(asking(cpu: "3"), nodes)
                == "0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu. no new claims to "
                + "deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."
        )
    }

    @Test("Without nodes it says that there are none")
    func none() {
        #expect(
            refusal(pod([:]), []) == "no nodes available to schedule pods"
        )
    }

    @Test("Taints keep pods away that do not tolerate them")
    func taints() {
        let tainted = node("t") {
            $0.set([["key": "gpu", "value": "yes", "effect": "NoSchedule"]], at: "spec", "taints")
        }
        let tolerant: JSON = ["tolerations": [["key": "gpu", "operator": "Exists"]]]
        let other: JSON = ["tolerations": [["key": "gpu", "operator": "Equal", "value": "no"]]]
        #expect(SchedulingDecision(asking(cpu: "1", tolerant), nodes: [tainted]) == .bind(node: "t"))
        #expect(SchedulingDecision(asking(cpu: "1", other), nodes: [tainted]) != .bind(node: "t"))
        let preferred = node("p") {
            $0.set([["key": "x", "effect": "PreferNoSchedule"]], at: "spec", "taints")
        }
        #expect(SchedulingDecision(asking(cpu: "1"), nodes: [preferred]) == .bind(node: "p"))
    }

    @Test("Node selectors and affinity choose among nodes")
    func affinity() {
        let nodes = [node("a"), node("b")]
        let selector: JSON = ["nodeSelector": ["kubernetes.io/hostname": "b"]]
        #expect(SchedulingDecision(asking(cpu: "1", selector), nodes: nodes) == .bind(node: "b"))
        let term: JSON = ["matchFields": [["key": "metadata.name", "operator": "In", "values": ["a"]]]]
        let rule: JSON = ["requiredDuringSchedulingIgnoredDuringExecution": ["nodeSelectorTerms": [term]]]
        #expect(
            SchedulingDecision(asking(cpu: "1", ["affinity": ["nodeAffinity": rule]]), nodes: nodes)
                == .bind(node: "a")
        )
    }

    @Test(
        "Quantities are read in thousandths, rounded up",
        arguments: [
            ("100m", 100), ("2", 2_000), ("1.5", 1_500), ("1Ki", 1_024_000), ("1u", 1), ("2k", 2_000_000),
        ]
    )
    func quantities(text: String, amount: Int) {
        #expect(ResourceAmount.thousandths(.string(text)) == amount)
    }

    @Test("A pod asks for its containers' sum, or for its largest init container if that is more")
    func podRequests() {
        func container(_ cpu: String) -> JSON { ["resources": ["requests": ["cpu": .string(cpu)]]] }
        let pod = pod(["containers": [container("1"), container("1")], "initContainers": [container("3")]])
        #expect(ResourceAmount(ofPod: pod).cpu == 3_000)
    }

    @Test("A NoExecute taint drives away at once, after the tolerated time, or never")
    func evictions() {
        func pod(_ name: String, _ tolerations: [JSON]) -> KubeObject {
            var pod = Made.pod(name)
            pod.set(.array(tolerations), at: "spec", "tolerations")
            return pod
        }
        func toleration(_ seconds: Int?) -> JSON {
            var json: JSON = ["key": "down", "operator": "Exists", "effect": "NoExecute"]
            if let seconds { json["tolerationSeconds"] = .integer(Int64(seconds)) }
            return json
        }
        let taint: JSON = ["key": "down", "effect": "NoExecute", "timeAdded": "2026-11-22T11:59:00Z"]
        let pods = [
            pod("none", []), pod("short", [toleration(30)]), pod("long", [toleration(300)]),
            pod("ever", [toleration(nil)]),
        ]
        let evictions = TaintEvictions(pods: pods, taints: [taint], now: Made.now)
        #expect(evictions.due.map(\.name) == ["none", "short"])
        #expect(evictions.next == .seconds(240))
    }
}
