package import KubeClient
package import KubeModel
import Synchronization

/// What goes wrong between a client and a cluster; changed while a test runs.
///
/// ```swift
/// let faults = Faults()
/// let client = KubeClient(transport: faults.before(cluster.transport))
/// faults.set { $0.method == .patch ? .status(500) : .none }
/// ```
package final class Faults: Sendable {
    package enum Fault: Sendable {
        case none
        /// The server answers this instead of doing anything.
        case refused(StatusError, retryAfter: Duration?)
        /// The request does not arrive.
        case lost
        /// The request arrives and is carried out; its answer does not come back.
        case answerLost
        /// A watch begins, and this is its only event.
        case event(WatchEvent)

        package static func status(_ code: Int, retryAfter: Duration? = nil) -> Fault {
            let reasons = [410: "Expired", 429: "TooManyRequests", 500: "InternalError"]
            let error = StatusError(code: code, reason: reasons[code] ?? "", message: "injected \(code)")
            return .refused(error, retryAfter: retryAfter)
        }
    }

    package typealias Rule = @Sendable (APIRequest) -> Fault
    package typealias Rewriting = @Sendable (inout APIRequest) -> Void

    private struct State {
        var rule: Rule = { _ in .none }
        var rewriting: Rewriting = { _ in }
        var watchLifetime: Duration?
        var holdsEndedWatches = false
        var silence: String?
        var seen: [APIRequest] = []
        var injected = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// The transport that these faults happen on.
    package func before(_ transport: any Transport) -> any Transport {
        FaultyTransport(inner: transport, faults: self)
    }

    package func set(_ rule: @escaping Rule) { state.withLock { $0.rule = rule } }

    /// Changes every request on its way, as an admission that mutates does.
    package func rewrite(_ rewriting: @escaping Rewriting) { state.withLock { $0.rewriting = rewriting } }

    /// How long a watch lives before its connection is cut; `nil` for as long as the server likes.
    package var watchLifetime: Duration? {
        get { state.withLock { $0.watchLifetime } }
        set { state.withLock { $0.watchLifetime = newValue } }
    }

    /// Whether a watch that the cluster ends stays open without an event; for those that begin from now on.
    package var holdsEndedWatches: Bool {
        get { state.withLock { $0.holdsEndedWatches } }
        set { state.withLock { $0.holdsEndedWatches = newValue } }
    }

    /// Why the cluster counts as silent, as somebody who asks it found out; `nil` while it answers.
    package var silence: String? {
        get { state.withLock { $0.silence } }
        set { state.withLock { $0.silence = newValue } }
    }

    /// How many requests did not go as they should have.
    package var injected: Int { state.withLock { $0.injected } }

    /// The requests so far that fit.
    package func requests(where fits: (APIRequest) -> Bool) -> [APIRequest] {
        state.withLock { $0.seen }.filter(fits)
    }

    /// Writes that are no dry runs, but for events.
    package var writes: [APIRequest] {
        requests { request in
            request.method != .get && !request.query.contains { $0.name == "dryRun" }
                && !request.path.contains("/events")
        }
    }

    package func forgetRequests() { state.withLock { $0.seen = [] } }

    fileprivate func take(_ request: inout APIRequest) -> Fault {
        let (rule, rewriting) = state.withLock { state in
            state.seen.append(request)
            return (state.rule, state.rewriting)
        }
        rewriting(&request)
        let fault = rule(request)
        if case .none = fault { return fault }
        state.withLock { $0.injected += 1 }
        return fault
    }
}

private struct FaultyTransport: Transport {
    let inner: any Transport
    let faults: Faults

    var failure: String? { faults.silence }

    private static let noAnswer = ClientError(code: .connectionLost, message: "the connection was cut")

    func send(_ request: APIRequest) async throws -> APIResponse {
        var request = request
        switch faults.take(&request) {
        case .none, .event: return try await inner.send(request)
        case .lost: throw Self.noAnswer
        case .answerLost:
            _ = try await inner.send(request)
            throw Self.noAnswer
        case .refused(let error, let retryAfter):
            return APIResponse(status: error.code, body: error.json, retryAfter: retryAfter)
        }
    }

    func watch(_ request: APIRequest) async throws -> AsyncThrowingStream<WatchEvent, any Error> {
        var request = request
        switch faults.take(&request) {
        case .none: break
        case .lost, .answerLost: throw Self.noAnswer
        case .refused(let error, _): throw error
        case .event(let event):
            return AsyncThrowingStream { continuation in
                continuation.yield(event)
                continuation.finish()
            }
        }
        let events = try await inner.watch(request)
        if faults.holdsEndedWatches { return Self.neverEnding(events) }
        guard let lifetime = faults.watchLifetime else { return events }
        return AsyncThrowingStream { continuation in
            let task = Task {
                await withTaskGroup(of: Void.self) { group in
                    group.addTask {
                        do {
                            for try await event in events { continuation.yield(event) }
                            continuation.finish()
                        } catch {
                            continuation.finish(throwing: error)
                        }
                    }
                    group.addTask {
                        // Cancelled: the stream is over already.
                        try? await Task.sleep(for: lifetime)
                        continuation.finish(throwing: Self.noAnswer)
                    }
                    await group.next()
                    group.cancelAll()
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    private static func neverEnding(
        _ events: AsyncThrowingStream<WatchEvent, any Error>
    ) -> AsyncThrowingStream<WatchEvent, any Error> {
        AsyncThrowingStream { continuation in
            let task = Task {
                // However it ends, whoever watches is not told.
                do { for try await event in events { continuation.yield(event) } } catch {}
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    func stream(_ request: APIRequest) async throws -> AsyncThrowingStream<[UInt8], any Error> {
        try await inner.stream(request)
    }
}
