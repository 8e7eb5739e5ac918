import KubeClient
import KubeModel
import KubeTesting
import Synchronization
import Testing

@testable import Delivery

/// What is shown of applications that are refused or stopped: things as they are.
@Suite(.timeLimit(.minutes(1))) struct StoppedApplicationTests {
    private let web = DeliveryFixture.id("kart-web")
    private let other = "env/dev/kart-other/a.yaml"

    /// A namespace that is nobody's, with a map and a Deployment in it.
    private func makeByHand(_ fixture: DeliveryFixture) async throws {
        fixture.policy.unadopted.withLock { _ = $0.insert("kart-web") }
        let namespace = KubeObject(apiVersion: "v1", kind: "Namespace", name: "kart-web")
        _ = try await fixture.dev.create(.namespaces, namespace)
        _ = try await fixture.dev.create(.configMaps, map("a"))
    }

    private func map(_ name: String) -> KubeObject {
        var map = KubeObject(apiVersion: "v1", kind: "ConfigMap", namespace: "kart-web", name: name)
        map["data"] = ["key": "v"]
        return map
    }

    private func node(_ name: String, _ fixture: DeliveryFixture) -> ObjectNode? {
        fixture.board.objects(of: web).first { $0.name == name }
    }

    private func isThere(_ name: String, _ fixture: DeliveryFixture) -> Bool {
        node(name, fixture).map { $0.sync == .outOfSync && $0.health == .healthy && $0.uid != nil } ?? false
    }

    private let files = [
        "env/dev/kart-web/a.yaml": configMap("a"), "env/dev/kart-web/b.yaml": configMap("b"),
    ]

    @Test("Before its namespace is adopted, objects that are there are shown as they are, and others missing")
    func unadopted() async throws {
        try await DeliveryFixture.run([other: configMap("a")]) { fixture in
            try await makeByHand(fixture)
            try await fixture.repository.push(files)
            let refused = try await fixture.wait(web) { $0.sync == .refused && $0.counts.total == 2 }
            #expect(isThere("a", fixture))
            #expect(node("b", fixture)?.sync == .outOfSync && node("b", fixture)?.health == .missing)
            #expect(refused.counts.healthy == 1 && refused.health == .missing)
            // Whose it is is not decided: nobody of the tenant gets to see what is in it.
            let manifests = try await fixture.delivery.object("ConfigMap:kart-web/a", of: web)
            #expect(manifests.live == nil && manifests.desired != nil)
        }
    }

    @Test("A namespace that is handed over is noticed when it is, not with the next retry")
    func handedOver() async throws {
        try await DeliveryFixture.run([other: configMap("a")]) { fixture in
            try await makeByHand(fixture)
            try await fixture.repository.push(files)
            try await fixture.wait(web) { $0.sync == .refused }
            _ = try await fixture.dev.patch(
                .namespaces,
                ObjectName(name: "kart-web"),
                merge: ["metadata": ["annotations": ["varde.dev/adopt": "kart"]]]
            )
            // Sooner than the first retry, after fifteen seconds.
            try await fixture.wait(web, within: .seconds(12)) { $0.sync == .synced }
            #expect(node("a", fixture)?.sync == .synced)
        }
    }

    @Test("A paused application shows what is there, and what it would make and delete as out of sync")
    func paused() async throws {
        try await DeliveryFixture.run(files) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            try await fixture.delivery.pause(web, reason: "", by: "kari")
            try await fixture.wait(web) { $0.sync == .paused }
            try await fixture.repository.push([
                "env/dev/kart-web/b.yaml": nil, "env/dev/kart-web/c.yaml": configMap("c"),
            ])
            _ = try await fixture.dev.create(.configMaps, map("c"))
            try await fixture.eventually("the next commit is shown") {
                isThere("c", fixture) && node("b", fixture)?.sync == .outOfSync
            }
            #expect(node("b", fixture)?.health == .healthy)
        }
    }

    @Test("An application that is refused goes on showing how its objects are")
    func refused() async throws {
        try await DeliveryFixture.run(files) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            fixture.policy.refusal.withLock { $0 = "The tenant has its namespaces already." }
            await fixture.delivery.setSources([fixture.source])
            try await fixture.wait(web) { $0.sync == .refused }
            try await fixture.dev.delete(.configMaps, ObjectName(namespace: "kart-web", name: "a"))
            let shown = try await fixture.wait(web) { $0.health == .missing }
            #expect(shown.sync == .refused && shown.counts.healthy == 1)
            #expect(node("a", fixture)?.health == .missing && node("a", fixture)?.sync == .outOfSync)
            #expect(node("b", fixture)?.health == .healthy)
        }
    }

    @Test("An object that belongs to another application is shown as it is, beside whose it is")
    func duplicate() async throws {
        let role =
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: shared}\n"
            + "rules: [{apiGroups: [\"\"], resources: [pods], verbs: [get]}]\n"
        try await DeliveryFixture.run([other: configMap("a")]) { fixture in
            fixture.policy.allowsClusterScoped.withLock { $0 = true }
            try await fixture.repository.push(["env/dev/kart-first/a.yaml": role])
            try await fixture.wait(DeliveryFixture.id("kart-first")) { $0.sync == .synced }
            try await fixture.repository.push(["env/dev/kart-web/a.yaml": role])
            let refused = try await fixture.wait(web) { $0.sync == .refused }
            #expect(refused.health == .healthy)
            #expect(node("shared", fixture)?.sync == .refused && node("shared", fixture)?.health == .healthy)
        }
    }
}
