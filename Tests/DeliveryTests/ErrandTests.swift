import Crypto
import Foundation
import GitSource
import KubeClient
import KubeModel
import KubeRuntime
import KubeTesting
import Logging
import Rendering
import Synchronization
import Testing

@testable import Delivery

/// What people ask of a replica about applications that another one delivers.
@Suite("Errands between replicas", .timeLimit(.minutes(2)))
struct ErrandTests {
    private static let key = [UInt8](repeating: 7, count: 32)
    private static let files = [
        "env/dev/kart-web/a.yaml": configMap("a", "one"),
        "env/dev/kart-web/web.yaml": deployment("web"),
    ]
    private let web = DeliveryFixture.id("kart-web")
    private let name = ObjectName(namespace: "tenant-kart", name: "dev.kart-web")

    /// Another process on the same admin cluster.
    private func withSecond(
        _ fixture: DeliveryFixture,
        _ clusters: OtherClusters = OtherClusters(),
        recordDeadline: Duration = .seconds(30),
        body: (DeliveryService) async throws -> Void
    ) async throws {
        var logger = Logger(label: "second")
        logger.logLevel = .critical
        let second = DeliveryService(
            admin: KubeClient(transport: fixture.admin.transport),
            watcher: fixture.watcher,
            renderer: Renderer(scratch: fixture.repository.url + "-scratch"),
            clusters: clusters,
            policy: fixture.policy,
            replicaKey: Self.key,
            recordDeadline: recordDeadline,
            logger: logger
        )
        try await whileRunning([second.run]) { try await body(second) }
    }

    private func annotations(_ fixture: DeliveryFixture) async throws -> [String] {
        (try await fixture.admin.find(.applications, name)?.annotations.keys.filter {
            [Errand.waiting, Errand.taken, Errand.answer].contains(where: $0.hasPrefix)
        } ?? []).sorted()
    }

    /// An application that is delivered and recorded.
    private func recorded(_ fixture: DeliveryFixture) async throws -> ApplicationSnapshot {
        let snapshot = try await fixture.wait(web) { $0.sync == .synced && $0.applied != nil }
        try await fixture.eventually("it is recorded") {
            try await fixture.admin.find(.applications, name)?.at("status", "sync")?.string == "Synced"
        }
        return snapshot
    }

