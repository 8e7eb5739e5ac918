import KubeClient
import KubeModel
import KubeTesting
import Testing

@testable import KubeServer

@Suite("Workloads of an embedded cluster")
struct WorkloadTests {
    private let name = ObjectName(namespace: "default", name: "web")

    private func deployment(image: String = "a:1", replicas: Int = 2) -> KubeObject {
        var object = KubeObject(apiVersion: "apps/v1", kind: "Deployment", namespace: "default", name: "web")
        object.spec = [
            "replicas": .integer(Int64(replicas)), "selector": ["matchLabels": ["app": "web"]],
            "template": Made.template(image: image),
        ]
        return object
    }

    private func isAvailable(_ client: KubeClient, _ replicas: Int, image: String) async throws -> Bool {
        let object = try await client.get(.deployments, name)
        let pods = try await client.list(.pods, namespace: "default").items.filter { !$0.isBeingDeleted }
        return object.at("status", "availableReplicas")?.int == replicas
            && object.at("status", "updatedReplicas")?.int == replicas
            && object.at("status", "observedGeneration")?.int == object.generation
            && pods.count == replicas
            && pods.allSatisfy { $0.at("spec", "containers")?[0]?["image"]?.string == image && $0.isPodReady }
    }

    @Test("A Deployment becomes available, rolls to another image, scales, and leaves nothing behind")
    func rollout() async throws {
        try await EmbeddedTestCluster.run(.workloads(nodes: 2), name: "work") { cluster in
            let client = cluster.client
            _ = try await client.create(.deployments, deployment())
            #expect(try await cluster.eventually { try await isAvailable(client, 2, image: "a:1") })
            let template: JSON = ["spec": ["containers": [["name": "c", "image": "a:2"]]]]
            _ = try await client.patch(.deployments, name, merge: ["spec": ["template": template]])
            #expect(try await cluster.eventually { try await isAvailable(client, 2, image: "a:2") })
            #expect(
                try await client.get(.deployments, name).annotation(DeploymentAnnotations.revision) == "2"
            )
            _ = try await client.patch(.deployments, name, merge: ["spec": ["replicas": 5]])
            #expect(try await cluster.eventually { try await isAvailable(client, 5, image: "a:2") })
            try await client.delete(.deployments, name)
            #expect(
                try await cluster.eventually {
                    let sets = try await client.list(.replicaSets).items
                    let pods = try await client.list(.pods).items
                    return sets.isEmpty && pods.isEmpty
                }
            )
        }
    }

    @Test("A namespace goes with everything in it, also with Jobs that have not ended")
    func namespace() async throws {
        try await EmbeddedTestCluster.run(.workloads(nodes: 1), name: "work") { cluster in
            let client = cluster.client
            _ = try await client.create(
                .namespaces,
                KubeObject(apiVersion: "v1", kind: "Namespace", name: "gone")
            )
            var web = deployment()
            web.namespace = "gone"
            _ = try await client.create(.deployments, web)
            var job = KubeObject(apiVersion: "batch/v1", kind: "Job", namespace: "gone", name: "j")
            job.spec = [
                "template": [
                    "spec": ["restartPolicy": "Never", "containers": [["name": "c", "image": "a:1"]]]
                ]
            ]
            _ = try await client.create(.jobs, job)
            #expect(
                try await cluster.eventually {
                    try await client.list(.pods, namespace: "gone").items.count == 3
                }
            )
            try await client.delete(.namespaces, ObjectName(name: "gone"))
            #expect(
                try await cluster.eventually {
                    try await client.find(.namespaces, ObjectName(name: "gone")) == nil
                }
            )
            #expect(try await client.list(.pods).items.isEmpty)
        }
    }

    @Test(
        "A StatefulSet gets its pods in order, each with a bound claim; a Job completes; a Service has endpoints"
    )
    func others() async throws {
        try await EmbeddedTestCluster.run(.workloads(nodes: 2), name: "work") { cluster in
            let client = cluster.client
            var service = KubeObject(apiVersion: "v1", kind: "Service", namespace: "default", name: "db")
            service.spec = ["selector": ["app": "web"], "ports": [["port": 80]]]
            _ = try await client.create(.services, service)
            var set = KubeObject(apiVersion: "apps/v1", kind: "StatefulSet", namespace: "default", name: "db")
            set.spec = [
                "replicas": 2, "serviceName": "db", "selector": ["matchLabels": ["app": "web"]],
                "template": Made.template(),
                "volumeClaimTemplates": [
                    [
                        "metadata": ["name": "data"],
                        "spec": [
                            "accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "1Gi"]],
                        ],
                    ]
                ],
            ]
            _ = try await client.create(.statefulSets, set)
            var job = KubeObject(apiVersion: "batch/v1", kind: "Job", namespace: "default", name: "j")
            job.spec = [
                "template": [
                    "metadata": ["annotations": ["sim.varde.dev/run-for": "50ms"]],
                    "spec": ["restartPolicy": "Never", "containers": [["name": "c", "image": "a:1"]]],
                ]
            ]
            _ = try await client.create(.jobs, job)
            #expect(
                try await cluster.eventually {
                    let set = try await client.get(
                        .statefulSets,
                        ObjectName(namespace: "default", name: "db")
                    )
                    let job = try await client.get(.jobs, ObjectName(namespace: "default", name: "j"))
                    let claims = try await client.list(.persistentVolumeClaims).items
                    let slices = try await client.list(
                        .endpointSlices,
                        namespace: "default",
                        labelSelector: "kubernetes.io/service-name=db"
                    ).items
                    return set.readyReplicas == 2 && job.condition("Complete")?.isTrue == true
                        && claims.count == 2 && claims.allSatisfy { $0.at("status", "phase") == "Bound" }
                        && slices.flatMap { $0["endpoints"]?.array ?? [] }.count == 2
                }
            )
        }
    }

    @Test("Foreground deletion waits for the dependents, orphaning lets them go")
    func deletionModes() async throws {
        try await EmbeddedTestCluster.run(.workloads(nodes: 1), name: "work") { cluster in
            let client = cluster.client
            _ = try await client.create(.deployments, deployment(replicas: 1))
            #expect(try await cluster.eventually { try await isAvailable(client, 1, image: "a:1") })
            try await client.delete(.deployments, name, propagation: .orphan)
            #expect(try await cluster.eventually { try await client.find(.deployments, name) == nil })
            let orphan = try #require(try await client.list(.replicaSets).items.first)
            #expect(orphan.ownerReferences.isEmpty)
            _ = try await client.create(.deployments, deployment(replicas: 1))
            #expect(
                try await cluster.eventually {
                    try await client.list(.replicaSets).items.map(\.controller?.name) == ["web"]
                }
            )
            #expect(try await client.list(.replicaSets).items.first?.uid == orphan.uid)
            try await client.delete(.deployments, name, propagation: .foreground)
            #expect(try await cluster.eventually { try await client.find(.deployments, name) == nil })
            #expect(try await client.list(.replicaSets).items.isEmpty)
        }
    }

    @Test("A cluster at rest writes nothing")
    func rest() async throws {
        try await EmbeddedTestCluster.run(.workloads(nodes: 1), name: "work") { cluster in
            let client = cluster.client
            _ = try await client.create(.deployments, deployment())
            #expect(try await cluster.eventually { try await isAvailable(client, 2, image: "a:1") })
            @Sendable func version() async throws -> String {
                try await client.list(.namespaces).resourceVersion
            }
            // Events and statuses come a little later than what they tell of.
            #expect(
                try await cluster.eventually {
                    let before = try await version()
                    try await Task.sleep(for: .milliseconds(300))
                    return try await version() == before
                }
            )
        }
    }
}
