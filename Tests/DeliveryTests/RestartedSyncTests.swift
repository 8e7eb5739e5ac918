import Foundation
import KubeClient
import KubeModel
import KubeTesting
import Synchronization
import Testing

@testable import Delivery

/// What was asked for, or tried, before a process ended is known to the next one.
@Suite(.timeLimit(.minutes(2))) struct RestartedSyncTests {
    private let web = DeliveryFixture.id("kart-web")
    private let record = ObjectName(namespace: "tenant-kart", name: "dev.kart-web")

    private static let waves = [
        "env/dev/kart-web/varde.yaml": "autoSync: false\n",
        "env/dev/kart-web/a.yaml": configMap("a", annotations: ["varde.dev/wave": "1"]),
        "env/dev/kart-web/web.yaml": deployment("web"),
    ]

    /// As its controller would.
    private func makeHealthy(_ fixture: DeliveryFixture) async throws {
        let status: JSON = [
            "observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "readyReplicas": 1,
            "availableReplicas": 1,
        ]
        _ = try await fixture.dev.patch(
            .deployments,
            ObjectName(namespace: "kart-web", name: "web"),
            merge: ["status": status],
            subresource: "status"
        )
    }

    @Test("A person's sync that was under way when Varde was killed is done after the restart, and only once")
    func manual() async throws {
        try await EmbeddedTestCluster.run(.api) { cluster in
            let repository = try await TestRepository(in: cluster.directory, Self.waves)
            let asked = Mutex<String?>(nil)
            try await DeliveryFixture.run(cluster, repository) { fixture in
                try await fixture.wait(web) { $0.sync == .outOfSync }
                try await fixture.delivery.sync(web, by: "kari")
                try await fixture.wait(web) { $0.message.contains("Wave 1 waits for Deployment web") }
                let text = try await fixture.admin.get(.applications, record).annotation(Interventions.sync)
                asked.withLock { $0 = text }
            }
            #expect(asked.withLock { $0 }?.contains("kari") == true)
            try await DeliveryFixture.run(cluster, repository) { fixture in
                try await fixture.wait(web) { $0.message.contains("Wave 1 waits for Deployment web") }
                let syncs = fixture.board.history(of: web)
                #expect(syncs.map(\.result) == [.running, .interrupted], "\(syncs)")
                #expect(syncs.allSatisfy { $0.cause == .manual && $0.person == "kari" }, "\(syncs)")
                try await makeHealthy(fixture)
                try await fixture.wait(web) { $0.sync == .synced }
                try await fixture.eventually("nothing is left to be done") {
                    try await fixture.admin.get(.applications, record).annotation(Interventions.sync) == nil
                }
            }
            // As if it had been killed before that was written.
            let left = asked.withLock { $0 } ?? ""
            _ = try await cluster.client.patch(
                .applications,
                record,
                merge: ["metadata": ["annotations": [Interventions.sync: .string(left)]]]
            )
            try await DeliveryFixture.run(cluster, repository) { fixture in
                try await fixture.wait(web) { $0.sync == .synced }
                #expect(fixture.board.history(of: web).map(\.result) == [.succeeded, .interrupted])
                try await fixture.eventually("it is not asked for any more") {
                    try await fixture.admin.get(.applications, record).annotation(Interventions.sync) == nil
                }
            }
        }
    }

    @Test("A person's sync of a cluster that does not answer is begun after a restart, when it does")
    func pending() async throws {
        let files = [
            "env/dev/kart-web/varde.yaml": "autoSync: false\n", "env/dev/kart-web/a.yaml": configMap("a"),
        ]
        try await EmbeddedTestCluster.run(.api) { cluster in
            let repository = try await TestRepository(in: cluster.directory, files)
            try await DeliveryFixture.run(cluster, repository) { fixture in
                try await fixture.wait(web) { $0.sync == .outOfSync }
                fixture.faults.silence = "it is silent"
                try await fixture.wait(web) { $0.sync == .unknown }
                try await fixture.delivery.sync(web, by: "kari")
            }
            try await DeliveryFixture.run(cluster, repository) { fixture in
                try await fixture.wait(web) { $0.sync == .synced }
                let syncs = fixture.board.history(of: web)
                #expect(syncs.map(\.cause) == [.manual] && syncs.map(\.person) == ["kari"], "\(syncs)")
            }
        }
    }

    @Test("A sync that a person asks for and that fails is over: a restart does not begin it again")
    func failed() async throws {
        let bad = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {key: {no: text}}\n"
        let files = ["env/dev/kart-web/varde.yaml": "autoSync: false\n", "env/dev/kart-web/a.yaml": bad]
        try await DeliveryFixture.run(files) { fixture in
            try await fixture.wait(web) { $0.sync == .outOfSync }
            try await fixture.delivery.sync(web, by: "kari")
            try await fixture.wait(web) { $0.sync == .failed }
            try await fixture.eventually("it is not asked for any more") {
                try await fixture.admin.get(.applications, record).annotation(Interventions.sync) == nil
            }
            #expect(fixture.board.history(of: web).map(\.result) == [.failed])
        }
    }

    @Test(
        "A sync that has ended is on disk as it ended when anybody sees that, so that a kill then leaves no doubt"
    )
    func endOnDisk() async throws {
        let left = Mutex<[SyncRecord]>([])
        try await EmbeddedTestCluster.run(.api) { cluster in
            let repository = try await TestRepository(
                in: cluster.directory,
                ["env/dev/kart-web/a.yaml": configMap("a", "0")]
            )
            try await DeliveryFixture.run(cluster, repository) { fixture in
                try await fixture.wait(web) { $0.sync == .synced }
                try await repository.push(["env/dev/kart-web/a.yaml": configMap("a", "1")])
                try await fixture.eventually("the second sync has ended") {
                    guard let last = fixture.board.history(of: web).first, last.number == 2 else {
                        return false
                    }
                    guard last.result != .running else { return false }
                    let kept = DeliveryFixture.history(beside: cluster).read(web)
                    left.withLock { $0 = kept }
                    return true
                }
            }
            // As if it had been killed there and then.
            let killed = DeliveryFixture.history(beside: cluster)
            for record in left.withLock({ $0 }) { try killed.write(record, of: web) }
            try await DeliveryFixture.run(cluster, repository) { fixture in
                try await fixture.wait(web) { $0.sync == .synced }
                let known = fixture.board.history(of: web)
                #expect(known.map(\.result) == [.succeeded, .succeeded], "\(known)")
                #expect(known.first?.updated == 1 && known.first?.finishedAt != nil, "\(known)")
                #expect(
                    known.first?.steps.allSatisfy { $0.state == .applied || $0.state == .healthy } == true
                )
            }
        }
    }

    @Test("A sync that had nothing to do is not called interrupted after a restart")
    func nothingToDo() async throws {
        try await EmbeddedTestCluster.run(.api) { cluster in
            let text = configMap("a")
            let repository = try await TestRepository(
                in: cluster.directory,
                ["env/dev/kart-web/a.yaml": text]
            )
            try await DeliveryFixture.run(cluster, repository) { fixture in
                try await fixture.wait(web) { $0.sync == .synced }
                try await fixture.synced(
                    web,
                    to: repository.push(["env/dev/kart-web/a.yaml": text + "\n# as it was\n"])
                )
                try await fixture.eventually("the object tells of it") {
                    let history = try await fixture.admin.get(.applications, record).at("status", "history")
                    return history?.array?.map { $0["result"]?.string } == ["succeeded", "succeeded"]
                }
            }
            try await DeliveryFixture.run(cluster, repository) { fixture in
                try await fixture.wait(web) { $0.sync == .synced }
                let known = fixture.board.history(of: web)
                #expect(known.map(\.result) == [.succeeded, .succeeded], "\(known)")
            }
        }
    }

    private static let hook = """
        apiVersion: batch/v1
        kind: Job
        metadata:
          name: migrate
          annotations: {argocd.argoproj.io/hook: PreSync}
        spec:
          backoffLimit: 0
          template:
            metadata:
              annotations: {sim.varde.dev/exit-code: "1", sim.varde.dev/run-for: 20ms}
            spec:
              restartPolicy: Never
              containers: [{name: job, image: "registry.example.com/job:1"}]
        """

    @Test(
        "A hook that failed before a restart is not run again because of it: when it is due, or a person asks"
    )
    func failedHook() async throws {
        let files = ["env/dev/kart-web/hook.yaml": Self.hook, "env/dev/kart-web/a.yaml": configMap("a")]
        let job = ObjectName(namespace: "kart-web", name: "migrate")
        let first = Mutex("")
        try await EmbeddedTestCluster.run(.workloads(nodes: 1)) { cluster in
            let repository = try await TestRepository(in: cluster.directory, files)
            // By a clock that is ahead it is due only a while after the restart.
            let ahead = { @Sendable in Date().timeIntervalSince1970 + 60 }
            try await DeliveryFixture.run(
                cluster,
                repository,
                contents: .workloads(nodes: 1),
                clock: ahead
            ) { fixture in
                try await fixture.wait(web) { $0.sync == .failed }
                let uid = try await fixture.dev.get(.jobs, job).uid
                first.withLock { $0 = uid }
            }
            try await DeliveryFixture.run(cluster, repository, contents: .workloads(nodes: 1)) { fixture in
                let failed = try await fixture.wait(web) { $0.sync == .failed }
                #expect(failed.message.contains("Hook Job migrate failed"))
                let uid = first.withLock { $0 }
                #expect(try await fixture.dev.get(.jobs, job).uid == uid)
                try await fixture.delivery.sync(web, by: "kari")
                try await fixture.eventually("it runs again") {
                    try await fixture.dev.find(.jobs, job).map { $0.uid != uid } ?? false
                }
            }
        }
    }
}
