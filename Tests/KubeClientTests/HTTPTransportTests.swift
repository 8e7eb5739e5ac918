import KubeModel
import KubeServer
import KubeTesting
import Logging
import Testing

@testable import KubeClient

@Suite("HTTPS transport")
struct HTTPTransportTests {
    private func withClient(
        _ change: @Sendable (inout ClusterEndpoint) -> Void = { _ in },
        _ body: @Sendable (KubeClient, EmbeddedTestCluster) async throws -> Void
    ) async throws {
        try await EmbeddedTestCluster.run(name: "dev") { fixture in
            var endpoint = ClusterEndpoint(
                server: fixture.cluster.serverURL,
                trust: .authority(Array(fixture.cluster.certificateAuthority.utf8)),
                credential: .token(fixture.cluster.adminToken)
            )
            change(&endpoint)
            let transport = try HTTPTransport(endpoint, logger: Logger(label: "test"))
            try await body(KubeClient(transport: transport, fieldManager: "test"), fixture)
        }
    }

    private static func map(_ name: String) -> KubeObject {
        var object = KubeObject(apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: name)
        object["data"] = ["k": "v"]
        return object
    }

    @Test("Objects are written and read under a path prefix, and refusals are the server's own")
    func readsAndWrites() async throws {
        try await withClient { client, _ in
            let made = try await client.create(.configMaps, Self.map("a"))
            #expect(made.uid.isEmpty == false)
            #expect(
                try await client.list(.configMaps, namespace: "default", labelSelector: "x!=y").items.count
                    >= 1
            )
            let again = await #expect(throws: StatusError.self) {
                _ = try await client.create(.configMaps, Self.map("a"))
            }
            #expect(again?.isAlreadyExists == true)
            #expect(
                try await client.discovery.resources().contains {
                    $0.gvr.description == "apps/v1/deployments"
                }
            )
        }
    }

    @Test("A watch gives what happens, and ends when nobody listens")
    func watches() async throws {
        try await withClient { client, _ in
            let version = try await client.list(.configMaps).resourceVersion
            let events = try await client.watch(.configMaps, namespace: "default", from: version)
            _ = try await client.create(.configMaps, Self.map("a"))
            try await client.delete(.configMaps, ObjectName(namespace: "default", name: "a"))
            var kinds: [String] = []
            for try await event in events {
                switch event {
                case .added(let object) where object.name == "a": kinds.append("added")
                case .deleted(let object) where object.name == "a": kinds.append("deleted")
                default: continue
                }
                if kinds.count == 2 { break }
            }
            #expect(kinds == ["added", "deleted"])
        }
    }

    @Test("A watch that waits ends with its task")
    func cancelsWatch() async throws {
        try await withClient { client, _ in
            let version = try await client.list(.secrets).resourceVersion
            let events = try await client.watch(.secrets, from: version)
            let waiting = Task {
                for try await _ in events {}
            }
            waiting.cancel()
            _ = await waiting.result
        }
    }

    @Test("Requests may act as somebody else, who is asked for rights")
    func impersonates() async throws {
        try await withClient { client, _ in
            let alice = client.acting(as: Impersonation(user: "alice", groups: ["team"]))
            let refused = await #expect(throws: StatusError.self) { _ = try await alice.list(.secrets) }
            #expect(refused?.isForbidden == true)
            #expect(refused?.message.contains("\"alice\"") == true)
        }
    }

    @Test("A certificate of another authority is not accepted, except where that is asked for")
    func trust() async throws {
        try await withClient({ $0.trust = .system }) { client, _ in
            let error = await #expect(throws: ClientError.self) { _ = try await client.list(.namespaces) }
            #expect(error?.code == .cannotConnect)
        }
        try await withClient({ $0.trust = .insecure }) { client, _ in
            let namespaces = try await client.list(.namespaces).items
            #expect(!namespaces.isEmpty)
        }
    }

    @Test("A wrong token is an answer, a server that is not there is none")
    func failures() async throws {
        let origin = "user kari of /home/kari/config"
        try await withClient({ ($0.credential, $0.origin) = (.token("wrong"), origin) }) { client, _ in
            let error = await #expect(throws: StatusError.self) { _ = try await client.list(.namespaces) }
            #expect(error?.code == 401 && error?.message.hasSuffix("the credentials of \(origin)") == true)
        }
        let nowhere = try HTTPTransport(
            ClusterEndpoint(server: "https://127.0.0.1:1"),
            logger: Logger(label: "test")
        )
        let error = await #expect(throws: ClientError.self) {
            _ = try await nowhere.send(APIRequest(.get, "/version"))
        }
        #expect(error?.code == .cannotConnect, "\(error?.message ?? "")")
        #expect(error?.message.contains("127.0.0.1:1") == true)
    }

    @Test("What is not an address is refused at once")
    func badAddress() {
        #expect(throws: ClientError.self) {
            _ = try HTTPTransport(ClusterEndpoint(server: "k.example"), logger: Logger(label: "test"))
        }
    }
}
