import Foundation
import KubeClient
import KubeModel
import KubeTesting
import Logging
import Testing

@testable import KubeServer

@Suite("Hostile clients")
struct HostileClientTests {
    private static func remote(_ cluster: EmbeddedCluster) throws -> KubeClient {
        let endpoint = ClusterEndpoint(
            server: cluster.serverURL,
            trust: .authority(Array(cluster.certificateAuthority.utf8)),
            credential: .token(cluster.adminToken)
        )
        return KubeClient(transport: try HTTPTransport(endpoint, logger: Logger(label: "test")))
    }

    /// A connection that does what no client should.
    private final class RawConnection {
        private let descriptor: Int32

        init?(port: Int) {
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            address.sin_addr.s_addr = inet_addr("127.0.0.1")
            let size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let outcome = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
            }
            guard outcome == 0 else { return nil }
        }

        func send(_ bytes: [UInt8]) {
            _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        }

        deinit { Glibc.close(descriptor) }
    }

    @Test("Connections that send garbage, or nothing, disturb nobody")
    func garbage() async throws {
        try await EmbeddedTestCluster.run { fixture in
            let remote = try Self.remote(fixture.cluster)
            var connections: [RawConnection] = []
            for number in 0..<200 {
                let connection = try #require(RawConnection(port: fixture.host.port))
                switch number % 4 {
                case 0: connection.send((0..<500).map { UInt8(truncatingIfNeeded: $0 &* 131 &+ number) })
                case 1: connection.send(Array("GET / HTTP/1.1\r\n\r\n".utf8))
                case 2: connection.send([22, 3, 1, 2, 0, 1])
                default: break
                }
                connections.append(connection)
            }
            for number in 0..<20 {
                let name = KubeObject(
                    apiVersion: "v1",
                    kind: "ConfigMap",
                    namespace: "default",
                    name: "c\(number)"
                )
                _ = try await remote.create(.configMaps, name)
            }
            #expect(try await remote.list(.configMaps).items.count == 20)
            withExtendedLifetime(connections) {}
        }
    }

    @Test("A body beyond three megabytes gets 413, one that claims to be compressed is read as it is")
    func bodies() async throws {
        try await EmbeddedTestCluster.run { fixture in
            let remote = try Self.remote(fixture.cluster)
            var object = KubeObject(apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: "big")
            object["data"] = ["k": .string(String(repeating: "x", count: 3_200_000))]
            let large = object
            let error = await #expect(throws: StatusError.self) {
                _ = try await remote.create(.configMaps, large)
            }
            #expect(error?.code == 413)
            // The connection, and the server, are good for the next request.
            #expect(try await remote.list(.configMaps).items.isEmpty)
        }
    }

    @Test("What has stalled is told by what it is doing and for how long")
    func stalls() {
        let start = ContinuousClock.now
        func stalls(_ phase: ConnectionState.Phase?, after time: Duration) -> Bool {
            var state = ConnectionState(now: start)
            if let phase { state.enter(phase, now: start) }
            return state.isStalled(now: start + time)
        }
        #expect(!stalls(nil, after: .seconds(31)) && stalls(nil, after: .seconds(33)))
        #expect(!stalls(.idle, after: .seconds(80)) && stalls(.idle, after: .seconds(91)))
        #expect(!stalls(.readingBody, after: .seconds(59)) && stalls(.readingBody, after: .seconds(61)))
        #expect(!stalls(.sending, after: .seconds(59)) && stalls(.sending, after: .seconds(61)))
        #expect(!stalls(.streaming, after: .seconds(86_400)))
    }

    @Test("A client that floods is refused when enough of its requests wait, and others have their turn")
    func gate() async {
        let gate = RequestGate(RequestGate.Limits(places: 3, share: 2, waiting: 2))
        #expect(await gate.enter("flood"))
        #expect(await gate.enter("flood"))
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<5 { group.addTask { await gate.enter("flood") } }
            // Its share is taken: two wait, the others are refused, while somebody else gets in at once.
            var refused = 0
            while refused < 3, let entered = await group.next() { if !entered { refused += 1 } }
            #expect(refused == 3)
            #expect(await gate.enter("quiet"))
            gate.leave("quiet")
            gate.leave("flood")
            gate.leave("flood")
            var entered = 0
            for await outcome in group where outcome { entered += 1 }
            #expect(entered == 2)
        }
    }
}