    @Test(
        "Sync, pause, resume, rollback and actions on objects are done by the replica that delivers, in the person's name"
    )
    func carried() async throws {
        try await DeliveryFixture.run(Self.files, replicaKey: Self.key) { fixture in
            let first = try #require(try await recorded(fixture).applied)
            try await withSecond(fixture) { second in
                try await fixture.eventually("the second shows it") { second.board.application(web) != nil }
                try await second.pause(web, reason: "a look", by: "ola")
                try await fixture.wait(web) { $0.pause?.person == "ola" && $0.pause?.reason == "a look" }
                try await fixture.eventually("the second shows the pause") {
                    second.board.application(web)?.pause?.person == "ola"
                }
                try await second.resume(web, by: "ola")
                try await fixture.wait(web) { $0.pause == nil }

                let newer = try await fixture.repository.push([
                    "env/dev/kart-web/a.yaml": configMap("a", "two")
                ])
                try await fixture.synced(web, to: newer)
                let pin = try await second.rollback(
                    web,
                    to: first.commit,
                    reason: "two is broken",
                    lifetime: .seconds(3_600),
                    by: "kari"
                )
                #expect(
                    pin.commit == first.commit && pin.person == "kari" && pin.expiresAt - pin.since == 3_600
                )
                try await fixture.synced(web, to: first.commit)
                try await second.unpin(web, by: "kari")
                try await fixture.synced(web, to: newer)
                let manual = try await fixture.repository.push([
                    "env/dev/kart-web/varde.yaml": "autoSync: false\n",
                    "env/dev/kart-web/a.yaml": configMap("a", "three"),
                ])
                try await fixture.wait(web) { $0.desired?.commit == manual && $0.sync == .outOfSync }
                try await second.sync(web, by: "kari")
                try await fixture.synced(web, to: manual)
                #expect(fixture.board.history(of: web).first?.person == "kari")
                #expect(fixture.board.history(of: web).first?.cause == .manual)

                let object = "apps/Deployment:kart-web/web"
                let offers = try await second.offers(for: object, of: web)
                #expect(offers == (try await fixture.delivery.offers(for: object, of: web)))
                let done = try await second.perform(.restart, on: object, of: web, by: "kari")
                #expect(done == "Deployment web")
                let live = try await fixture.dev.get(
                    .deployments,
                    ObjectName(namespace: "kart-web", name: "web")
                )
                #expect(
                    live.at(
                        "spec",
                        "template",
                        "metadata",
                        "annotations",
                        "kubectl.kubernetes.io/restartedAt"
                    ) != nil
                )
                try await fixture.eventually("nothing is left on the object") {
                    try await annotations(fixture).isEmpty
                }
            }
        }
    }

    @Test("What the other replica refuses is refused here, in its words")
    func refused() async throws {
        try await DeliveryFixture.run(Self.files, replicaKey: Self.key) { fixture in
            _ = try await recorded(fixture)
            try await withSecond(fixture) { second in
                let error = await #expect(throws: StatusError.self) {
                    try await second.unpin(web, by: "kari")
                }
                #expect(error?.code == 409 && error?.message == "\(web) is not pinned.")
                let held = await #expect(throws: StatusError.self) {
                    try await second.approve(web, objects: nil, by: "kari")
                }
                #expect(held?.code == 409 && held?.message.contains("held for approval") ?? false)
                let unknown = await #expect(throws: StatusError.self) {
                    try await second.sync(DeliveryFixture.id("kart-none"), by: "kari")
                }
                #expect(unknown?.code == 404)
                let long = (0..<2_000).map { "v1/ConfigMap:kart-web/some-long-name-\($0)" }
                let much = await #expect(throws: StatusError.self) {
                    try await second.approve(web, objects: long, by: "kari")
                }
                #expect(much?.code == 413)
            }
        }
    }

    @Test("Annotations that no replica signed, and errands that are too old, are not carried out")
    func forged() async throws {
        try await DeliveryFixture.run(Self.files, replicaKey: Self.key) { fixture in
            _ = try await recorded(fixture)
            let now = Date().timeIntervalSince1970
            func errand(_ id: String, _ application: ApplicationID, since: Double) -> Errand {
                Errand(
                    id: id,
                    application: application,
                    deed: .pause(reason: id),
                    person: "mallory",
                    since: since
                )
            }
            let own = SymmetricKey(data: Self.key)
            let other = SymmetricKey(data: [UInt8](repeating: 8, count: 32))
            let elsewhere = DeliveryFixture.id("kart-other")
            let values = [
                "forged": errand("forged", web, since: now).signed(with: other),
                "moved": errand("moved", elsewhere, since: now).signed(with: own),
                "renamed": errand("other-id", web, since: now).signed(with: own),
                "garbage": "x", "late": errand("late", web, since: now - 300).signed(with: own),
            ]
            let patch = JSONObject(values.map { (Errand.waiting + $0, .string($1)) }) { first, _ in first }
            _ = try await fixture.admin.patch(
                .applications,
                name,
                merge: ["metadata": ["annotations": .object(patch)]]
            )
            try await fixture.eventually("all are removed") {
                try await annotations(fixture) == [Errand.answer + "late"]
            }
            let answer = try await fixture.admin.get(.applications, name).annotation(Errand.answer + "late")
            guard case .failed(let error) = ErrandAnswer(answer ?? "") else {
                Issue.record("\(answer ?? "")")
                return
            }
            #expect(error.reason == "Expired" && error.message.contains("ask again"))
            #expect(fixture.board.application(web)?.pause == nil)
        }
    }

    /// A desk of a replica beside the fixture's.
    private func desk(_ fixture: DeliveryFixture, _ patience: ErrandDesk.Patience) -> ErrandDesk {
        ErrandDesk(
            key: SymmetricKey(data: Self.key),
            admin: KubeClient(transport: fixture.admin.transport),
            patience: patience
        ) { Date().timeIntervalSince1970 }
    }

    @Test("An errand that nobody takes is taken back, and nothing is done")
    func nobody() async throws {
        try await DeliveryFixture.run(Self.files) { fixture in
            _ = try await recorded(fixture)
            let patience = ErrandDesk.Patience(
                taking: .milliseconds(100),
                answering: .seconds(20),
                looking: .milliseconds(20)
            )
            let desk = desk(fixture, patience)
            let error = await #expect(throws: StatusError.self) {
                try await desk.ask(.pause(reason: "x"), of: web, by: "kari")
            }
            #expect(error?.code == 503 && error?.message.contains("nothing was done") ?? false)
            #expect(try await annotations(fixture) == [])
        }
    }

    /// Another process on the same admin cluster, which could deliver and knows that it is not the one to.
    private func withCandidate(
        recordDeadline: Duration = .seconds(30),
        body: @Sendable (DeliveryFixture, OtherClusters, DeliveryService) async throws -> Void
    ) async throws {
        try await DeliveryFixture.run(Self.files, replicaKey: Self.key) { fixture in
            _ = try await recorded(fixture)
            let clusters = OtherClusters(["dev": fixture.dev])
            try await withSecond(fixture, clusters, recordDeadline: recordDeadline) { second in
                try await fixture.eventually("the second knows whose it is") {
                    second.environment.lanes.foreign.contains("dev")
                }
                try await body(fixture, clusters, second)
            }
        }
    }

    private func give(
        _ clusters: OtherClusters,
        to second: DeliveryService,
        _ fixture: DeliveryFixture
    ) async throws {
        clusters.setDelivers(true)
        try await fixture.eventually("the second has it") { second.environment.lanes["dev"] != nil }
    }

    @Test("A replica that takes a cluster over goes by what people decided last, at whichever replica")
    func takenOver() async throws {
        try await withCandidate { fixture, clusters, second in
            try await fixture.delivery.pause(web, reason: "a look", by: "ola")
            try await give(clusters, to: second, fixture)
            let cell = try second.cell(web)
            #expect(cell.inputs.withLock { $0.pause?.person } == "ola")

            clusters.setDelivers(false)
            try await fixture.eventually("the second gave it up") {
                second.environment.lanes["dev"] == nil
            }
            try await fixture.delivery.resume(web, by: "kari")
            _ = try await fixture.admin.patch(
                .applications,
                name,
                merge: ["metadata": ["annotations": [Pause.annotation: "true"]]]
            )
            try await give(clusters, to: second, fixture)
            #expect(cell.inputs.withLock { $0.pause } == nil)
            #expect(cell.inputs.withLock { $0.isSkipped })
        }
    }

    @Test(
        "A replica that lost a cluster for a moment that it did not notice reads what was decided meanwhile"
    )
    func flickering() async throws {
        try await withCandidate { fixture, clusters, second in
            try await give(clusters, to: second, fixture)
            try await fixture.delivery.pause(web, reason: "a look", by: "ola")
            clusters.flicker()
            try await fixture.eventually("the second knows, and goes on") {
                try second.cell(web).inputs.withLock { $0.pause?.person } == "ola"
                    && second.environment.delivers(to: "dev")
            }
        }
    }

    @Test("What is asked of a replica that takes a cluster over waits until it knows what was decided before")
    func takingOver() async throws {
        try await withCandidate { fixture, clusters, second in
            try await fixture.delivery.pause(web, reason: "a look", by: "ola")
            clusters.setDelivers(true, isKnown: false)
            async let resumed: Void = second.resume(web, by: "kari")
            clusters.setDelivers(true)
            try await resumed
            #expect(try second.cell(web).inputs.withLock { $0.pause } == nil)
        }
    }

    @Test("A replica that cannot take a cluster over in time says so, and does nothing")
    func cannotTakeOver() async throws {
        try await withCandidate(recordDeadline: .milliseconds(50)) { fixture, clusters, second in
            clusters.setDelivers(true, isKnown: false)
            let error = await #expect(throws: StatusError.self) {
                try await second.pause(web, reason: "a look", by: "kari")
            }
            #expect(error?.code == 503 && error?.message.contains("takes over cluster dev") ?? false)
            let pause = try second.cell(web).inputs.withLock { $0.pause }
            #expect(pause == nil)
        }
    }

    @Test("Two replicas that both believe to deliver do each errand once")
    func once() async throws {
        try await DeliveryFixture.run(Self.files) { fixture in
            _ = try await recorded(fixture)
            let desk = desk(fixture, ErrandDesk.Patience(looking: .milliseconds(20)))
            let done = Tally()
            let runner = ErrandRunner(environment: fixture.delivery.environment, desk: desk) { errand in
                done.add(errand.deed)
                return true
            }
            let deeds = (0..<6).map { Deed.pause(reason: "\($0)") }
            let answered = try await withThrowingTaskGroup(of: Bool.self) { group in
                for deed in deeds { group.addTask { try await desk.ask(deed, of: web, by: "kari") == true } }
                for _ in 0..<2 {
                    group.addTask {
                        while done.counts.count < deeds.count, !Task.isCancelled {
                            // One that loses a race looks again.
                            _ = try? await runner.reconcile(web)
                            // Without it two of these would keep both threads of a small machine from those who ask.
                            try await Task.sleep(for: .milliseconds(1))
                        }
                        return true
                    }
                }
                return try await group.reduce(true) { $0 && $1 }
            }
            #expect(answered)
            #expect(done.counts == Dictionary(uniqueKeysWithValues: deeds.map { ($0, 1) }))
            #expect(try await annotations(fixture) == [])
        }
    }
}

