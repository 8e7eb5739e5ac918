import KubeClient
import KubeModel
import KubeTesting
import Logging
import Synchronization
import Testing

@testable import KubeRuntime

@Suite("Replicas that share work")
struct ReplicaTests {
    private static let namespace = "varde-system"
    private static let timing = LeaseTiming(
        duration: .milliseconds(900),
        renewal: .milliseconds(200),
        margin: .milliseconds(200)
    )
    private static let claims: Set<String> = ["leader", "dev", "test", "prod", "cloud-a", "cloud-b"]

    /// Runs replicas on a cluster of their own until the body is done; each can be ended as if it were killed.
    private func withReplicas(
        _ names: [String],
        _ body: @Sendable (EmbeddedTestCluster, [Replica], [Switch]) async throws -> Void
    ) async throws {
        try await EmbeddedTestCluster.run { cluster in
            let namespace = KubeObject(apiVersion: "v1", kind: "Namespace", name: Self.namespace)
            _ = try await cluster.client.create(.namespaces, namespace)
            let switches = names.map { _ in Switch() }
            let replicas = zip(names, switches).map { name, power in
                Replica(
                    name: name,
                    client: KubeClient(transport: SwitchedTransport(cluster.client.transport, power)),
                    namespace: Self.namespace,
                    timing: Self.timing,
                    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
                ) { Timestamp(seconds: 1_800_000_000, nanoseconds: power.tick()) }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for replica in replicas {
                    replica.setClaims(Self.claims)
                    group.addTask { try? await replica.run() }
                }
                try await body(cluster, replicas, switches)
                group.cancelAll()
            }
        }
    }

    /// Whether a replica's connection to the admin cluster works; a clock that never stands still.
    final class Switch: Sendable {
        private let isOn = Mutex(true)
        private let ticks = Mutex<Int32>(0)
        func turnOff() { isOn.withLock { $0 = false } }
        func turnOn() { isOn.withLock { $0 = true } }
        func check() throws {
            guard isOn.withLock({ $0 }) else {
                throw ClientError(code: .cannotConnect, message: "switched off")
            }
        }
        func tick() -> Int32 {
            ticks.withLock {
                $0 += 1000
                return $0
            }
        }
    }

    struct SwitchedTransport: Transport {
        let base: any Transport
        let power: Switch

        init(_ base: any Transport, _ power: Switch) { (self.base, self.power) = (base, power) }

        func send(_ request: APIRequest) async throws -> APIResponse {
            try power.check()
            return try await base.send(request)
        }

        func watch(_ request: APIRequest) async throws -> AsyncThrowingStream<WatchEvent, any Error> {
            try power.check()
            return try await base.watch(request)
        }

        func stream(_ request: APIRequest) async throws -> AsyncThrowingStream<[UInt8], any Error> {
            try power.check()
            return try await base.stream(request)
        }
    }

    @Test("A single replica takes every claim")
    func single() async throws {
        try await withReplicas(["a"]) { cluster, replicas, _ in
            let cameTrue = try await cluster.eventually { Self.claims.allSatisfy(replicas[0].holds) }
            #expect(cameTrue)
        }
    }

    @Test("Two replicas share the claims, each held by one")
    func shared() async throws {
        try await withReplicas(["a", "b"]) { cluster, replicas, _ in
            let isShared = try await cluster.eventually {
                let held = Self.claims.map { claim in replicas.count { $0.holds(claim) } }
                return held.allSatisfy { $0 == 1 }
                    && replicas.allSatisfy { replica in Self.claims.contains(where: replica.holds) }
            }
            #expect(isShared)
        }
    }

