import KubeClient
import KubeModel
@testable import KubeServer
import KubeTesting
import Logging
import ServiceLifecycle
import Testing

@Suite("Serving")
struct ServingTests {
    private static func configMap(_ name: String, namespace: String = "default") -> KubeObject {
        KubeObject(apiVersion: "v1", kind: "ConfigMap", namespace: namespace, name: name)
    }

    private static func remote(
        _ fixture: EmbeddedTestCluster,
        _ cluster: EmbeddedCluster,
        token: String? = nil
    ) throws
        -> HTTPTransport
    {
        let endpoint = ClusterEndpoint(
            server: cluster.serverURL,
            trust: .authority(Array(cluster.certificateAuthority.utf8)),
            credential: .token(token ?? cluster.adminToken)
        )
        return try HTTPTransport(endpoint, logger: Logger(label: "test"))
    }

    @Test("Pages show one version, whatever happens between them")
    func pages() async throws {
        try await EmbeddedTestCluster.run { cluster in
            let client = cluster.client
            for name in ["a", "b", "c", "d"] { _ = try await client.create(.secrets, Self.secret(name)) }
            let path = "/api/v1/namespaces/default/secrets"
            let first = try await client.send(APIRequest(.get, path, query: [(name: "limit", value: "2")]))
            try await client.delete(.secrets, ObjectName(namespace: "default", name: "c"))
            _ = try await client.create(.secrets, Self.secret("bb"))
            let token = try #require(first.at("metadata", "continue")?.string)
            let second = try await client.send(
                APIRequest(.get, path, query: [(name: "continue", value: token)])
            )
            let names = [first, second].flatMap { $0["items"]?.array ?? [] }.compactMap {
                $0.at("metadata", "name")?.string
            }
            #expect(names == ["a", "b", "c", "d"])
            #expect(first.at("metadata", "resourceVersion") == second.at("metadata", "resourceVersion"))
            #expect(first.at("metadata", "remainingItemCount") == 2)
        }
    }

    private static func secret(_ name: String) -> KubeObject {
        KubeObject(apiVersion: "v1", kind: "Secret", namespace: "default", name: name)
    }

    @Test("Clusters of one host have ports and authorities of their own and know nothing of each other")
    func separatesClusters() async throws {
        try await EmbeddedTestCluster.run { fixture in
            let dev = try await fixture.host.open(
                EmbeddedClusterConfiguration(name: "dev", runsWorkloads: false)
            )
            let here = KubeClient(transport: try Self.remote(fixture, fixture.cluster))
            let there = KubeClient(transport: try Self.remote(fixture, dev))
            #expect(try await fixture.eventually { (try? await here.list(.namespaces)) != nil })
            #expect(dev.serverURL != fixture.cluster.serverURL)
            #expect(dev.certificateAuthority != fixture.cluster.certificateAuthority)
            _ = try await there.create(.configMaps, Self.configMap("only-dev"))
            let name = ObjectName(namespace: "default", name: "only-dev")
            #expect(try await there.find(.configMaps, name) != nil)
            #expect(try await here.find(.configMaps, name) == nil)
            let stranger = KubeClient(
                transport: try Self.remote(fixture, dev, token: fixture.cluster.adminToken)
            )
            let error = await #expect(throws: StatusError.self) { _ = try await stranger.list(.namespaces) }
            #expect(error?.code == 401)
        }
    }

    @Test("A watch over TLS is answered at once, streams changes, and ends with the server")
    func streamsOverTLS() async throws {
        let events = try await EmbeddedTestCluster.run { fixture in
            let remote = KubeClient(transport: try Self.remote(fixture, fixture.cluster))
            #expect(try await fixture.eventually { (try? await remote.list(.namespaces)) != nil })
            let version = try await remote.list(.configMaps).resourceVersion
            let events = try await remote.watch(.configMaps, from: version)
            _ = try await fixture.client.create(.configMaps, Self.configMap("a"))
            var iterator = events.makeAsyncIterator()
            guard case .added(let object) = try await iterator.next() else {
                Issue.record("no event")
                return events
            }
            #expect(object.name == "a")
            return events
        }
        // The server has stopped: its watches have ended, in whatever way.
        var rest = events.makeAsyncIterator()
        while (try? await rest.next()) != nil {}
    }

    @Test("A deleted cluster is gone with its database; one of the same name starts empty")
    func deletesClusters() async throws {
        try await EmbeddedTestCluster.run { fixture in
            let configuration = EmbeddedClusterConfiguration(name: "dev", runsWorkloads: false)
            let first = try await fixture.host.open(configuration)
            _ = try await KubeClient(transport: first.transport).create(.configMaps, Self.configMap("a"))
            try await fixture.host.delete(named: "dev")
            #expect(fixture.host.cluster(named: "dev") == nil)
            let second = try await fixture.host.open(configuration)
            let found = try await KubeClient(transport: second.transport)
                .find(.configMaps, ObjectName(namespace: "default", name: "a"))
            #expect(found == nil)
            #expect(second.adminToken != first.adminToken)
        }
    }

    @Test("After a restart objects, tokens and the certificate authority are the same")
    func restarts() async throws {
        let directory = try Directory()
        func run(_ body: @Sendable (EmbeddedTestCluster) async throws -> Void) async throws -> [String] {
            try await EmbeddedTestCluster.run(directory: directory.path) { fixture in
                try await body(fixture)
                return [
                    fixture.cluster.adminToken, fixture.cluster.certificateAuthority,
                    fixture.cluster.adminCertificate,
                ]
            }
        }
        let before = try await run { _ = try await $0.client.create(.configMaps, Self.configMap("kept")) }
        let after = try await run { fixture in
            let name = ObjectName(namespace: "default", name: "kept")
            let kept = try await fixture.client.find(.configMaps, name)
            #expect(kept != nil)
        }
        #expect(before == after)
    }