/// How often each deed was done.
private final class Tally: Sendable {
    private let state = Mutex([Deed: Int]())
    var counts: [Deed: Int] { state.withLock { $0 } }
    func add(_ deed: Deed) { state.withLock { $0[deed, default: 0] += 1 } }
}

/// A fleet whose clusters another replica delivers to, until told otherwise.
private final class OtherClusters: ClusterDirectory {
    private let isOurs = Mutex(false)
    private let terms = Atomic(0)
    private let clients: [String: KubeClient]
    private let signal = ChangeSignal()

    init(_ clients: [String: KubeClient] = [:]) { self.clients = clients }

    /// - Parameter isKnown: Whether those who deliver are told.
    func setDelivers(_ delivers: Bool, isKnown: Bool = true) {
        isOurs.withLock { $0 = delivers }
        if isKnown { signal.signal() }
    }

    /// Loses what is delivered to, and has it again, before anybody looks.
    func flicker() {
        terms.add(1, ordering: .relaxed)
        signal.signal()
    }

    func term(of cluster: String) -> Int { terms.load(ordering: .relaxed) }
    func client(for cluster: String) async -> KubeClient? { clients[cluster] }
    func clusterNames() async -> Set<String> { ["admin", "dev"] }
    func changes() async -> AsyncStream<Void> { signal.stream() }
    func delivers(to cluster: String) -> Bool { isOurs.withLock { $0 } }
}
