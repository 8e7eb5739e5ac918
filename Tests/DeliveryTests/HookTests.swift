import Delivery
import KubeClient
import KubeModel
import KubeTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct HookTests {
    private let web = DeliveryFixture.id("kart-web")

    private func job(_ name: String, hook: String, exitCode: Int = 0, image: String = "job:1") -> String {
        """
        apiVersion: batch/v1
        kind: Job
        metadata:
          name: \(name)
          annotations: {argocd.argoproj.io/hook: \(hook)}
        spec:
          backoffLimit: 0
          template:
            metadata:
              annotations: {sim.varde.dev/exit-code: "\(exitCode)", sim.varde.dev/run-for: 200ms}
            spec:
              restartPolicy: Never
              containers: [{name: job, image: "registry.example.com/\(image)"}]
        """
    }

    @Test("A PreSync hook runs to its end before anything else, and once more for every commit")
    func preSync() async throws {
        let files = [
            "env/dev/kart-web/hook.yaml": job("migrate", hook: "PreSync"),
            "env/dev/kart-web/app.yaml": configMap("a"),
        ]
        try await DeliveryFixture.run(files, contents: .workloads(nodes: 1)) { fixture in
            try await fixture.wait(web) {
                $0.sync == .syncing && $0.message.contains("waits for Job migrate")
            }
            #expect(
                try await fixture.dev.find(.configMaps, ObjectName(namespace: "kart-web", name: "a")) == nil
            )
            try await fixture.wait(web) { $0.sync == .synced && $0.health == .healthy }
            let name = ObjectName(namespace: "kart-web", name: "migrate")
            let first = try await fixture.dev.get(.jobs, name)
            #expect(first.condition("Complete")?.isTrue == true)

            // A repair runs no hooks.
            try await fixture.dev.delete(.configMaps, ObjectName(namespace: "kart-web", name: "a"))
            try await fixture.eventually("it is repaired") {
                fixture.board.history(of: web).first.map { $0.cause == .drift && $0.result == .succeeded }
                    ?? false
            }
            #expect(try await fixture.dev.get(.jobs, name).uid == first.uid)

            let commit = try await fixture.repository.push([
                "env/dev/kart-web/hook.yaml": job("migrate", hook: "PreSync", image: "job:2"),
                "env/dev/kart-web/app.yaml": configMap("a", "2"),
            ])
            try await fixture.synced(web, to: commit)
            let second = try await fixture.dev.get(.jobs, name)
            #expect(second.uid != first.uid)
        }
    }

    @Test(
        "The removal of a hook that a commit no longer has is a step of that commit's sync, of no earlier one"
    )
    func removed() async throws {
        let hook = configMap("h", annotations: ["argocd.argoproj.io/hook": "PreSync"])
        let files = ["env/dev/kart-web/a.yaml": configMap("a"), "env/dev/kart-web/h.yaml": hook]
        try await DeliveryFixture.run(files) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            let before = fixture.board.history(of: web)
            let commit = try await fixture.repository.push(["env/dev/kart-web/h.yaml": nil])
            try await fixture.synced(web, to: commit)
            let name = ObjectName(namespace: "kart-web", name: "h")
            try await fixture.eventually("it is gone") {
                try await fixture.dev.find(.configMaps, name) == nil
            }
            let after = fixture.board.history(of: web)
            #expect(after.map(\.number) == [2, 1])
            let steps = after.first?.steps.map { "\($0.action) \($0.object) \($0.state)" } ?? []
            #expect(steps == ["hook ConfigMap:kart-web/h healthy"], "\(steps)")
            #expect(after.last?.steps.map(\.object) == before.first?.steps.map(\.object))
        }
    }

    @Test("A hook that fails stops the sync, and says so")
    func failure() async throws {
        let files = [
            "env/dev/kart-web/hook.yaml": job("migrate", hook: "PreSync", exitCode: 1),
            "env/dev/kart-web/app.yaml": configMap("a"),
        ]
        try await DeliveryFixture.run(files, contents: .workloads(nodes: 1)) { fixture in
            let failed = try await fixture.wait(web) { $0.sync == .failed }
            #expect(failed.message.contains("Hook Job migrate failed"))
            #expect(
                try await fixture.dev.find(.configMaps, ObjectName(namespace: "kart-web", name: "a")) == nil
            )
            #expect(fixture.board.history(of: web).map(\.result) == [.failed])
        }
    }

    @Test("Hooks run in phases; a repair plans none of them")
    func phases() {
        let fixture = PlanFixture()
        func hook(_ name: String, _ phase: String) -> DesiredObject {
            fixture.configMap(name, annotations: ["argocd.argoproj.io/hook": phase])
        }
        let objects = [
            hook("after", "PostSync"), fixture.configMap("middle"), hook("before", "PreSync"),
            hook("never", "Skip"),
        ]
        #expect(
            fixture.plan(objects).lines == [
                "create ConfigMap before", "create ConfigMap middle", "none ConfigMap never",
                "create ConfigMap after",
            ]
        )
        #expect(
            fixture.plan(objects) { $0.occasion = .repair }.lines == [
                "none ConfigMap before", "create ConfigMap middle", "none ConfigMap never",
                "none ConfigMap after",
            ]
        )
    }
}
