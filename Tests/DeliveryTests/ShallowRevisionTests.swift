import Delivery
import GitSource
import KubeTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct ShallowRevisionTests {
    @Test("What changed before the mirror's history begins is not ascribed to the commit that it begins with")
    func boundary() async throws {
        let web = DeliveryFixture.id("kart-web")
        try await EmbeddedTestCluster.run(.api) { cluster in
            let repository = try await TestRepository(
                in: cluster.directory,
                ["env/dev/kart-web/a.yaml": configMap("a"), "env/dev/kart-b/a.yaml": configMap("a")]
            )
            try await repository.push(["README": "1"], message: "Others")
            let last = try await repository.push(["README": "2"], message: "Somebody else's")
            var access = RepositoryAccess()
            access.depth = 1
            try await DeliveryFixture.run(cluster, repository, access: access) { fixture in
                let old = try await fixture.synced(web, to: last)
                #expect(old.applied?.subject.contains("at or before this commit") == true)
                #expect(old.applied?.author == "")
                let own = try await repository.push(
                    ["env/dev/kart-web/a.yaml": configMap("a", "2")],
                    message: "Its own"
                )
                let new = try await fixture.synced(web, to: own)
                #expect(new.applied?.subject == "Its own" && new.applied?.author == "Kari")
            }
        }
    }
}
