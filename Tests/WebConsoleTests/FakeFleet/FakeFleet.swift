import Delivery
import Fleet
import KubeModel
import Tenancy
import WebConsole

/// A backend with a lively fleet: three teams, five clusters, forty applications; one whose image is not there, one refused,
/// one with a held deletion, one whose file cannot be read.
actor FakeFleet: ConsoleBackend {
    nonisolated let board: Board
    nonisolated let origin: Double
    var workloads: [ApplicationID: FakeWorkload] = [:]
    var commits = 100
    /// What was asked for, oldest first.
    private(set) var requests: [String] = []
    private var reachable: Set<String> = ["sandbox", "dev", "test", "prod", "cloud"]
    private var watchers: [AsyncStream<Void>.Continuation] = []
    private let wanted: AsyncStream<ApplicationID>
    private let wantedContinuation: AsyncStream<ApplicationID>.Continuation

    /// - Parameters:
    ///   - now: Seconds since 1970 at which the story is told.
    ///   - pods: How many pods `kart/sandbox.kart-lab` has; many, to see how the page bears them.
    init(now: Double, extraApplications: Int = 0, pods: Int = 2, eventLimit: Int = 8_192) {
        board = Board(eventLimit: eventLimit)
        origin = now
        (wanted, wantedContinuation) = AsyncStream.makeStream(
            of: ApplicationID.self,
            bufferingPolicy: .bufferingOldest(16)
        )
        for var story in FakeStory.applications(extra: extraApplications) {
            if story.id.namespace == "kart-lab" { story.workload.replicas = pods }
            workloads[story.id] = story.workload
            story.tell(on: board, now: now)
        }
    }

    // MARK: ConsoleBackend

    func tenants() -> [TenantSummary] { FakeStory.tenants }

    func clusters() -> [ClusterSummary] {
        FakeStory.clusters(now: origin).map { cluster in
            var cluster = cluster
            guard !reachable.contains(cluster.name) else { return cluster }
            cluster.isReachable = false
            cluster.message = "No answer from https://10.20.0.4:6443 within 10 s: connection refused"
            cluster.readyNodes = 0
            return cluster
        }
    }

    func fleetChanges() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Void.self,
            bufferingPolicy: .bufferingNewest(1)
        )
        watchers.append(continuation)
        return stream
    }

    func note(_ request: String) { requests.append(request) }

    /// Makes a cluster answer no more, or again.
    func setReachable(_ isReachable: Bool, cluster: String) {
        if isReachable { reachable.insert(cluster) } else { reachable.remove(cluster) }
        for watcher in watchers { watcher.yield() }
    }

    func sync(_ id: ApplicationID, by person: String) -> String? {
        requests.append("sync \(id) by \(person)")
        wantedContinuation.yield(id)
        return nil
    }

    func approve(_ id: ApplicationID, objects: [String]?, by person: String) {
        requests.append("approve \(id) \(objects?.joined(separator: ",") ?? "all") by \(person)")
        guard var snapshot = board.application(id) else { return }
        snapshot.sync = .synced
        snapshot.message = ""
        snapshot.findings = []
        board.publish(.application(snapshot))
    }

    func poke(repository: String?) { requests.append("poke \(repository ?? "all")") }

    func diff(of id: ApplicationID) throws -> [ObjectDiff] {
        guard let workload = workloads[id] else { return [] }
        return workload.diff(for: board.application(id)?.sync ?? .synced)
    }

    func events(of id: ApplicationID) -> [ObjectEvent] { workloads[id]?.events ?? [] }

    func object(_ object: String, of id: ApplicationID) throws -> ObjectManifests {
        guard let workload = workloads[id], let node = board.objects(of: id).first(where: { $0.id == object })
        else {
            throw StatusError(
                code: 404,
                reason: "NotFound",
                message: "the object \(object) is not there any more"
            )
        }
        return workload.manifests(of: node)
    }

    func log(
        ofPod pod: String,
        container: String?,
        tail: Int,
        follow: Bool,
        previous: Bool,
        of id: ApplicationID
    )
        -> AsyncThrowingStream<[UInt8], any Error>
    {
        let lines = AsyncThrowingStream<[UInt8], any Error>.makeStream(bufferingPolicy: .bufferingNewest(512))
        for number in 0..<tail { lines.continuation.yield(Array(FakeStory.logLine(number, pod: pod).utf8)) }
        guard follow else {
            lines.continuation.finish()
            return lines.stream
        }
        let first = lines.stream
        return AsyncThrowingStream { [counter = FakeCounter(tail)] in
            let number = counter.next()
            if number < tail * 2 {
                var iterator = first.makeAsyncIterator()
                return try await iterator.next()
            }
            try await Task.sleep(for: .milliseconds(400))
            return Array(FakeStory.logLine(number, pod: pod).utf8)
        }
    }

    // MARK: Life

    /// Lets things happen until cancelled: commits land, pods roll, a cluster goes away and comes back.
    func live(pace: Duration) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [wanted] in
                for await id in wanted {
                    try await self.rollOut(id, cause: .manual, pace: .milliseconds(300))
                }
            }
            group.addTask {
                let healthy = self.board.applications().filter { $0.health == .healthy && $0.sync == .synced }
                    .map(\.id)
                var turn = 0
                while !Task.isCancelled, !healthy.isEmpty {
                    try await Task.sleep(for: pace)
                    let id = healthy[turn * 7 % healthy.count]
                    try await self.rollOut(
                        id,
                        cause: turn % 5 == 4 ? .drift : .commit,
                        pace: .milliseconds(600)
                    )
                    turn += 1
                }
            }
            try await group.waitForAll()
        }
    }
}
