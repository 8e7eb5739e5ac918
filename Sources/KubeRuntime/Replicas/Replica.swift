package import KubeClient
package import KubeModel
package import Logging
import Synchronization

/// One of several processes on the same admin cluster, which share work among them by claims.
///
/// Each process renews one Lease of its own. A claim is a Lease that names its holder and is never renewed: it is good as long
/// as its holder's own Lease is, so idle replicas cost one small write each per renewal, however much they hold. A claim
/// is taken by a write that fails if somebody else wrote it meanwhile.
///
/// A process that could not renew in time takes a new identity before it goes on: what it held under the old one is open
/// to all, itself included, and taking it is again such a write. So two never hold the same claim, however long one
/// of them was asleep.
package final class Replica: Sendable {
    package let name: String
    let client: KubeClient
    let namespace: String
    let timing: LeaseTiming
    let logger: Logger
    /// The wall clock, only written into Leases for people to read.
    let now: @Sendable () -> Timestamp
    let informer: Informer
    let queue = WorkQueue<Step>(backoff: Backoff(first: .milliseconds(200), limit: .seconds(2)))
    let state = Mutex(State())
    private let signal = ChangeSignal()

    enum Step: Hashable, Sendable { case renew, share }

    struct State {
        var incarnation = 1
        /// Until when this process may act on what it holds; `nil` before the first renewal.
        var validUntil: ContinuousClock.Instant?
        var wanted: Set<String> = []
        var held: Set<String> = []
        /// How often each claim was taken.
        var terms: [String: Int] = [:]
        var inFlight: [String: Int] = [:]
        /// When each Lease was last seen to change, by the clock of this process.
        var seen: [String: (renewal: String, at: ContinuousClock.Instant)] = [:]
    }

    static let label = "varde.dev/lease"

    /// - Parameters:
    ///   - name: Distinct for each process, and each start of one.
    ///   - namespace: Where the Leases are.
    package init(
        name: String,
        client: KubeClient,
        namespace: String,
        timing: LeaseTiming = LeaseTiming(),
        logger: Logger,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.name = name
        self.client = client
        self.namespace = namespace
        self.timing = timing
        self.logger = logger
        self.now = now
        informer = Informer(
            client: client,
            resource: .leases,
            namespace: namespace,
            labelSelector: Self.label,
            logger: logger
        )
    }

    // MARK: Asking

    /// Whether this process holds a claim at this moment.
    package func holds(_ claim: String) -> Bool { remaining(claim) != nil }

    /// For how long this process may surely act on a claim; `nil` when it may not.
    package func remaining(_ claim: String) -> Duration? {
        state.withLock { state in
            guard state.held.contains(claim), let until = state.validUntil else { return nil }
            let remaining = ContinuousClock.now.duration(to: until)
            return remaining > .zero ? remaining : nil
        }
    }

    /// Differs whenever a claim was lost and taken again: somebody else may have acted on it in between.
    package func term(of claim: String) -> Int { state.withLock { $0.terms[claim] ?? 0 } }

    /// Which claims there are to share; the replicas must agree on that by themselves.
    package func setClaims(_ claims: Set<String>) {
        let isNews = state.withLock { state in
            defer { state.wanted = claims }
            return state.wanted != claims
        }
        if isNews { queue.enqueue(.share) }
    }

    /// An element at the start and whenever a claim was won or lost.
    package func changes() -> AsyncStream<Void> { signal.stream() }

    /// Who holds a claim, for people: the name of a replica.
    package func holder(of claim: String) -> String? {
        guard let lease = informer.get(leaseName(ofClaim: claim)) else { return nil }
        let holder = ReplicaIdentity(lease.spec["holderIdentity"]?.string ?? "")
        return holder.flatMap { isAlive($0) ? $0.name : nil }
    }

    // MARK: Running

    /// Renews, shares and takes over until cancelled; afterwards call ``leave()``.
    package func run() async throws {
        informer.onChange { [weak self] change in
            switch change {
            case .added(let lease), .updated(_, let lease): self?.saw(lease)
            case .removed(let lease): self?.forget(lease)
            case .synced: break
            }
        }
        let controller = Controller(
            name: "replica",
            queue: queue,
            reconciler: ReplicaReconciler(replica: self),
            workers: 2,
            logger: logger
        )
        queue.enqueue(.renew)
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await self.informer.run() }
            group.addTask { try await controller.run() }
        }
    }

    /// Gives everything up at once, so that the others need not wait; call it when the work has ended.
    package func leave() async {
        let (held, identity) = state.withLock { state in
            defer { (state.held, state.validUntil) = ([], nil) }
            return (state.held, ReplicaIdentity(name: name, incarnation: state.incarnation))
        }
        do {
            for claim in held { try await release(claim, of: identity) }
            try await client.delete(.leases, ObjectName(namespace: namespace, name: membershipLease))
        } catch {
            // The others find out by themselves, a little later.
            logger.notice("leases could not be given up", metadata: ["error": "\(error)"])
        }
    }

    // MARK: What was seen

    private func saw(_ lease: KubeObject) {
        let renewal = "\(lease.spec["holderIdentity"]?.string ?? "") \(lease.spec["renewTime"]?.string ?? "")"
        state.withLock { state in
            guard state.seen[lease.name]?.renewal != renewal else { return }
            state.seen[lease.name] = (renewal, .now)
        }
        queue.enqueue(.share)
    }

    private func forget(_ lease: KubeObject) {
        state.withLock { _ = $0.seen.removeValue(forKey: lease.name) }
        queue.enqueue(.share)
    }

    func signalChange() { signal.signal() }

    // MARK: Names

    var identity: ReplicaIdentity {
        ReplicaIdentity(name: name, incarnation: state.withLock { $0.incarnation })
    }

    var membershipLease: String { "varde-replica-\(name)" }

    func leaseName(ofClaim claim: String) -> ObjectName {
        ObjectName(namespace: namespace, name: "varde-claim-\(claim)")
    }
}

/// Who holds a Lease: a process, and how often it lost its hold before.
struct ReplicaIdentity: Hashable, Sendable, CustomStringConvertible {
    var name: String
    var incarnation: Int

    init(name: String, incarnation: Int) {
        self.name = name
        self.incarnation = incarnation
    }

    init?(_ text: String) {
        guard let at = text.lastIndex(of: "#"), let number = Int(text[text.index(after: at)...]) else {
            return nil
        }
        self.init(name: String(text[..<at]), incarnation: number)
    }

    var description: String { "\(name)#\(incarnation)" }
}
