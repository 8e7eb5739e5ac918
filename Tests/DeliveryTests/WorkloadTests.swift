import Delivery
import KubeClient
import KubeModel
import KubeTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct WorkloadTests {
    private let web = DeliveryFixture.id("kart-web")

    @Test("A Deployment becomes healthy, with its pods in the tree")
    func rollout() async throws {
        try await DeliveryFixture.run(
            ["env/dev/kart-web/app.yaml": workload("web")],
            contents: .workloads(nodes: 2)
        ) {
            fixture in
            try await fixture.wait(web) { $0.sync == .synced && $0.health == .healthy && $0.healthyAt != nil }
            try await fixture.eventually("the tree has the pods") {
                fixture.board.objects(of: web).count { $0.kind == "Pod" && $0.health == .healthy } == 2
            }
            let nodes = fixture.board.objects(of: web)
            let deployment = try #require(nodes.first { $0.kind == "Deployment" })
            #expect(deployment.summary == "2/2 ready")
            #expect(deployment.images == ["registry.example.com/web:1"])
            let set = try #require(nodes.first { $0.kind == "ReplicaSet" })
            #expect(set.parent == deployment.id)
            #expect(nodes.first { $0.kind == "Pod" }?.parent == set.id)
            try await fixture.eventually("the steps of the sync are healthy") {
                fixture.board.history(of: web).first?.steps.allSatisfy { $0.state == .healthy } ?? false
            }
        }
    }

    @Test("A Deployment that somebody deletes is back, and healthy again")
    func deletedDeployment() async throws {
        try await DeliveryFixture.run(
            ["env/dev/kart-web/app.yaml": workload("web")],
            contents: .workloads(nodes: 2)
        ) {
            fixture in
            try await fixture.wait(web) { $0.sync == .synced && $0.health == .healthy }
            let name = ObjectName(namespace: "kart-web", name: "web")
            let before = try await fixture.dev.get(.deployments, name)
            try await fixture.dev.delete(.deployments, name)
            try await fixture.eventually("the deployment is back") {
                try await fixture.dev.find(.deployments, name).map { $0.uid != before.uid } ?? false
            }
            try await fixture.wait(web) { $0.sync == .synced && $0.health == .healthy }
        }
    }

    @Test("A pod that cannot pull its image makes the application degraded, in the pod's words")
    func imagePull() async throws {
        let failing = workload("web").replacing(
            "labels: {app: web}",
            with: "labels: {app: web}\n      annotations: {sim.varde.dev/fail: image-pull}"
        )
        try await DeliveryFixture.run(["env/dev/kart-web/app.yaml": failing], contents: .workloads(nodes: 2))
        { fixture in
            let degraded = try await fixture.wait(web) { $0.health == .degraded }
            #expect(degraded.sync == .synced)
            #expect(degraded.message.hasPrefix("Deployment web: Pod web-"))
            let commit = try await fixture.repository.push(["env/dev/kart-web/app.yaml": workload("web")])
            try await fixture.wait(web) {
                $0.applied?.commit == commit && $0.health == .healthy && $0.message.isEmpty
            }
        }
    }
}
