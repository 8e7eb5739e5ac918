import Delivery
import KubeClient
import KubeModel
import Testing

@Suite("1. From directory to application", .timeLimit(.minutes(1)))
struct Section01DirectoryTests {
    private let web = DeliveryFixture.id("kart-web")

    @Test(
        "The same namespace in two clusters is two applications, with objects <cluster>.<namespace> in tenant-<tenant>"
    )
    func twoClusters() async throws {
        let files = [
            "env/dev/kart-web/a.yaml": configMap("a", "dev"),
            "env/prod/kart-web/a.yaml": configMap("a", "prod"),
        ]
        try await DeliveryFixture.run(files) { fixture in
            let prod = try await fixture.addCluster("prod")
            let other = DeliveryFixture.id("kart-web", cluster: "prod")
            try await fixture.wait(web) { $0.sync == .synced }
            try await fixture.wait(other) { $0.sync == .synced }
            let name = ObjectName(namespace: "kart-web", name: "a")
            #expect(try await fixture.dev.get(.configMaps, name).at("data", "key") == "dev")
            #expect(try await prod.get(.configMaps, name).at("data", "key") == "prod")
            try await fixture.eventually("both objects are there") {
                let objects = try await fixture.admin.list(.applications, namespace: "tenant-kart").items
                return Set(objects.map(\.name)) == ["dev.kart-web", "prod.kart-web"]
            }
        }
    }

    @Test("The prefix env can be changed")
    func root() async throws {
        try await DeliveryFixture.run(["deploy/dev/kart-web/a.yaml": configMap("a")]) { fixture in
            var source = fixture.source
            source.root = "deploy"
            await fixture.delivery.setSources([source])
            try await fixture.wait(web) { $0.sync == .synced && $0.path == "deploy/dev/kart-web" }
        }
    }

    @Test(
        "Unknown keys or wrong types are a finding on that application only; it keeps its last good settings"
    )
    func settings() async throws {
        let files = [
            "env/dev/kart-web/varde.yaml": "prune: false\n", "env/dev/kart-web/a.yaml": configMap("a"),
            "env/dev/kart-web/b.yaml": configMap("b"), "env/dev/kart-other/a.yaml": configMap("a"),
        ]
        try await DeliveryFixture.run(files) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            let commit = try await fixture.repository.push([
                "env/dev/kart-web/varde.yaml": "prune: maybe\n", "env/dev/kart-web/b.yaml": nil,
                "env/dev/kart-web/a.yaml": configMap("a", "2"),
            ])
            let after = try await fixture.wait(web) { $0.applied?.commit == commit }
            let finding = try #require(after.findings.first { $0.code == .settingsInvalid })
            #expect(finding.origin == "env/dev/kart-web/varde.yaml")
            // With prune: false, which is still in use, nothing is deleted.
            let kept = ObjectName(namespace: "kart-web", name: "b")
            #expect(try await fixture.dev.find(.configMaps, kept) != nil)
            let other = try await fixture.wait(DeliveryFixture.id("kart-other")) { $0.sync == .synced }
            #expect(other.findings.isEmpty)
        }
    }

    @Test(
        "An unknown cluster name, or a namespace outside the prefixes: nothing runs, and a finding says which rule, which file"
    )
    func refused() async throws {
        let files = [
            "env/nowhere/kart-web/a.yaml": configMap("a"), "env/dev/other-web/a.yaml": configMap("a"),
        ]
        try await DeliveryFixture.run(files) { fixture in
            let nowhere = try await fixture.wait(DeliveryFixture.id("kart-web", cluster: "nowhere")) {
                $0.sync == .refused
            }
            #expect(nowhere.findings.first?.code == .unknownCluster)
            #expect(nowhere.findings.first?.origin == "env/nowhere/kart-web")
            let outside = try await fixture.wait(DeliveryFixture.id("other-web")) { $0.sync == .refused }
            #expect(outside.findings.first?.code == .outsidePrefix)
            #expect(outside.findings.first?.origin == "env/dev/other-web")
            #expect(try await fixture.dev.find(.namespaces, ObjectName(name: "other-web")) == nil)
        }
    }
}
