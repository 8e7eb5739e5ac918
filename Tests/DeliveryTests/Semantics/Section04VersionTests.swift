import Delivery
import KubeClient
import KubeModel
import KubeTesting
import Testing

@Suite("4. Diff: manifests of another version than the watched one", .timeLimit(.minutes(2)))
struct Section04VersionTests {
    private let web = DeliveryFixture.id("kart-web")

    private func autoscaler(_ name: String, _ version: String, _ target: String) -> String {
        """
        apiVersion: autoscaling/\(version)
        kind: HorizontalPodAutoscaler
        metadata: {name: \(name)}
        spec:
          maxReplicas: 5
          scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
          \(target)
        """
    }

    @Test(
        "A change of the status or of what nobody asks for is no sync and no write; one of a field is set right"
    )
    func otherVersion() async throws {
        let metrics =
            "metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}]"
        try await DeliveryFixture.run(["env/dev/kart-web/b.yaml": autoscaler("b", "v2", metrics)]) {
            fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            let commit = try await fixture.repository.push([
                "env/dev/kart-web/a.yaml": autoscaler("a", "v1", "targetCPUUtilizationPercentage: 60")
            ])
            try await fixture.synced(web, to: commit)
            let syncs = fixture.board.history(of: web).map(\.number)
            fixture.faults.forgetRequests()
            let name = ObjectName(namespace: "kart-web", name: "a")
            var old = APIResource.horizontalPodAutoscalers
            old.gvr.version = "v1"
            let resource = old

            /// Until Varde has seen a change of its own that is made after it.
            func settle(_ mark: String) async throws {
                let other = ObjectName(namespace: "kart-web", name: "b")
                _ = try await fixture.acting(as: "kubectl-edit").patch(
                    .horizontalPodAutoscalers,
                    other,
                    merge: ["spec": ["maxReplicas": 9]]
                )
                try await fixture.eventually("\(mark) is settled") {
                    try await fixture.dev.get(.horizontalPodAutoscalers, other).spec["maxReplicas"] == 5
                }
                // The cluster has it before the sync that did it is over.
                try await fixture.eventually("\(mark)'s sync is over") {
                    fixture.board.history(of: web).allSatisfy { $0.result != .running }
                }
                try await fixture.wait(web) { $0.sync == .synced }
            }
            func writes() -> [String] { fixture.faults.writes.map(\.path).filter { $0.hasSuffix("/a") } }

            for number in 1...2 {
                let status: JSON = [
                    "status": ["currentReplicas": .integer(Int64(number)), "desiredReplicas": 1]
                ]
                _ = try await fixture.dev.patch(resource, name, merge: status, subresource: "status")
                try await settle("status")
            }
            // Nothing was asked either.
            #expect(fixture.faults.requests { $0.path.hasSuffix("/a") }.isEmpty)
            _ = try await fixture.dev.patch(resource, name, merge: ["metadata": ["annotations": ["x": "1"]]])
            try await settle("annotation")
            #expect(writes() == [])
            let later = fixture.board.history(of: web).filter { !syncs.contains($0.number) }
            #expect(!later.isEmpty && later.allSatisfy { $0.updated == 1 }, "\(later)")
            #expect(!later.flatMap(\.steps).contains { $0.object.hasSuffix("/a") && $0.action != .none })

            let person = fixture.acting(as: "kubectl-edit")
            _ = try await person.patch(
                resource,
                name,
                merge: ["spec": ["targetCPUUtilizationPercentage": 70]]
            )
            try await fixture.eventually("it is set right") {
                try await fixture.dev.get(resource, name).spec["targetCPUUtilizationPercentage"] == 60
            }
            try await fixture.wait(web) { $0.sync == .synced }
        }
    }
}
