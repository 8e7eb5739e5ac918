package import KubeClient
import KubeModel
import Synchronization

/// Lets writes through only while this process holds a claim, and gives none of them more time than the claim surely lasts.
///
/// The last line of defence against two processes that write the same cluster: a process that slept through its
/// lease, and wakes up in the middle of a sync, is stopped here.
package struct FencedTransport: Transport {
    private let base: any Transport
    private let claim: String
    private let replica: Replica

    package init(_ base: any Transport, claim: String, replica: Replica) {
        self.base = base
        self.claim = claim
        self.replica = replica
    }

    package func send(_ request: APIRequest) async throws -> APIResponse {
        guard request.method != .get else { return try await base.send(request) }
        guard let remaining = replica.began(under: claim) else {
            throw ClientError(
                code: .connectionLost,
                message: "This replica does not hold the cluster now; another one goes on."
            )
        }
        defer { replica.ended(under: claim) }
        var request = request
        request.timeout = min(request.timeout, remaining)
        return try await base.send(request)
    }

    package func watch(_ request: APIRequest) async throws -> AsyncThrowingStream<WatchEvent, any Error> {
        try await base.watch(request)
    }

    package func stream(_ request: APIRequest) async throws -> AsyncThrowingStream<[UInt8], any Error> {
        try await base.stream(request)
    }

    package var failure: String? { base.failure }
}

extension Replica {
    /// Counts a write that begins under a claim.
    ///
    /// - Returns: How long it may take; `nil` when the claim is not held.
    func began(under claim: String) -> Duration? {
        state.withLock { state in
            guard state.held.contains(claim), let until = state.validUntil else { return nil }
            let remaining = ContinuousClock.now.duration(to: until)
            guard remaining > .zero else { return nil }
            state.inFlight[claim, default: 0] += 1
            return remaining
        }
    }

    func ended(under claim: String) {
        state.withLock { state in
            let count = state.inFlight[claim, default: 1] - 1
            state.inFlight[claim] = count > 0 ? count : nil
        }
    }
}
