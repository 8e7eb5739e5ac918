import Delivery
import KubeClient
import KubeModel
import Synchronization
import Testing

/// Section 6: directories that go while their clusters change.
@Suite(.timeLimit(.minutes(1))) struct Section06ClusterTests {
    private let web = DeliveryFixture.id("kart-web")
    private let name = ObjectName(namespace: "kart-web", name: "a")

    @Test(
        "A directory that moves to another name of its cluster takes its objects along, and makes none anew"
    )
    func renamed() async throws {
        let files = ["env/dev/kart-web/a.yaml": configMap("a"), "env/dev/kart-web/b.yaml": configMap("b")]
        try await DeliveryFixture.run(files) { fixture in
            fixture.policy.keepsNamespaces.withLock { $0 = true }
            fixture.clusters.add("north", fixture.dev)
            try await fixture.wait(web) { $0.sync == .synced }
            let before = try await fixture.dev.get(.configMaps, name)
            // Nothing but ConfigMap b stays behind, which the new directory does not have.
            try await fixture.repository.push([
                "env/dev/kart-web": nil, "env/north/kart-web/a.yaml": configMap("a"),
            ])
            let north = DeliveryFixture.id("kart-web", cluster: "north")
            try await fixture.wait(north) { $0.sync == .synced && $0.health == .healthy }
            try await fixture.eventually("the old place is gone") { fixture.board.application(web) == nil }
            let after = try await fixture.dev.get(.configMaps, name)
            #expect(after.uid == before.uid && !after.isBeingDeleted && Tracking(north).owns(after))
            let left = ObjectName(namespace: "kart-web", name: "b")
            #expect(try await fixture.dev.find(.configMaps, left) == nil)
        }
    }

    @Test(
        "A directory that goes while its cluster is not in the fleet is remembered, and buried when it is back"
    )
    func absent() async throws {
        let files = ["env/far/kart-web/a.yaml": configMap("a"), "env/tset/kart-typo/a.yaml": configMap("a")]
        let (web, typo) = (
            DeliveryFixture.id("kart-web", cluster: "far"), DeliveryFixture.id("kart-typo", cluster: "tset")
        )
        try await DeliveryFixture.run(files) { fixture in
            fixture.clusters.add("far", fixture.dev)
            try await fixture.wait(web) { $0.sync == .synced }
            try await fixture.wait(typo) { $0.sync == .refused }
            fixture.clusters.remove("far")
            try await fixture.wait(web) { $0.sync == .refused }
            try await fixture.repository.push(["env": nil, "README": "empty"])
            let waiting = try await fixture.wait(web) { $0.sync == .deleting }
            #expect(waiting.message.contains("There is no cluster far in the fleet"), "\(waiting)")
            // Of one that never came to anything nothing is remembered.
            try await fixture.eventually("it is forgotten") { fixture.board.application(typo) == nil }
            #expect(try await fixture.dev.find(.configMaps, name) != nil)
            fixture.clusters.add("far", fixture.dev)
            try await fixture.eventually("it is buried") { fixture.board.application(web) == nil }
            #expect(try await fixture.dev.find(.configMaps, name) == nil)
        }
    }
}
