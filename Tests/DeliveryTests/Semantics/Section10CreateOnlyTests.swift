import Delivery
import KubeClient
import KubeModel
import Testing

@Suite("10. Annotations honoured: create only", .timeLimit(.minutes(1)))
struct Section10CreateOnlyTests {
    private let web = DeliveryFixture.id("kart-web")

    @Test(
        "mutation: ignore and ssa: IfNotPresent leave alone what somebody else made, by the sync and by the plan",
        arguments: [
            ("client.lifecycle.config.k8s.io/mutation", "ignore"),
            ("kustomize.toolkit.fluxcd.io/ssa", "IfNotPresent"),
        ]
    )
    func leftAlone(key: String, value: String) async throws {
        try await DeliveryFixture.run(["env/dev/kart-web/a.yaml": configMap("a")]) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            var map = KubeObject(apiVersion: "v1", kind: "ConfigMap", namespace: "kart-web", name: "theirs")
            map["data"] = ["key": "theirs"]
            let version = try await fixture.dev.create(.configMaps, map).resourceVersion
            let files = ["env/dev/kart-web/t.yaml": configMap("theirs", "ours", annotations: [key: value])]
            let commit = try await fixture.repository.push(files, to: "feature")
            let request = PreviewRequest(repositories: [fixture.repository.url], revision: "feature")
            let plan = try await fixture.delivery.preview(request, scratch: fixture.repository.url + ".plans")
            #expect(plan.applications.flatMap(\.objects).isEmpty)
            try await fixture.repository.merge(commit)
            try await fixture.synced(web, to: commit)
            let name = ObjectName(namespace: "kart-web", name: "theirs")
            let live = try await fixture.dev.get(.configMaps, name)
            #expect(live.resourceVersion == version)
            #expect(live.at("data", "key") == "theirs")
            let steps = fixture.board.history(of: web).first?.steps ?? []
            #expect(steps.map(\.action) == [SyncStep.Action.none])
        }
    }

    @Test("What is taken over is planned and told as an update, not as created")
    func takenOver() async throws {
        try await DeliveryFixture.run(["env/dev/kart-web/a.yaml": configMap("a")]) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            var map = KubeObject(apiVersion: "v1", kind: "ConfigMap", namespace: "kart-web", name: "old")
            map["data"] = ["other": "x"]
            _ = try await fixture.dev.create(.configMaps, map)
            let files = ["env/dev/kart-web/o.yaml": configMap("old")]
            let commit = try await fixture.repository.push(files, to: "feature")
            let request = PreviewRequest(repositories: [fixture.repository.url], revision: "feature")
            let plan = try await fixture.delivery.preview(request, scratch: fixture.repository.url + ".plans")
            #expect(plan.applications.flatMap(\.objects).map(\.action) == [.update])
            try await fixture.repository.merge(commit)
            try await fixture.synced(web, to: commit)
            let record = try #require(fixture.board.history(of: web).first)
            #expect(record.created == 0 && record.updated == 1)
            #expect(
                record.steps.contains { step in
                    step.trail.contains { $0.message == "was there already, made by somebody" }
                }
            )
        }
    }
}