    @Test("What a dead replica held is taken over, and never held twice meanwhile")
    func takeover() async throws {
        try await withReplicas(["a", "b"]) { cluster, replicas, switches in
            _ = try await cluster.eventually {
                Self.claims.allSatisfy { claim in replicas.contains { $0.holds(claim) } }
                    && Self.claims.contains(where: replicas[1].holds)
            }
            switches[1].turnOff()
            let wasTwice = Mutex(false)
            let isTaken = try await cluster.eventually {
                if Self.claims.contains(where: { claim in replicas.allSatisfy { $0.holds(claim) } }) {
                    wasTwice.withLock { $0 = true }
                }
                return Self.claims.allSatisfy(replicas[0].holds)
            }
            #expect(isTaken)
            #expect(!wasTwice.withLock { $0 })
            #expect(!Self.claims.contains(where: replicas[1].holds))
        }
    }

    @Test(
        "A replica that slept through its lease writes nothing when it wakes, and comes back under a new identity"
    )
    func fencing() async throws {
        try await withReplicas(["a", "b"]) { cluster, replicas, switches in
            _ = try await cluster.eventually { Self.claims.contains(where: replicas[1].holds) }
            let claim = try #require(Self.claims.first(where: replicas[1].holds))
            let fenced = KubeClient(
                transport: FencedTransport(cluster.client.transport, claim: claim, replica: replicas[1])
            )
            var object = KubeObject(apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: "before")
            _ = try await fenced.create(.configMaps, object)
            switches[1].turnOff()
            let cameTrue = try await cluster.eventually { replicas[0].holds(claim) }
            #expect(cameTrue)
            object.name = "after"
            await #expect(throws: ClientError.self) { try await fenced.create(.configMaps, object) }
            let written = try await cluster.client.find(.configMaps, object.objectName)
            #expect(written == nil)
            switches[1].turnOn()
            let isBack = try await cluster.eventually {
                replicas[1].identity.incarnation > 1 && Self.claims.contains(where: replicas[1].holds)
            }
            #expect(isBack)
        }
    }

    @Test("A replica that leaves gives up at once what it held")
    func leaving() async throws {
        try await withReplicas(["a", "b"]) { cluster, replicas, switches in
            _ = try await cluster.eventually { Self.claims.contains(where: replicas[1].holds) }
            await replicas[1].leave()
            switches[1].turnOff()
            let cameTrue = try await cluster.eventually { Self.claims.allSatisfy(replicas[0].holds) }
            #expect(cameTrue)
        }
    }

    @Test("Nobody has more than a fair part, and who joins or leaves moves little more than that")
    func fairParts() {
        let names = (1...12).map { "c\($0)" } + ["admin"]
        for replicas in [["a"], ["x", "y"], ["vm-1", "vm-2", "vm-3"], ["p", "q", "r", "s", "t"]] {
            let owners = Rendezvous.owners(of: names, among: replicas)
            #expect(owners.count == names.count)
            let loads = Dictionary(grouping: owners.values, by: { $0 }).mapValues(\.count)
            #expect(loads.count == replicas.count, "\(loads)")
            #expect(loads.values.max() == (names.count + replicas.count - 1) / replicas.count, "\(loads)")
            #expect(Rendezvous.owners(of: names.reversed(), among: replicas.reversed()) == owners)
        }
        let before = Rendezvous.owners(of: names, among: ["a", "b", "c"])
        let after = Rendezvous.owners(of: names, among: ["a", "b"])
        let moved = names.count { before[$0] != "c" && before[$0] != after[$0] }
        #expect(moved <= names.count / 3, "\(moved) moved though their replica stayed")
        #expect(Rendezvous.owners(of: names, among: []).isEmpty)
    }

    @Test("A replica that joins moves only its own part")
    func rendezvous() {
        let names = (0..<200).map { "cluster-\($0)" }
        let before = names.map { Rendezvous.owner(of: $0, among: ["a", "b"]) }
        let after = names.map { Rendezvous.owner(of: $0, among: ["a", "b", "c"]) }
        let moved = zip(before, after).filter { $0 != $1 }
        #expect(moved.allSatisfy { $0.1 == "c" })
        #expect((20...120).contains(moved.count))
    }
}
