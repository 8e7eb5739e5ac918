import KubeClient
import KubeModel
import Logging
import Synchronization

/// Renews a replica's own Lease, and takes and gives back claims as the living replicas share them.
struct ReplicaReconciler: Reconciler {
    let replica: Replica

    func reconcile(_ step: Replica.Step) async throws -> ReconcileResult {
        switch step {
        case .renew: await replica.renew()
        case .share: try await replica.share()
        }
    }
}

extension Replica {
    // MARK: Renewing

    /// Writes the own Lease once; after a lapse under a new identity.
    func renew() async -> ReconcileResult {
        let started = ContinuousClock.now
        let (identity, lapsed) = state.withLock { state in
            var lapsed = false
            if let until = state.validUntil, until <= started {
                lapsed = true
                state.incarnation += 1
                (state.held, state.validUntil) = ([], nil)
            }
            return (ReplicaIdentity(name: name, incarnation: state.incarnation), lapsed)
        }
        if lapsed {
            logger.warning("the lease could not be renewed in time: all claims are given up for now")
            signalChange()
        }
        do {
            try await writeMembership(identity)
            state.withLock { $0.validUntil = started + timing.duration - timing.margin }
            queue.enqueue(.share)
            return .again(after: timing.renewal)
        } catch {
            logger.warning("the lease cannot be renewed", metadata: ["error": "\(error)"])
            return .again(after: min(timing.renewal, .milliseconds(500)))
        }
    }

    private func writeMembership(_ identity: ReplicaIdentity) async throws {
        var lease = KubeObject(
            apiVersion: "coordination.k8s.io/v1",
            kind: "Lease",
            namespace: namespace,
            name: membershipLease
        )
        lease.labels = [Self.label: "replica"]
        lease.spec = [
            "holderIdentity": .string("\(identity)"),
            "leaseDurationSeconds": .integer(max(1, timing.duration.components.seconds)),
            "renewTime": .string(now().microText),
        ]
        let query = [(name: "fieldManager", value: "varde-replica"), (name: "force", value: "true")]
        let request = APIRequest(
            .patch,
            APIResource.leases.path(lease.objectName),
            query: query,
            body: .json(lease.json),
            contentType: "application/apply-patch+yaml",
            // An answer that comes later than this is of no use.
            timeout: timing.duration / 2
        )
        _ = try await client.send(request)
    }

    // MARK: Sharing

    /// Whether a replica's own Lease was renewed lately, as far as this process saw.
    func isAlive(_ identity: ReplicaIdentity) -> Bool {
        if identity.name == name { return identity == self.identity }
        let lease = "varde-replica-\(identity.name)"
        return state.withLock { state in
            guard let seen = state.seen[lease], seen.renewal.hasPrefix("\(identity) ") else { return false }
            return seen.at.duration(to: .now) < timing.duration
        }
    }

    /// Takes what is free and belongs here, gives back what belongs elsewhere.
    func share() async throws -> ReconcileResult {
        let (isValid, wanted, held) = state.withLock { state in
            ((state.validUntil ?? .now) > .now, state.wanted, state.held)
        }
        guard isValid, informer.hasSynced else { return .settled }
        let others = informer.list(namespace: namespace).compactMap { lease -> ReplicaIdentity? in
            guard lease.labels[Self.label] == "replica", lease.name != membershipLease else { return nil }
            return ReplicaIdentity(lease.spec["holderIdentity"]?.string ?? "")
        }
        let living = others.filter(isAlive)
        let names = living.map(\.name) + [name]
        for identity in others where !living.contains(identity) { try await forgetIfLongGone(identity) }
        for claim in held where !wanted.contains(claim) { try await giveBack(claim) }
        let owners = Rendezvous.owners(of: wanted, among: names)
        for claim in wanted.sorted() {
            let isMine = owners[claim] == name
            let lease = informer.get(leaseName(ofClaim: claim))
            let holder = ReplicaIdentity(lease?.spec["holderIdentity"]?.string ?? "")
            if holder == identity, held.contains(claim) {
                if !isMine { try await giveBack(claim) }
            } else if isMine, holder.map({ !isAlive($0) || $0 == identity }) ?? true {
                try await take(claim, lease)
            }
        }
        if !others.isEmpty || !wanted.isEmpty { return .again(after: nextExpiry(of: living)) }
        return .settled
    }

    /// Removes the Lease of a process that ended without a word; every start has a name of its own.
    private func forgetIfLongGone(_ identity: ReplicaIdentity) async throws {
        let lease = "varde-replica-\(identity.name)"
        guard let seen = state.withLock({ $0.seen[lease] }), seen.at.duration(to: .now) > timing.duration * 10
        else { return }
        try await client.delete(.leases, ObjectName(namespace: namespace, name: lease))
    }

    /// When the first of the living will count as dead unless it is heard of.
    private func nextExpiry(of living: [ReplicaIdentity]) -> Duration {
        let soonest = state.withLock { state in
            living.compactMap { state.seen["varde-replica-\($0.name)"]?.at }.min()
        }
        guard let soonest else { return timing.duration }
        let remaining = timing.duration - soonest.duration(to: .now)
        return max(remaining, .milliseconds(100))
    }

    private func take(_ claim: String, _ known: KubeObject?) async throws {
        var lease =
            known
            ?? KubeObject(
                apiVersion: "coordination.k8s.io/v1",
                kind: "Lease",
                namespace: namespace,
                name: leaseName(ofClaim: claim).name
            )
        lease.labels = [Self.label: "claim"]
        let identity = identity
        let transitions = known?.spec["leaseTransitions"]?.int ?? -1
        lease.spec = [
            "holderIdentity": .string("\(identity)"), "acquireTime": .string(now().microText),
            "leaseTransitions": .integer(Int64(transitions + 1)),
        ]
        do {
            // The resource version of what was seen is in it: somebody quicker makes this fail.
            let answer =
                known == nil
                ? try await client.create(.leases, lease) : try await client.replace(.leases, lease)
            informer.absorb(answer)
        } catch let error as StatusError where error.isConflict || error.isAlreadyExists {
            return queue.enqueue(.share, after: .milliseconds(200))
        }
        let isHeld = state.withLock { state in
            // Lapsed while the answer was under way: the next identity has to take it again.
            guard state.incarnation == identity.incarnation else { return false }
            state.held.insert(claim)
            state.terms[claim, default: 0] += 1
            return true
        }
        guard isHeld else { return }
        logger.info("claim taken", metadata: ["claim": "\(claim)", "replica": "\(name)"])
        signalChange()
    }

    /// Ends the work under a claim, waits for what is under way, then lets another replica have it.
    private func giveBack(_ claim: String) async throws {
        let identity = identity
        state.withLock { _ = $0.held.remove(claim) }
        signalChange()
        let deadline = ContinuousClock.now + timing.duration
        while state.withLock({ $0.inFlight[claim, default: 0] > 0 }), ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(20))
        }
        try await release(claim, of: identity)
        logger.info("claim given back", metadata: ["claim": "\(claim)", "replica": "\(name)"])
    }

    func release(_ claim: String, of identity: ReplicaIdentity) async throws {
        guard var lease = informer.get(leaseName(ofClaim: claim)),
            lease.spec["holderIdentity"]?.string == "\(identity)"
        else { return }
        lease.spec["holderIdentity"] = ""
        do {
            informer.absorb(try await client.replace(.leases, lease))
        } catch let error as StatusError where error.isConflict || error.isNotFound {
            // Somebody else has it already.
        }
    }
}
