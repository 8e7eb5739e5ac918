import Fleet
import KubeClient
import KubeModel
import KubeTesting
import Logging
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct CredentialTests {
    /// Opens everything as the admin cluster itself, and counts.
    private final class CountingProvider: ClusterProvider {
        let client: KubeClient
        let opened = Mutex(0)
        /// Why nothing can be opened.
        let problem = Mutex<String?>(nil)

        init(client: KubeClient) { self.client = client }

        func open(_ cluster: FleetCluster) async throws -> KubeClient {
            if let problem = problem.withLock({ $0 }) {
                throw FleetError(code: .cannotOpen, message: problem)
            }
            opened.withLock { $0 += 1 }
            return client
        }

        func remove(_ name: String, provider: ClusterSummary.Provider) async throws {}
    }

    private func apply(_ yaml: String, _ client: KubeClient) async throws {
        for document in try YAML.documents(Array(yaml.utf8)) {
            let object = KubeObject(document.value)
            let resource = try #require(try await client.discovery.resource(for: object.gvk))
            _ = try await client.apply(resource, object, force: true)
        }
    }

    private func secret(_ kubeconfig: String, _ labels: String = "{}") -> String {
        """
        apiVersion: v1
        kind: Secret
        metadata: {name: dev, namespace: default, labels: \(labels)}
        data: {kubeconfig: \(kubeconfig)}
        """
    }

    /// Runs the body while a fleet of one cluster, reached by the Secret `default/dev`, is kept open.
    private func withFleet(
        _ body: @Sendable (EmbeddedTestCluster, FleetService, CountingProvider) async throws -> Void
    ) async throws {
        try await EmbeddedTestCluster.run { cluster in
            let admin = cluster.client
            try await apply(ClusterDefinition.yaml, admin)
            #expect(try await cluster.eventually { (try? await admin.list(.clusters)) != nil })
            try await admin.discovery.refresh()
            try await apply(secret("b25l"), admin)
            try await apply(
                """
                apiVersion: varde.dev/v1alpha1
                kind: Cluster
                metadata: {name: dev}
                spec:
                  environment: dev
                  location: on-premises
                  connection: {kubeconfigSecret: {name: dev, namespace: default}}
                """,
                admin
            )
            let provider = CountingProvider(client: admin)
            let service = FleetService(
                admin: admin,
                provider: provider,
                logger: Logger(label: "test"),
                now: { 1 }
            )
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await service.run() }
                try await body(cluster, service, provider)
                group.cancelAll()
            }
        }
    }

    @Test("A kubeconfig that is replaced in its Secret is taken up at once, though the old one still works")
    func replaced() async throws {
        try await withFleet { cluster, service, provider in
            let admin = cluster.client
            #expect(try await cluster.eventually { service.client(for: "dev") != nil })
            try await apply(secret("dHdv"), admin)
            #expect(try await cluster.eventually { provider.opened.withLock { $0 } == 2 })
            try await apply(secret("dHdv", "{only: labels}"), admin)
            try await apply(secret("dGhyZWU="), admin)
            #expect(try await cluster.eventually { provider.opened.withLock { $0 } >= 3 })
            #expect(provider.opened.withLock { $0 } == 3)
        }
    }

    @Test("Why a cluster cannot be opened is known, and told when it becomes known")
    func problem() async throws {
        try await withFleet { cluster, service, provider in
            #expect(try await cluster.eventually { service.client(for: "dev") != nil })
            #expect(service.problem(of: "dev") == nil && service.problem(of: "none") == nil)
            provider.problem.withLock { $0 = "the token has expired" }
            var other = try await cluster.client.get(.clusters, ObjectName(name: "dev"))
            (other["metadata"], other["status"]) = (["name": "other"], nil)
            let changes = service.changes()
            _ = try await cluster.client.apply(.clusters, other, force: true)
            for await _ in changes where service.problem(of: "other") != nil { break }
            #expect(service.problem(of: "other") == "the token has expired")
        }
    }
}
