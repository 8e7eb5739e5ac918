import KubeClient
import KubeModel
import KubeTesting
import Testing

@testable import KubeServer

@Suite("Garbage collection")
struct GarbageCollectionTests {
    private func map(_ name: String, owners: [JSON] = [], namespace: String = "default") -> KubeObject {
        var object = KubeObject(apiVersion: "v1", kind: "ConfigMap", namespace: namespace, name: name)
        if !owners.isEmpty { object.set(.array(owners), at: "metadata", "ownerReferences") }
        return object
    }

    private func owner(_ object: KubeObject, blocks: Bool = false) -> JSON {
        var json: JSON = [
            "apiVersion": .string(object.apiVersion), "kind": .string(object.kind),
            "name": .string(object.name), "uid": .string(object.uid),
        ]
        if blocks { json["blockOwnerDeletion"] = true }
        return json
    }

    private func exists(_ client: KubeClient, _ name: String) async throws -> Bool {
        try await client.find(.configMaps, ObjectName(namespace: "default", name: name)) != nil
    }

    @Test("An owner that never was takes its dependents with it, but not one of an unknown kind")
    func absent() async throws {
        try await EmbeddedTestCluster.run(.workloads(nodes: 0), name: "work") { cluster in
            let client = cluster.client
            let missing: JSON = ["apiVersion": "v1", "kind": "Pod", "name": "x", "uid": "u-1"]
            let unknown: JSON = ["apiVersion": "e.io/v1", "kind": "Foo", "name": "x", "uid": "u-2"]
            _ = try await client.create(.configMaps, map("kept", owners: [unknown]))
            _ = try await client.create(.configMaps, map("lost", owners: [missing]))
            #expect(try await cluster.eventually { try await !exists(client, "lost") })
            #expect(try await exists(client, "kept"))
        }
    }

    @Test("An owner in another namespace is none, and an event says so")
    func otherNamespace() async throws {
        try await EmbeddedTestCluster.run(.workloads(nodes: 0), name: "work") { cluster in
            let client = cluster.client
            let far = try await client.create(.configMaps, map("far", namespace: "kube-public"))
            _ = try await client.create(.configMaps, map("lost", owners: [owner(far)]))
            var role = KubeObject(
                apiVersion: "rbac.authorization.k8s.io/v1",
                kind: "ClusterRole",
                name: "kept"
            )
            role.set([owner(far)], at: "metadata", "ownerReferences")
            _ = try await client.create(.clusterRoles, role)
            #expect(try await cluster.eventually { try await !exists(client, "lost") })
            #expect(
                try await cluster.eventually {
                    let events = try await client.list(.events, namespace: "default").items
                    let about = events.filter { $0["reason"] == "OwnerRefInvalidNamespace" }
                        .compactMap { $0.at("involvedObject", "name")?.string }
                    return Set(about) == ["lost", "kept"]
                }
            )
            #expect(try await client.find(.clusterRoles, ObjectName(name: "kept")) != nil)
        }
    }

    @Test("Of several owners one is enough; the others are struck from the list")
    func several() async throws {
        try await EmbeddedTestCluster.run(.workloads(nodes: 0), name: "work") { cluster in
            let client = cluster.client
            let one = try await client.create(.configMaps, map("one"))
            let two = try await client.create(.configMaps, map("two"))
            _ = try await client.create(.configMaps, map("child", owners: [owner(one), owner(two)]))
            try await client.delete(.configMaps, one.objectName)
            #expect(
                try await cluster.eventually {
                    try await client.get(.configMaps, ObjectName(namespace: "default", name: "child"))
                        .ownerReferences.map(\.name) == ["two"]
                }
            )
            try await client.delete(.configMaps, two.objectName)
            #expect(try await cluster.eventually { try await !exists(client, "child") })
        }
    }

    @Test("Foreground deletion waits only for dependents that block it")
    func foreground() async throws {
        try await EmbeddedTestCluster.run(.workloads(nodes: 0), name: "work") { cluster in
            let client = cluster.client
            let parent = try await client.create(.configMaps, map("parent"))
            var made = map("blocking", owners: [owner(parent, blocks: true)])
            made.set(["example.com/hold"], at: "metadata", "finalizers")
            let blocking = try await client.create(.configMaps, made)
            try await client.delete(.configMaps, parent.objectName, propagation: .foreground)
            #expect(
                try await cluster.eventually {
                    try await client.get(.configMaps, blocking.objectName).isBeingDeleted
                }
            )
            #expect(try await exists(client, "parent"))
            _ = try await client.patch(
                .configMaps,
                blocking.objectName,
                merge: ["metadata": ["finalizers": .null]]
            )
            #expect(try await cluster.eventually { try await !exists(client, "parent") })
        }
    }
}