    @Test("Names that cannot be a cluster's are refused", arguments: ["", "../x", "Upper", "-a", "a/b"])
    func refusesNames(name: String) async throws {
        try await EmbeddedTestCluster.run { fixture in
            let error = await #expect(throws: HostError.self) {
                _ = try await fixture.host.open(EmbeddedClusterConfiguration(name: name))
            }
            #expect(error?.code == .invalidName)
        }
    }
}

@Suite("Shutting down")
struct ShutdownTests {
    @Test("A graceful shutdown ends open watches and streams and does not wait for their clients")
    func endsWatches() async throws {
        let directory = try Directory()
        let host = try await ClusterHost(
            directory: directory.path,
            host: "127.0.0.1",
            port: 0,
            logger: Logger(label: "test")
        )
        let cluster = try await host.open(EmbeddedClusterConfiguration(name: "admin", runsWorkloads: false))
        let endpoint = ClusterEndpoint(
            server: cluster.serverURL,
            trust: .authority(Array(cluster.certificateAuthority.utf8)),
            credential: .token(cluster.adminToken)
        )
        let remote = KubeClient(transport: try HTTPTransport(endpoint, logger: Logger(label: "test")))
        let group = ServiceGroup(services: [HostService(host: host)], logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            await host.waitUntilServing()
            let version = try await remote.list(.configMaps).resourceVersion
            let events = try await remote.watch(.configMaps, from: version)
            await group.triggerGracefulShutdown()
            var iterator = events.makeAsyncIterator()
            while (try? await iterator.next()) != nil {}
            try await tasks.waitForAll()
        }
    }
}

extension ShutdownTests {
    @Test("A client that keeps its connection open does not hold up a shutdown")
    func idleClients() async throws {
        let directory = try Directory()
        let host = try await ClusterHost(
            directory: directory.path,
            host: "127.0.0.1",
            port: 0,
            logger: Logger(label: "test")
        )
        let cluster = try await host.open(EmbeddedClusterConfiguration(name: "admin", runsWorkloads: false))
        let endpoint = ClusterEndpoint(
            server: cluster.serverURL,
            trust: .authority(Array(cluster.certificateAuthority.utf8)),
            credential: .token(cluster.adminToken)
        )
        let remote = KubeClient(transport: try HTTPTransport(endpoint, logger: Logger(label: "test")))
        var configuration = ServiceGroupConfiguration(
            services: [.init(service: HostService(host: host))],
            logger: Logger(label: "test")
        )
        // Beyond these the process would be ended.
        configuration.maximumGracefulShutdownDuration = .seconds(5)
        configuration.maximumCancellationDuration = .seconds(5)
        let group = ServiceGroup(configuration: configuration)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            await host.waitUntilServing()
            // The pooled connection stays open, and nobody reads from it.
            _ = try await remote.list(.configMaps)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        withExtendedLifetime(remote) {}
    }
}

private struct HostService: Service {
    let host: ClusterHost
    func run() async throws { try await host.run() }
}

@Suite("Complaints about fields")
struct FieldComplaintTests {
    private static func server() throws -> APIServer {
        let store = try ClusterStore()
        return APIServer(
            store: store,
            registry: ResourceRegistry(store: store),
            authenticator: Authenticator(adminToken: "t", tokens: ServiceAccountTokens(store: store)),
            authorizer: Authorizer(store: store),
            logs: SimulatedLogs(),
            serverAddress: "127.0.0.1:6443",
            kubernetesVersion: "v1.36.2",
            logger: Logger(label: "test")
        )
    }

    private static func create(_ body: String, validation: String) async throws -> ServerResponse {
        try await server().answer(
            ServerRequest(
                method: "POST",
                path: "/api/v1/namespaces",
                query: [(name: "fieldValidation", value: validation)],
                body: .bytes(Array(body.utf8)),
                identity: .known(.admin)
            )
        )
    }

    private static let body = #"{"zeta":1,"metadata":{"name":"a","name":"b","odd":1},"alpha":{"x":[1]}}"#

    @Test("Unknown and repeated fields are told in the order of the body")
    func warns() async throws {
        let response = try await Self.create(Self.body, validation: "Warn")
        #expect(response.status == 201)
        let expected = [
            "unknown field \"zeta\"", "duplicate field \"metadata.name\"", "unknown field \"metadata.odd\"",
            "unknown field \"alpha\"",
        ]
        #expect(response.warnings == expected)
    }

    @Test("With strict validation they are refused together, and nothing is written")
    func refuses() async throws {
        let response = try await Self.create(Self.body, validation: "Strict")
        #expect(response.status == 400)
        guard case .json(let status) = response.content else { return }
        let list =
            "unknown field \"zeta\", duplicate field \"metadata.name\", unknown field \"metadata.odd\", "
        #expect(status["message"]?.string?.contains("strict decoding error: \(list)") == true)
    }

    @Test("What repeats no field and knows every field is not complained about")
    func accepts() async throws {
        let response = try await Self.create(#"{"metadata":{"name":"a"}}"#, validation: "Strict")
        #expect(response.status == 201 && response.warnings.isEmpty)
    }
}
