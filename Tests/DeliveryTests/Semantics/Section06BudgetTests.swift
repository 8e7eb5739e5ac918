import Delivery
import GitSource
import KubeClient
import KubeModel
import Rendering
import Synchronization
import Testing

@Suite("6. Deleting: the budget of a revision", .timeLimit(.minutes(1)))
struct Section06BudgetTests {
    private let plans = PlanFixture()
    private let web = DeliveryFixture.id("kart-web")

    private func maps(_ range: Range<Int>) -> [DesiredObject] { range.map { plans.configMap("m\($0)") } }

    @Test("At most 30 % of an application's objects when it has more than 10: exactly 30 % goes")
    func share() {
        func actions(_ live: Range<Int>, _ kept: Range<Int>) -> Set<SyncStep.Action> {
            let live = maps(live).map { plans.applied($0) }
            let steps = plans.plan(maps(kept), live: live).steps
            return Set(steps.filter { $0.desired == nil }.map(\.action))
        }
        #expect(actions(0..<20, 6..<20) == [.delete])
        #expect(actions(0..<20, 7..<20) == [.hold])
        #expect(actions(0..<10, 9..<10) == [.delete])
        #expect(actions(0..<11, 4..<11) == [.hold])
    }

    @Test("The budget is a share of what there was before the revision: what it adds does not enlarge it")
    func additions() async throws {
        let before = (0..<11).map { configMap("m\($0)") }.joined(separator: "---\n")
        let after = (4..<21).map { configMap("m\($0)") }.joined(separator: "---\n")
        let path = "env/dev/kart-web/a.yaml"
        try await DeliveryFixture.run([path: before]) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            try await fixture.repository.push([path: after])
            let held = try await fixture.wait(web) { $0.sync == .held }
            #expect(held.message.contains("would delete 4 of 11 objects"))
            let there = try await fixture.dev.list(.configMaps, namespace: "kart-web").items.map(\.name)
            #expect(Set(there).isSuperset(of: (0..<21).map { "m\($0)" }))
        }
    }

    @Test("Over budget: one deletion that is approved, or refused, does not let the others go")
    func oneByOne() async throws {
        let path = "env/dev/kart-web/a.yaml"
        let before = (0..<12).map { configMap("m\($0)") }.joined(separator: "---\n")
        let after = (4..<12).map { configMap("m\($0)") }.joined(separator: "---\n")
        try await DeliveryFixture.run([path: before]) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            try await fixture.repository.push([path: after])
            try await fixture.wait(web) { $0.sync == .held }
            try await fixture.delivery.approve(web, objects: ["ConfigMap:kart-web/m0"], by: "kari")
            try await fixture.delivery.refuse(web, objects: ["ConfigMap:kart-web/m1"], by: "kari")
            let held = try await fixture.wait(web) { $0.sync == .held && $0.message.contains("the last 2") }
            #expect(held.message.contains("varde app approve"))
            let there = try await fixture.dev.list(.configMaps, namespace: "kart-web").items.map(\.name)
            #expect(Set((1..<12).map { "m\($0)" }).isSubset(of: there) && !there.contains("m0"))
            try await fixture.delivery.approve(web, objects: nil, by: "kari")
            try await fixture.wait(web) { $0.sync == .synced }
        }
    }

    @Test("What there was before a revision is known after a restart")
    func record() throws {
        let snapshot = ApplicationSnapshot(id: web, repository: "r", branch: "main", path: "p", now: 0)
        var object = ApplicationObject(snapshot: snapshot, tombstone: nil, trees: [], history: [])
        var known = ObjectsBefore(commit: "abc", count: 11)
        known.isOverBudget = true
        object.objectsBefore = known
        var written = object.manifest
        written["status"] = object.statusManifest(generation: 1)["status"]
        #expect(ApplicationObject(written)?.objectsBefore == known)
        let live = maps(0..<21).map { plans.applied($0) }
        let plan = plans.plan(maps(4..<21), live: live) { $0.objectsBefore = 11 }
        #expect(plan.heldDeletions.count == 4)
    }

    @Test("A directory that is brought back is delivered as of the commit that brings it back")
    func broughtBack() async throws {
        let path = "env/dev/kart-web/a.yaml"
        try await DeliveryFixture.run([path: configMap("a"), "env/dev/kart-other/o.yaml": configMap("o")]) {
            fixture in
            fixture.policy.delay.withLock { $0 = .seconds(600) }
            try await fixture.wait(web) { $0.sync == .synced }
            let name = ObjectName(namespace: "kart-web", name: "a")
            let uid = try await fixture.dev.get(.configMaps, name).uid
            try await fixture.repository.push([path: nil])
            try await fixture.wait(web) { $0.sync == .deleting }
            let commit = try await fixture.repository.push([path: configMap("a")])
            try await fixture.synced(web, to: commit)
            #expect(try await fixture.dev.get(.configMaps, name).uid == uid)
        }
    }

    @Test("Sync options of the application hold for deletions: Prune=confirm, PruneLast=true")
    func applicationOptions() throws {
        var settings = ApplicationSettings()
        settings.syncOptions = ["Prune=confirm"]
        let live = maps(0..<3).map { plans.applied($0) }
        var plan = plans.plan(maps(0..<2), live: live) { [settings] in $0.settings = settings }
        #expect(plan.step("m2")?.action == .hold)
        settings.syncOptions = ["PruneLast=true"]
        plan = plans.plan(maps(0..<2), live: live) { [settings] in $0.settings = settings }
        #expect(plan.step("m2")?.goesLast == true)
    }
}
