import Delivery
import KubeClient
import KubeModel
import KubeTesting
import Synchronization
import Testing

/// What is answered, or seen, is there after a kill.
@Suite(.timeLimit(.minutes(2))) struct DecisionTests {
    private let web = DeliveryFixture.id("kart-web")
    private let record = ObjectName(namespace: "tenant-kart", name: "dev.kart-web")

    /// Lets the next write of the `Application` object fail, and those after it pass.
    private func failOnce(_ fixture: DeliveryFixture) {
        let left = Count(1)
        fixture.adminFaults.set { request in
            isWrite(request) && left.take() ? .status(500) : .none
        }
    }

    private final class Count: Sendable {
        private let left: Mutex<Int>
        init(_ count: Int) { left = Mutex(count) }
        func take() -> Bool {
            left.withLock { left in
                left -= 1
                return left >= 0
            }
        }
    }

    private func annotation(_ key: String, _ fixture: DeliveryFixture) async throws -> String? {
        try await fixture.admin.find(.applications, record)?.annotation(key)
    }

    @Test("A pause, a pin and their end are answered when the Application object has them, and not before")
    func answered() async throws {
        try await DeliveryFixture.run(["env/dev/kart-web/a.yaml": configMap("a", "one")]) { fixture in
            let first = try #require(
                try await fixture.wait(web) { $0.sync == .synced && $0.applied != nil }.applied
            )
            let second = try await fixture.repository.push(["env/dev/kart-web/a.yaml": configMap("a", "two")])
            try await fixture.synced(web, to: second)
            let delivery = fixture.delivery

            failOnce(fixture)
            try await delivery.pause(web, reason: "a look", by: "kari")
            #expect(try await annotation(Interventions.pause, fixture)?.contains("a look") == true)
            #expect(fixture.adminFaults.injected == 1)
            try await delivery.resume(web, by: "kari")
            #expect(try await annotation(Interventions.pause, fixture) == nil)

            failOnce(fixture)
            try await delivery.rollback(web, to: first.commit, reason: "no", lifetime: nil, by: "kari")
            #expect(try await annotation(Interventions.pin, fixture)?.contains(first.commit) == true)
            #expect(fixture.adminFaults.injected == 2)
            try await delivery.unpin(web, by: "kari")
            #expect(try await annotation(Interventions.pin, fixture) == nil)
        }
    }

    @Test("An approval is answered when the Application object has it")
    func approved() async throws {
        let files = Dictionary(
            uniqueKeysWithValues: ["a", "b", "c", "d"].map {
                ("env/dev/kart-\($0)/a.yaml", configMap("a"))
            }
        )
        let id = DeliveryFixture.id("kart-a")
        let name = ObjectName(namespace: "tenant-kart", name: "dev.kart-a")
        try await DeliveryFixture.run(files) { fixture in
            for id in ["a", "b", "c", "d"] {
                try await fixture.wait(DeliveryFixture.id("kart-\(id)")) { $0.sync == .synced }
            }
            // So that the tombstone waits for its time once it is approved.
            fixture.policy.delay.withLock { $0 = .seconds(600) }
            try await fixture.repository.push(["env": nil, "README": "empty"])
            try await fixture.wait(id) { $0.sync == .held }
            try await fixture.eventually("it is recorded") {
                try await fixture.admin.find(.applications, name)?.annotation(ApplicationObject.tombstone)?
                    .contains("\"held\":true") ?? false
            }
            failOnce(fixture)
            try await fixture.delivery.approve(id, objects: nil, by: "kari")
            let kept = try await fixture.admin.get(.applications, name).annotation(
                ApplicationObject.tombstone
            )
            #expect(kept?.contains("\"held\":false") == true, "\(kept ?? "")")
            #expect(fixture.adminFaults.injected == 1)
        }
    }

    @Test("A decision that the admin cluster does not take down in time holds, and whoever made it is told")
    func unanswered() async throws {
        let files = ["env/dev/kart-web/a.yaml": configMap("a")]
        try await DeliveryFixture.run(files, recordDeadline: .milliseconds(200)) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            fixture.adminFaults.set { isWrite($0) ? .lost : .none }
            let error = await #expect(throws: StatusError.self) {
                try await fixture.delivery.pause(web, reason: "a look", by: "kari")
            }
            #expect(error?.code == 503)
            #expect(
                error?.message.contains("has not taken it down within") == true,
                "\(error?.message ?? "")"
            )
            try await fixture.wait(web) { $0.sync == .paused }
            fixture.adminFaults.set { _ in .none }
            try await fixture.eventually("it is recorded") {
                try await annotation(Interventions.pause, fixture) != nil
            }
        }
    }

    @Test("A sync that is asked for is done and answered as done while the admin cluster takes no writes")
    func syncUnrecorded() async throws {
        let files = [
            "env/dev/kart-web/varde.yaml": "autoSync: false\n", "env/dev/kart-web/a.yaml": configMap("a"),
        ]
        try await DeliveryFixture.run(files) { fixture in
            try await fixture.wait(web) { $0.sync == .outOfSync }
            try await fixture.eventually("it is recorded") {
                try await fixture.admin.find(.applications, record)?.at("status", "sync") == "OutOfSync"
            }
            fixture.adminFaults.set { isWrite($0) ? .status(500) : .none }
            #expect(try await fixture.delivery.sync(web, by: "kari") == nil)
            // On a busy machine it may have been tried again.
            try await fixture.wait(web) { $0.sync == .synced }
            #expect(fixture.board.history(of: web).map(\.result) == [.succeeded])
        }
    }

    @Test(
        "A sync that is under way and could not be written down is no failure: the answer says what may be lost"
    )
    func syncWaitsUnrecorded() async throws {
        let files = [
            "env/dev/kart-web/varde.yaml": "autoSync: false\n",
            "env/dev/kart-web/a.yaml": configMap("a", annotations: ["varde.dev/wave": "1"]),
            "env/dev/kart-web/web.yaml": deployment("web"),
        ]
        try await DeliveryFixture.run(files, recordDeadline: .milliseconds(200)) { fixture in
            try await fixture.wait(web) { $0.sync == .outOfSync }
            try await fixture.eventually("it is recorded") {
                try await fixture.admin.find(.applications, record)?.at("status", "sync") == "OutOfSync"
            }
            fixture.adminFaults.set { isWrite($0) ? .status(500) : .none }
            let warning = try await fixture.delivery.sync(web, by: "kari")
            #expect(warning?.contains("kari's sync of kart/dev.kart-web goes on") == true, "\(warning ?? "")")
            #expect(warning?.contains("would be lost if Varde ended") == true)
            try await fixture.wait(web) { $0.message.contains("Wave 1 waits for Deployment web") }
        }
    }

    @Test(
        "Nothing of a new application is applied before it is recorded, so that a restart knows what to delete"
    )
    func first() async throws {
        let new = DeliveryFixture.id("kart-new")
        let name = ObjectName(namespace: "tenant-kart", name: "dev.kart-new")
        try await DeliveryFixture.run(["env/dev/kart-web/a.yaml": configMap("a")]) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            fixture.adminFaults.set { isWrite($0) ? .status(500) : .none }
            try await fixture.repository.push(["env/dev/kart-new/b.yaml": configMap("b")])
            try await fixture.wait(new) { $0.message.contains("taken down that it is there") }
            #expect(try await fixture.admin.find(.applications, name) == nil)
            #expect(try await fixture.dev.find(.namespaces, ObjectName(name: "kart-new")) == nil)
            fixture.adminFaults.set { _ in .none }
            try await fixture.wait(new) { $0.sync == .synced }
            let syncs = try await fixture.admin.get(.applications, name).at("status", "history")
            #expect(syncs?.array?.count == 1, "\(syncs ?? .null)")
        }
    }

    @Test("Nothing goes on after a hook before its result is recorded, so that it never runs twice")
    func hooks() async throws {
        let files = [
            "env/dev/kart-web/a.yaml": configMap("a"),
            "env/dev/kart-web/hook.yaml": """
            apiVersion: batch/v1
            kind: Job
            metadata:
              name: migrate
              annotations: {argocd.argoproj.io/hook: PreSync}
            spec:
              template:
                metadata: {annotations: {sim.varde.dev/run-for: 20ms}}
                spec:
                  restartPolicy: Never
                  containers: [{name: job, image: "registry.example.com/job:1"}]
            """,
        ]
        let (job, map) = (
            ObjectName(namespace: "kart-web", name: "migrate"), ObjectName(namespace: "kart-web", name: "a")
        )
        try await EmbeddedTestCluster.run(.workloads(nodes: 1)) { cluster in
            let repository = try await TestRepository(in: cluster.directory, files)
            let hold = "taken down how its hooks ended"
            try await DeliveryFixture.run(cluster, repository, contents: .workloads(nodes: 1)) { fixture in
                fixture.adminFaults.set { tellsOfHooks($0) ? .status(500) : .none }
                try await fixture.wait(web) { $0.message.contains(hold) }
                #expect(try await fixture.dev.get(.jobs, job).condition("Complete")?.isTrue == true)
                #expect(try await fixture.dev.find(.configMaps, map) == nil)
                fixture.adminFaults.set { _ in .none }
                try await fixture.eventually("it goes on") {
                    try await fixture.dev.find(.configMaps, map) != nil
                }
                let hooks = try await fixture.admin.get(.applications, record).at("status", "hooks")
                #expect(hooks?[0]?["result"] == "succeeded")
                // As its time to live would have it, after which the process is killed.
                try await fixture.dev.delete(.jobs, job, propagation: .background)
                try await fixture.eventually("it is gone") { try await fixture.dev.find(.jobs, job) == nil }
            }
            try await DeliveryFixture.run(cluster, repository, contents: .workloads(nodes: 1)) { fixture in
                try await fixture.wait(web) { $0.sync == .synced }
                #expect(try await fixture.dev.find(.jobs, job) == nil)
            }
        }
    }
}

/// Whether a request writes an `Application` object, or its status.
private func isWrite(_ request: APIRequest) -> Bool {
    request.method == .patch && request.path.contains("/applications/")
}

/// Whether a request writes how hooks ended.
private func tellsOfHooks(_ request: APIRequest) -> Bool {
    guard isWrite(request), case .json(let body) = request.body else { return false }
    return body["status"]?["hooks"] != nil
}
