import Delivery
import KubeClient
import KubeModel
import Testing

@Suite("6. Deleting: what goes after what", .timeLimit(.minutes(1)))
struct Section06OrderTests {
    private let plans = PlanFixture()

    private func map(_ name: String, dependsOn others: [String] = [], last: Bool = false) -> DesiredObject {
        var annotations: [String: String] = [:]
        if !others.isEmpty {
            annotations["config.kubernetes.io/depends-on"] =
                others.map { "/namespaces/kart-web/ConfigMap/\($0)" }.joined(separator: ",")
        }
        if last { annotations["argocd.argoproj.io/sync-options"] = "PruneLast=true" }
        return plans.configMap(name, annotations: annotations)
    }

    /// The names that go one after the other, each time until what was told to go is gone.
    private func course(_ live: [KubeObject]) -> [[String]] {
        let kept = plans.configMap("kept")
        var live = live
        var course: [[String]] = []
        while course.count < 10 {
            let plan = plans.plan([kept], live: live + [plans.applied(kept)])
            guard case .delete(let groups) = SyncDecision(plan, health: { _ in Health(.healthy) }) else {
                break
            }
            let names = groups.joined().map(\.reference.name)
            course.append(names.sorted())
            live.removeAll { names.contains($0.name) }
        }
        return course
    }

    private func going(_ desired: DesiredObject) -> KubeObject {
        var live = plans.applied(desired)
        live.set("2026-01-01T00:00:00Z", at: "metadata", "deletionTimestamp")
        live.set(["example.com/hold"], at: "metadata", "finalizers")
        return live
    }

    @Test("PruneLast waits for deletions that wait for others themselves")
    func lastAfterBlocked() {
        let live = [map("a"), map("b", dependsOn: ["a"]), map("last", last: true)].map { plans.applied($0) }
        #expect(course(live) == [["b"], ["a"], ["last"]])
    }

    @Test("PruneLast waits for deletions that are under way")
    func lastAfterGoing() {
        let kept = plans.configMap("kept")
        let live = [plans.applied(map("last", last: true)), going(map("a")), plans.applied(kept)]
        let plan = plans.plan([kept], live: live)
        guard case .stuck = SyncDecision(plan, health: { _ in Health(.healthy) }) else {
            Issue.record("the other is not gone yet")
            return
        }
        #expect(!plan.isDone)
    }

    @Test(
        "What goes last waits even for what it depends on; among themselves those that go last keep their order"
    )
    func lastAgainstDependencies() {
        let live = [map("a"), map("x", last: true), map("y", dependsOn: ["a", "x"], last: true)]
        #expect(course(live.map { plans.applied($0) }) == [["a"], ["y"], ["x"]])
    }

    @Test(
        "Objects that depend on each other in a circle go together, after what needs them, before what they need"
    )
    func circles() {
        #expect(course([plans.applied(map("a", dependsOn: ["a"]))]) == [["a"]])
        let live = [
            map("user", dependsOn: ["a"]), map("a", dependsOn: ["b"]), map("b", dependsOn: ["c"]),
            map("c", dependsOn: ["a", "base"]), map("base"), map("other"),
        ]
        #expect(course(live.map { plans.applied($0) }) == [["other", "user"], ["a", "b", "c"], ["base"]])
        let removal = plans.plan([], live: live.dropFirst().map { plans.applied($0) }) {
            $0.purpose = .removal
        }
        guard case .delete(let groups) = SyncDecision(removal, health: { _ in Health(.healthy) }) else {
            Issue.record("a directory that is gone leaves nothing")
            return
        }
        #expect(groups.joined().map(\.reference.name).sorted() == ["a", "b", "c", "other"])
    }

    @Test("What something depends on stays until that is gone, however long its finalizers take")
    func goingDependent() {
        let live = [going(map("user", dependsOn: ["base"])), plans.applied(map("base"))]
        #expect(course(live) == [])
    }

    @Test("While something is on its way out, PruneLast stays, and it is said what is waited for")
    func lastInCluster() async throws {
        let web = DeliveryFixture.id("kart-web")
        let last = configMap("last", annotations: ["argocd.argoproj.io/sync-options": "PruneLast=true"])
        let held = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, finalizers: [example.com/hold]}\n"
        let files = [
            "env/dev/kart-web/last.yaml": last, "env/dev/kart-web/a.yaml": held,
            "env/dev/kart-web/kept.yaml": configMap("kept"),
        ]
        try await DeliveryFixture.run(files) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            let commit = try await fixture.repository.push([
                "env/dev/kart-web/last.yaml": nil, "env/dev/kart-web/a.yaml": nil,
            ])
            try await fixture.wait(web) {
                $0.message.hasPrefix("ConfigMap a: is being deleted; waits for example.com/hold")
            }
            let names = ["a", "last"].map { ObjectName(namespace: "kart-web", name: $0) }
            #expect(try await fixture.dev.find(.configMaps, names[1]) != nil)
            _ = try await fixture.dev.patch(
                .configMaps,
                names[0],
                merge: ["metadata": ["finalizers": .null]]
            )
            try await fixture.synced(web, to: commit)
            #expect(try await fixture.dev.find(.configMaps, names[1]) == nil)
        }
    }
}
