package import KubeClient
import KubeModel
import Logging
import Synchronization

/// A connection to a cluster that may die without a word: while the cluster is silent, requests fail at once instead of
/// waiting for their time-outs, and watches end, to begin again when it answers.
///
/// A dead network closes no connection: a watch on it would stay open for minutes and show an old state as the present one.
/// So somebody has to ask; ``probe(onChange:)`` does, and only when nothing was heard for a while.
package struct ProbedTransport: Transport {
    /// How often and how patiently a cluster is asked whether it is there.
    package struct Rhythm: Sendable, Hashable {
        /// Between two questions, and the longest silence before one.
        package var interval: Duration
        /// For how long an answer is waited for.
        package var patience: Duration
        /// Unanswered questions after which the cluster counts as dead.
        package var strikes: Int

        /// Dead within 9 s at worst: 3 s of quiet, then two questions of 3 s each.
        package init(
            interval: Duration = .seconds(3),
            patience: Duration = .seconds(3),
            strikes: Int = 2
        ) {
            self.interval = interval
            self.patience = patience
            self.strikes = strikes
        }
    }

    private let base: HTTPTransport
    private let rhythm: Rhythm
    private let reachability = Reachability()
    private let lastHeard = LastHeard()

    /// When the cluster last answered anything.
    private final class LastHeard: Sendable {
        private let instant = Mutex(ContinuousClock.now)
        func now() { instant.withLock { $0 = .now } }
        var ago: Duration { instant.withLock { $0.duration(to: .now) } }
    }

    package init(_ base: HTTPTransport, rhythm: Rhythm = Rhythm()) {
        self.base = base
        self.rhythm = rhythm
    }

    /// Why the cluster does not answer, while that lasts.
    package var failure: String? { reachability.failure }

    // MARK: Requests

    package func send(_ request: APIRequest) async throws -> APIResponse {
        try checkReachable()
        let response = try await base.send(interruptible(request))
        lastHeard.now()
        return response
    }

    package func stream(_ request: APIRequest) async throws -> AsyncThrowingStream<[UInt8], any Error> {
        try checkReachable()
        return heard(try await base.stream(interruptible(request)))
    }

    /// Waits until the cluster answers, so that every watch begins again the moment it is back.
    package func watch(_ request: APIRequest) async throws -> AsyncThrowingStream<WatchEvent, any Error> {
        try await reachability.waitUntilReachable()
        return heard(try await base.watch(interruptible(request)))
    }

    private func checkReachable() throws {
        guard let failure = reachability.failure else { return }
        throw ClientError(code: .cannotConnect, message: failure)
    }

    /// The request, which ends with an error as soon as the cluster counts as dead.
    private func interruptible(_ request: APIRequest) -> APIRequest {
        var request = request
        request.interruption = reachability.interruption
        return request
    }

    /// The stream; whatever comes shows that the cluster is there.
    private func heard<Element: Sendable>(
        _ stream: AsyncThrowingStream<Element, any Error>
    ) -> AsyncThrowingStream<Element, any Error> {
        let source = StreamSource(stream)
        return AsyncThrowingStream { [lastHeard] in
            let element = try await source.next()
            lastHeard.now()
            return element
        }
    }

    /// `@unchecked Sendable`: an unfolding stream asks for the next element only after the one before, so the iterator is
    /// never used by two tasks at once.
    private final class StreamSource<Element: Sendable>: @unchecked Sendable {
        private var iterator: AsyncThrowingStream<Element, any Error>.Iterator

        init(_ stream: AsyncThrowingStream<Element, any Error>) { iterator = stream.makeAsyncIterator() }

        func next() async throws -> Element? { try await iterator.next() }
    }

    // MARK: Asking

    /// Asks until cancelled whether the cluster is there, whenever nothing else was heard of it.
    package func probe(onChange: @Sendable () async -> Void) async throws {
        var strikes = 0
        while true {
            let isSilent = reachability.failure != nil
            if !isSilent, strikes == 0 {
                let quiet = lastHeard.ago
                if quiet < rhythm.interval {
                    try await Task.sleep(for: rhythm.interval - quiet)
                    continue
                }
            }
            if let failure = try await ask() {
                strikes += 1
                if strikes >= rhythm.strikes, reachability.became(failure) { await onChange() }
                // A refused connection answers at once; a silent one has taken its time already.
                try await Task.sleep(for: rhythm.interval / (isSilent ? 1 : 3))
            } else {
                strikes = 0
                lastHeard.now()
                if reachability.became(nil) { await onChange() }
            }
        }
    }

    /// Why there was no answer; `nil` when there was one.
    private func ask() async throws -> String? {
        do {
            let request = APIRequest(.get, "/version", timeout: rhythm.patience)
            let response = try await base.send(request)
            // A gateway in front of a dead API server answers, too.
            guard response.status >= 502, response.status <= 504 else { return nil }
            return "The cluster's gateway answers \(response.status)."
        } catch let error as ClientError {
            return error.message
        } catch {
            try Task.checkCancellation()
            return "\(error)"
        }
    }
}
