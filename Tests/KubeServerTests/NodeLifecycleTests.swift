import KubeClient
import KubeModel
import KubeTesting
import Testing

@testable import KubeServer

@Suite("The life of simulated nodes")
struct NodeLifecycleTests {
    private func pod(_ name: String, cpu: String = "100m", _ more: JSON = [:]) -> KubeObject {
        var pod = KubeObject(apiVersion: "v1", kind: "Pod", namespace: "default", name: name)
        pod.spec = [
            "containers": [
                ["name": "c", "image": "a:1", "resources": ["requests": ["cpu": .string(cpu)]]]
            ]
        ]
        for (key, value) in more.object ?? [:] { pod.set(value, at: "spec", key) }
        return pod
    }

    private func find(_ client: KubeClient, _ name: String) async throws -> KubeObject? {
        try await client.find(.pods, ObjectName(namespace: "default", name: name))
    }

    @Test("Every node has a Lease, and a cordon its taint and its event")
    func cordon() async throws {
        try await EmbeddedTestCluster.run(.workloads(nodes: 1), name: "work") { cluster in
            let client = cluster.client
            let node = ObjectName(name: "work-pool-1")
            #expect(
                try await cluster.eventually {
                    let lease = try await client.find(
                        .leases,
                        ObjectName(namespace: "kube-node-lease", name: node.name)
                    )
                    return lease?.at("spec", "holderIdentity")?.string == node.name
                }
            )
            _ = try await client.patch(.nodes, node, merge: ["spec": ["unschedulable": true]])
            #expect(
                try await cluster.eventually {
                    let taints = try await client.get(.nodes, node).at("spec", "taints")?.array ?? []
                    let events = try await client.list(.events, namespace: "default").items
                    return taints.map { $0["key"]?.string } == ["node.kubernetes.io/unschedulable"]
                        && events.contains { $0["reason"] == "NodeNotSchedulable" }
                }
            )
            _ = try await client.create(.pods, pod("p"))
            #expect(
                try await cluster.eventually {
                    try await find(client, "p")?.condition("PodScheduled")?.message.hasPrefix(
                        "0/1 nodes are available: 1 node(s) were unschedulable."
                    ) == true
                }
            )
            _ = try await client.patch(.nodes, node, merge: ["spec": ["unschedulable": .null]])
            #expect(try await cluster.eventually { try await find(client, "p")?.isPodReady == true })
        }
    }

    @Test("A node that is told to fail cannot be reached; its pods are not ready, and back when it is")
    func failure() async throws {
        try await EmbeddedTestCluster.run(.workloads(nodes: 1), name: "work") { cluster in
            let client = cluster.client
            let node = ObjectName(name: "work-pool-1")
            _ = try await client.create(.pods, pod("stays"))
            _ = try await client.create(
                .pods,
                pod(
                    "goes",
                    [
                        "tolerations": [
                            [
                                "key": "node.kubernetes.io/unreachable", "operator": "Exists",
                                "effect": "NoExecute", "tolerationSeconds": 0,
                            ]
                        ]
                    ]
                )
            )
            for name in ["stays", "goes"] {
                #expect(try await cluster.eventually { try await find(client, name)?.isPodReady == true })
            }
            let fail: JSON = ["metadata": ["annotations": ["sim.varde.dev/fail": "not-ready"]]]
            _ = try await client.patch(.nodes, node, merge: fail)
            #expect(
                try await cluster.eventually {
                    let found = try await client.get(.nodes, node)
                    let keys = (found.at("spec", "taints")?.array ?? []).compactMap { $0["key"]?.string }
                    let leaving = try await find(client, "goes")
                    return found.condition("Ready")?.status == "Unknown"
                        && Set(keys) == ["node.kubernetes.io/unreachable"]
                        && leaving?.isBeingDeleted == true
                        && leaving?.condition("DisruptionTarget")?.reason == "DeletionByTaintManager"
                }
            )
            #expect(try await find(client, "stays")?.isPodReady == false)
            let heal: JSON = ["metadata": ["annotations": ["sim.varde.dev/fail": .null]]]
            _ = try await client.patch(.nodes, node, merge: heal)
            #expect(
                try await cluster.eventually {
                    let stays = try await find(client, "stays")
                    let goes = try await find(client, "goes")
                    return stays?.isPodReady == true && goes == nil
                }
            )
        }
    }

    @Test("A more important pod takes the place of another one")
    func preemption() async throws {
        try await EmbeddedTestCluster.run(.workloads(nodes: 1), name: "work") { cluster in
            let client = cluster.client
            let classes = APIResource(
                gvr: GroupVersionResource(
                    group: "scheduling.k8s.io",
                    version: "v1",
                    resource: "priorityclasses"
                ),
                kind: "PriorityClass",
                isNamespaced: false,
                verbs: ["create"]
            )
            var high = KubeObject(apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", name: "high")
            high["value"] = 1_000
            _ = try await client.create(classes, high)
            _ = try await client.create(.pods, pod("modest", cpu: "6"))
            #expect(try await cluster.eventually { try await find(client, "modest")?.isPodReady == true })
            _ = try await client.create(.pods, pod("vip", cpu: "6", ["priorityClassName": "high"]))
            #expect(
                try await cluster.eventually {
                    let vip = try await find(client, "vip")
                    let modest = try await find(client, "modest")
                    return vip?.isPodReady == true && modest == nil
                }
            )
            #expect(
                try await cluster.eventually {
                    try await client.list(.events, namespace: "default").items.contains {
                        $0["reason"] == "Preempted" && $0.at("involvedObject", "name") == "modest"
                    }
                }
            )
        }
    }
}
