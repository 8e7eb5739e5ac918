import Delivery
import KubeClient
import KubeModel
import KubeTesting
import Logging
import Rendering
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct UnknownClusterTests {
    @Test(
        "Of several replicas the leader says that a cluster has left the fleet, though another one delivered to it"
    )
    func leader() async throws {
        let web = DeliveryFixture.id("kart-web")
        let name = ObjectName(namespace: "tenant-kart", name: "dev.kart-web")
        let recorded = { @Sendable (fixture: DeliveryFixture, state: String) in
            try await fixture.eventually("it is recorded as \(state)") {
                try await fixture.admin.find(.applications, name)?.at("status", "sync")?.string == state
            }
        }
        try await DeliveryFixture.run(["env/dev/kart-web/a.yaml": configMap("a")]) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            try await recorded(fixture, "Synced")
            let fleet = LeadersFleet()
            try await withLeader(fixture, fleet) { leader in
                try await fixture.eventually("the leader shows what the other one recorded") {
                    leader.board.application(web)?.sync == .synced
                }
                fleet.remove("dev")
                try await fixture.eventually("the leader says that there is no such cluster") {
                    leader.board.application(web)?.findings.map(\.code) == [.unknownCluster]
                }
                #expect(leader.board.application(web)?.sync == .refused)
                try await recorded(fixture, "Refused")
                #expect(leader.board.history(of: web).map(\.number) == [1])
            }
        }
    }

    /// Another process on the same admin cluster and repository.
    private func withLeader(
        _ fixture: DeliveryFixture,
        _ fleet: LeadersFleet,
        body: (DeliveryService) async throws -> Void
    ) async throws {
        var logger = Logger(label: "leader")
        logger.logLevel = .critical
        let leader = DeliveryService(
            admin: KubeClient(transport: fixture.admin.transport),
            watcher: fixture.watcher,
            renderer: Renderer(scratch: fixture.repository.url + "-leader"),
            clusters: fleet,
            policy: fixture.policy,
            logger: logger
        )
        await leader.setSources([fixture.source])
        try await whileRunning([leader.run]) { try await body(leader) }
    }
}

/// The fleet as a replica sees it that leads, and delivers to none of its clusters.
private final class LeadersFleet: ClusterDirectory {
    private let names = Mutex<Set<String>>(["admin", "dev"])
    private let (stream, continuation) = AsyncStream<Void>.makeStream()

    func remove(_ cluster: String) {
        names.withLock { _ = $0.remove(cluster) }
        continuation.yield()
    }

    func client(for cluster: String) async -> KubeClient? { nil }
    func clusterNames() async -> Set<String> { names.withLock { $0 } }
    func changes() async -> AsyncStream<Void> { stream }
    /// What the fleet does not have is the leader's to complain about.
    func delivers(to cluster: String) -> Bool { !names.withLock { $0.contains(cluster) } }
}
