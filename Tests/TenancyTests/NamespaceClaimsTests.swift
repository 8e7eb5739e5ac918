import KubeClient
import KubeModel
import KubeRuntime
import KubeTesting
import Logging
import Tenancy
import Testing

/// Claims on namespaces as they are made and given back in a cluster.
@Suite(.timeLimit(.minutes(1))) struct NamespaceClaimsTests {
    private func tenant(quota: Int?) -> Tenant {
        var tenant = Tenant(name: "kart", prefixes: ["kart"])
        tenant.namespaceQuota = quota
        return tenant
    }

    private func claim(_ namespace: String, quota: Int? = nil, cluster: String = "dev") -> NamespaceClaim {
        NamespaceClaim(tenant: tenant(quota: quota), cluster: cluster, namespace: namespace)
    }

    /// Runs the body with claims that are kept meanwhile.
    private func withClaims(
        _ body: @Sendable (EmbeddedTestCluster, NamespaceClaims) async throws -> Void
    ) async throws {
        try await EmbeddedTestCluster.run(.workloads(nodes: 1)) { cluster in
            let claims = NamespaceClaims(logger: Logger(label: "test")) { "uid" }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await claims.run() }
                try await body(cluster, claims)
                group.cancelAll()
            }
        }
    }

    private func has(_ namespace: String, _ cluster: EmbeddedTestCluster) async throws -> Bool {
        try await cluster.client.find(.namespaces, ObjectName(name: namespace)) != nil
    }

    @Test("Of namespaces that are made at the same time no more are made than the quota has room for")
    func quota() async throws {
        try await withClaims { cluster, claims in
            let names = ["kart-a", "kart-b", "kart-c", "kart-d"]
            let refused = await withTaskGroup(of: TenancyError?.self) { group in
                for name in names {
                    group.addTask {
                        do {
                            _ = try await claims.prepare(claim(name, quota: 2), client: cluster.client)
                            return nil
                        } catch {
                            return error as? TenancyError
                        }
                    }
                }
                return await group.reduce(into: []) { $0 += $1.map { [$0] } ?? [] }
            }
            #expect(refused.map(\.code) == [.namespaceQuota, .namespaceQuota])
            var made: [String] = []
            for name in names where try await has(name, cluster) { made.append(name) }
            #expect(made.count == 2)
            // What is there stays allowed, also with a smaller quota; and there is room again once one is gone.
            for name in made {
                _ = try await claims.prepare(claim(name, quota: 1), client: cluster.client)
                #expect(await claims.count(of: "kart", unlessIn: "dev", name) == 0)
            }
            #expect(await claims.count(of: "kart", unlessIn: "dev", "kart-e") == 2)
            let changes = claims.quotaChanges.stream()
            try await claims.release(
                claim(made[0], quota: 2),
                of: "own",
                foreign: .refuse,
                client: cluster.client
            )
            for await _ in changes where await claims.count(of: "kart", unlessIn: "dev", "kart-e") == 1 {
                break
            }
            _ = try await claims.prepare(claim("kart-e", quota: 2), client: cluster.client)
        }
    }

    @Test(
        "A used-up quota is told of a namespace that is not handed over yet, and others are told when the last one is made"
    )
    func quotaFirst() async throws {
        try await withClaims { cluster, claims in
            var changes = claims.quotaChanges.stream().makeAsyncIterator()
            await changes.next()
            let foreign = KubeObject(apiVersion: "v1", kind: "Namespace", name: "kart-old")
            _ = try await cluster.client.create(.namespaces, foreign)
            func refusal() async -> TenancyError? {
                await #expect(throws: TenancyError.self) {
                    _ = try await claims.prepare(claim("kart-old", quota: 1), client: cluster.client)
                }
            }
            #expect(await refusal()?.code == .foreignNamespace)
            _ = try await claims.prepare(claim("kart-web", quota: 1), client: cluster.client)
            #expect(await refusal()?.code == .namespaceQuota)
            await changes.next()
        }
    }

    @Test("A namespace that is claimed for the same cluster by another name is left to that")
    func otherName() async throws {
        try await withClaims { cluster, claims in
            _ = try await claims.prepare(claim("kart-web"), client: cluster.client)
            try await claims.release(
                claim("kart-web", cluster: "north"),
                of: "own",
                foreign: .delete,
                client: cluster.client
            )
            let live = try await cluster.client.get(.namespaces, ObjectName(name: "kart-web"))
            #expect(!live.isBeingDeleted)
        }
    }

    @Test("A namespace goes with an application's own objects, and not unasked with those of another")
    func otherApplication() async throws {
        try await withClaims { cluster, claims in
            _ = try await claims.prepare(claim("kart-web"), client: cluster.client)
            var object = KubeObject(apiVersion: "v1", kind: "ConfigMap", namespace: "kart-web", name: "a")
            object.labels = ["varde.dev/application": "other"]
            _ = try await cluster.client.apply(.configMaps, object, force: true)
            func release(of application: String) async throws {
                try await claims.release(
                    claim("kart-web"),
                    of: application,
                    foreign: .refuse,
                    client: cluster.client
                )
            }
            let error = await #expect(throws: TenancyError.self) { try await release(of: "own") }
            #expect(error?.code == .foreignContent && error?.message.contains("ConfigMap a") == true)
            #expect(try await has("kart-web", cluster))
            try await release(of: "other")
            #expect(try await !has("kart-web", cluster))
        }
    }
}
