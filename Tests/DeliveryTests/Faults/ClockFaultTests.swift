import Delivery
import Foundation
import KubeClient
import KubeModel
import KubeTesting
import Synchronization
import Testing

@Suite("Faults: clock jumps", .timeLimit(.minutes(1)))
struct ClockFaultTests {
    private let web = DeliveryFixture.id("kart-web")

    /// A wall clock that a test sets.
    private final class WallClock: Sendable {
        private let ahead = Mutex(0.0)
        func set(ahead seconds: Double) { ahead.withLock { $0 = seconds } }
        var now: Double { Date().timeIntervalSince1970 + ahead.withLock { $0 } }
    }

    private func run(
        _ files: [String: String],
        _ body: @escaping @Sendable (DeliveryFixture, WallClock) async throws -> Void
    ) async throws {
        let clock = WallClock()
        try await DeliveryFixture.run(files, clock: { clock.now }) { try await body($0, clock) }
    }

    @Test(
        "A clock set back or forward by a day delays no retry, and no repair",
        arguments: [-86_400.0, 86_400]
    )
    func retries(jump: Double) async throws {
        try await run(["env/dev/kart-web/a.yaml": configMap("a")]) { fixture, clock in
            try await fixture.wait(web) { $0.sync == .synced }
            fixture.faults.set { request in
                let denied = StatusError(code: 422, reason: "Invalid", message: "not today")
                return request.method == .patch ? .refused(denied, retryAfter: nil) : .none
            }
            let commit = try await fixture.repository.push(["env/dev/kart-web/a.yaml": configMap("a", "2")])
            try await fixture.wait(web) { $0.sync == .failed }
            clock.set(ahead: jump)
            fixture.faults.set { _ in .none }
            try await fixture.wait(web, within: .seconds(20)) {
                $0.sync == .synced && $0.applied?.commit == commit
            }
            try await fixture.dev.delete(.configMaps, ObjectName(namespace: "kart-web", name: "a"))
            try await fixture.eventually("drift is repaired") {
                try await fixture.dev.find(.configMaps, ObjectName(namespace: "kart-web", name: "a")) != nil
            }
        }
    }

    @Test("A directory that went while the clock was a day ahead is removed in its time after a restart, too")
    func restartedBehind() async throws {
        try await EmbeddedTestCluster.run(.api) { cluster in
            let repository = try await TestRepository(
                in: cluster.directory,
                ["env/dev/kart-web/a.yaml": configMap("a"), "env/dev/kart-new/a.yaml": configMap("a")]
            )
            let ahead: @Sendable () -> Double = { Date().timeIntervalSince1970 + 86_400 }
            try await DeliveryFixture.run(cluster, repository, clock: ahead) { fixture in
                fixture.policy.delay.withLock { $0 = .seconds(600) }
                try await fixture.wait(web) { $0.sync == .synced }
                try await fixture.repository.push(["env/dev/kart-web": nil])
                try await fixture.eventually("the record has the tombstone") {
                    let name = ObjectName(namespace: "tenant-kart", name: "dev.kart-web")
                    return try await fixture.admin.find(.applications, name)?
                        .annotation(ApplicationObject.tombstone) != nil
                }
            }
            try await DeliveryFixture.run(cluster, repository) { fixture in
                fixture.policy.delay.withLock { $0 = .milliseconds(100) }
                try await fixture.eventually("its objects are gone") {
                    try await fixture.dev.find(.configMaps, ObjectName(namespace: "kart-web", name: "a"))
                        == nil
                }
            }
        }
    }

    @Test("A clock set forward by a day deletes no directory before its time, and ends no wait for a wave")
    func forward() async throws {
        let files = [
            "env/dev/kart-web/a.yaml": configMap("a"),
            "env/dev/kart-slow/a.yaml": workload("a"),
            "env/dev/kart-slow/b.yaml": configMap("b", annotations: ["varde.dev/wave": "1"]),
        ]
        let slow = DeliveryFixture.id("kart-slow")
        try await run(files) { fixture, clock in
            fixture.policy.delay.withLock { $0 = .seconds(600) }
            try await fixture.wait(web) { $0.sync == .synced }
            try await fixture.wait(slow) { $0.message.contains("Wave 1 waits for Deployment a") }
            try await fixture.repository.push(["env/dev/kart-web": nil])
            try await fixture.wait(web) { $0.sync == .deleting }
            clock.set(ahead: 86_400)
            let name = ObjectName(namespace: "kart-slow", name: "a")
            try await fixture.delivery.sync(web, by: "test")
            _ = try await fixture.dev.patch(
                .deployments,
                name,
                merge: ["metadata": ["annotations": ["touched": "1"]]]
            )
            // Both were looked at after the clock was set: what they show is of the new day.
            let waiting = try await fixture.wait(web) { $0.message.contains("deleted at") }
            #expect(waiting.sync == .deleting)
            let map = ObjectName(namespace: "kart-web", name: "a")
            for _ in 0..<20 {
                #expect(try await fixture.dev.find(.configMaps, map) != nil)
                #expect(fixture.board.application(slow)?.sync == .syncing)
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }
}
