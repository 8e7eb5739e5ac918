import Foundation
import KubeClient
import KubeModel
import KubeTesting
import Logging
import Testing

@testable import KubeServer

@Suite("Clusters of a host")
struct HostingTests {
    private static func client(
        _ cluster: EmbeddedCluster,
        _ identity: CertificateAuthority.Identity,
        token: String? = nil
    ) throws -> KubeClient {
        let endpoint = ClusterEndpoint(
            server: cluster.serverURL,
            trust: .authority(Array(cluster.certificateAuthority.utf8)),
            credential: token.map(ClusterEndpoint.Credential.token) ?? .none,
            clientCertificate: ClusterEndpoint.ClientCertificate(
                certificate: Array(identity.certificate.utf8),
                key: Array(identity.key.utf8)
            )
        )
        return KubeClient(transport: try HTTPTransport(endpoint, logger: Logger(label: "test")))
    }

    private static func whoami(_ client: KubeClient) async throws -> JSON {
        let path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
        return try await client.send(APIRequest(.post, path, body: .json([:]))).at("status", "userInfo")
            ?? [:]
    }

    @Test("A client certificate is its user: the common name, and the organisations as groups")
    func certificates() async throws {
        try await EmbeddedTestCluster.run { fixture in
            let cluster = fixture.cluster
            let admin = try Self.client(
                cluster,
                .init(certificate: cluster.adminCertificate, key: cluster.adminKey)
            )
            let found = try await Self.whoami(admin)
            #expect(found["username"] == "admin")
            #expect(found["groups"] == ["system:masters", "system:authenticated"])
            #expect(
                found.at("extra", "authentication.kubernetes.io/credential-id")?[0]?.string?
                    .hasPrefix("X509SHA256=") == true
            )
        }
    }

    @Test("Certificates of another cluster, or out of their time, get 401; a good token beside them counts")
    func badCertificates() async throws {
        try await EmbeddedTestCluster.run { fixture in
            let cluster = fixture.cluster
            let foreign = try CertificateAuthority(name: "varde-admin-ca")
                .clientIdentity(user: "admin", groups: ["system:masters"], validity: .seconds(600))
            let error = await #expect(throws: StatusError.self) {
                _ = try await Self.whoami(Self.client(cluster, foreign))
            }
            #expect(error?.code == 401)
            let store = try ClusterStore(path: fixture.directory + "/clusters/admin.sqlite")
            let authority = try ClusterKeys(store: store, cluster: "admin").authority
            let expired = try authority.clientIdentity(
                user: "admin",
                groups: ["system:masters"],
                validity: .seconds(-60)
            )
            let late = await #expect(throws: StatusError.self) {
                _ = try await Self.whoami(Self.client(cluster, expired))
            }
            #expect(late?.code == 401)
            let helped = try Self.client(cluster, expired, token: cluster.adminToken)
            #expect(try await Self.whoami(helped)["username"] == "admin")
        }
    }

    @Test("Every cluster has a service network of its own, with the API at its first address")
    func networks() async throws {
        try await EmbeddedTestCluster.run { fixture in
            func address(_ name: String, _ network: String? = nil) async throws -> String? {
                let configuration = EmbeddedClusterConfiguration(
                    name: name,
                    runsWorkloads: false,
                    serviceNetwork: network
                )
                let cluster = try await fixture.host.open(configuration)
                return try await KubeClient(transport: cluster.transport)
                    .find(.services, ObjectName(namespace: "default", name: "kubernetes"))?
                    .at("spec", "clusterIP")?.string
            }
            let found = [
                try await address("admin"), try await address("a"), try await address("b"),
                try await address("c", "192.168.64.0/20"),
            ]
            #expect(found == ["10.0.0.1", "10.96.0.1", "10.97.0.1", "192.168.64.1"])
            let error = await #expect(throws: HostError.self) { _ = try await address("d", "10.0.0.1/8") }
            #expect(error?.code == .invalidNetwork)
        }
    }

    @Test("After a restart a cluster has the same port and network; its files are its owner's only")
    func keepsPorts() async throws {
        let directory = try Directory()
        let configuration = EmbeddedClusterConfiguration(name: "dev", runsWorkloads: false)
        let before = try await EmbeddedTestCluster.run(directory: directory.path) { fixture in
            try await fixture.host.open(configuration).serverURL
        }
        try await EmbeddedTestCluster.run(directory: directory.path) { fixture in
            #expect(try await fixture.host.open(configuration).serverURL == before)
            for name in try FileManager.default.contentsOfDirectory(atPath: directory.path + "/clusters") {
                let file = directory.path + "/clusters/" + name
                let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
                #expect(mode == 0o600, "\(name)")
            }
        }
    }

    @Test("A port that somebody else took meanwhile is no failure: the cluster gets another")
    func takenPort() async throws {
        let directory = try Directory()
        let configuration = EmbeddedClusterConfiguration(name: "dev", runsWorkloads: false)
        let port = try await EmbeddedTestCluster.run(directory: directory.path) { fixture in
            _ = try await fixture.host.open(configuration)
            return try #require(fixture.host.cluster(named: "dev")?.serverURL.split(separator: ":").last)
        }
        let taken = try await ListeningSocket.bind(
            host: "127.0.0.1",
            port: try #require(Int(port)),
            connections: ConnectionTable(limit: 10)
        )
        defer { taken.close() }
        try await EmbeddedTestCluster.run(directory: directory.path) { fixture in
            let cluster = try await fixture.host.open(configuration)
            #expect(!cluster.serverURL.hasSuffix(":\(port)"))
        }
    }
}
