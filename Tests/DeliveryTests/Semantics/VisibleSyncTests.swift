import Foundation
import KubeClient
import KubeModel
import KubeTesting
import Synchronization
import Testing

@testable import Delivery

@Suite("Visible while it happens", .timeLimit(.minutes(3)))
struct VisibleSyncTests {
    private let web = DeliveryFixture.id("kart-web")

    @Test(
        "A sync is a stream of steps for each object: planned, applying, applied, waiting for what, healthy, with times"
    )
    func steps() async throws {
        try await DeliveryFixture.run(
            ["env/dev/kart-web/a.yaml": workload("web")],
            contents: .workloads(nodes: 1)
        ) { fixture in
            try await fixture.wait(web) { $0.sync == .synced && $0.health == .healthy }
            let step = try #require(
                fixture.board.history(of: web).first?.steps.first { $0.object.contains("Deployment") }
            )
            #expect(step.state == .healthy)
            #expect(step.trail.prefix(3).map(\.state) == [.planned, .applying, .applied])
            #expect(step.trail.last?.state == .healthy)
            let waiting = try #require(step.trail.first { $0.state == .waiting })
            #expect(!waiting.message.isEmpty)
            #expect(step.trail.map(\.since) == step.trail.map(\.since).sorted())
        }
    }

    @Test("A step that failed says why, and what became of it")
    func failed() async throws {
        let bad = "apiVersion: v1\nkind: Service\nmetadata: {name: bad}\nspec: {ports: [{port: 0}]}\n"
        try await DeliveryFixture.run(["env/dev/kart-web/a.yaml": bad]) { fixture in
            try await fixture.wait(web) { $0.sync == .failed }
            let step = try #require(fixture.board.history(of: web).first?.steps.first)
            #expect(step.state == .failed)
            #expect(step.message.contains("spec.ports[0].port"))
        }
    }

    @Test("A sync is on disk before its first write, so that a kill meanwhile leaves it in the history")
    func onDiskFirst() async throws {
        let faults = Faults()
        let kept = Mutex<[Bool]>([])
        try await EmbeddedTestCluster.run(.api) { cluster in
            let history = DeliveryFixture.history(beside: cluster)
            let repository = try await TestRepository(
                in: cluster.directory,
                ["env/dev/kart-web/a.yaml": configMap("a", "0")]
            )
            try await DeliveryFixture.run(cluster, repository, faults: faults) { fixture in
                try await fixture.wait(web) { $0.sync == .synced }
                faults.set { request in
                    if request.method == .patch, request.path.hasSuffix("/configmaps/a") {
                        let isKept = history.read(web).contains { $0.number == 2 && $0.result == .running }
                        kept.withLock { $0.append(isKept) }
                    }
                    return .none
                }
                try await fixture.synced(
                    web,
                    to: repository.push(["env/dev/kart-web/a.yaml": configMap("a", "1")])
                )
            }
        }
        #expect(kept.withLock { $0 } == [true])
    }

    @Test("The last 20 syncs survive a restart with their steps; the Application object has none of these")
    func restart() async throws {
        let before = Mutex<[SyncRecord]>([])
        try await EmbeddedTestCluster.run(.api) { cluster in
            let repository = try await TestRepository(
                in: cluster.directory,
                ["env/dev/kart-web/a.yaml": configMap("a", "0")]
            )
            try await DeliveryFixture.run(cluster, repository) { fixture in
                try await fixture.wait(web) { $0.sync == .synced }
                for number in 1...22 {
                    let commit = try await repository.push([
                        "env/dev/kart-web/a.yaml": configMap("a", "\(number)")
                    ])
                    try await fixture.synced(web, to: commit)
                }
                let record = ObjectName(namespace: "tenant-kart", name: "dev.kart-web")
                try await fixture.eventually("the last one is written") {
                    let object = try await fixture.admin.get(.applications, record)
                    return object.at("status", "history")?[0]?["number"] == 23
                }
                let object = try await fixture.admin.get(.applications, record)
                #expect(object.at("status", "history")?[0]?["steps"] == nil)
                let history = fixture.board.history(of: web)
                before.withLock { $0 = history }
            }
            try await DeliveryFixture.run(cluster, repository) { fixture in
                try await fixture.wait(web) { $0.sync == .synced }
                let after = fixture.board.history(of: web)
                let known = before.withLock { $0 }
                #expect(after.map(\.number) == Array((4...23).reversed()))
                #expect(
                    after.map { $0.steps.map(\.trail.count) } == known.map { $0.steps.map(\.trail.count) }
                )
                #expect(
                    after.first?.steps.first?.trail.map(\.state)
                        == known.first?.steps.first?.trail.map(\.state)
                )
                #expect(throws: StatusError.self) { try fixture.delivery.record(3, of: web) }
                #expect(try fixture.delivery.record(23, of: web).steps.count == 1)
            }
        }
    }
}
