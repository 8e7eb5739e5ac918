import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization

/// An answer that is read piece by piece while it comes; the connection waits while nobody asks for the next piece.
///
/// For one reader, which asks for a piece only after the one before.
final class StreamedAnswer: HTTPClientResponseDelegate {
    typealias Response = Void

    private struct State {
        var headReader: CheckedContinuation<HTTPResponseHead, any Error>?
        var reader: CheckedContinuation<ByteBuffer?, any Error>?
        var task: HTTPClient.Task<Void>?
        var head: HTTPResponseHead?
        /// A piece that nobody took yet; the connection goes on when it is taken.
        var piece: ByteBuffer?
        var taken: EventLoopPromise<Void>?
        var end: Result<Void, any Error>?
    }

    private let state = Mutex(State())

    /// Sends a request and waits for the head of its answer; cancellation and ``fail(_:)`` end both.
    func head(
        sending send: @Sendable (StreamedAnswer) -> HTTPClient.Task<Void>
    ) async throws -> HTTPResponseHead {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { reader in
                let end = state.withLock { state in
                    if state.end == nil { state.headReader = reader }
                    return state.end
                }
                if let end { return reader.resume(throwing: Self.error(end)) }
                let task = send(self)
                // Whatever ends it without asking this delegate.
                task.futureResult.whenFailure { self.fail($0) }
                let isOver = state.withLock { state in
                    if state.end == nil { state.task = task }
                    return state.end != nil
                }
                if isOver { task.cancel() }
            }
        } onCancel: {
            fail(CancellationError())
        }
    }

    /// The next piece; `nil` after the last.
    func next() async throws -> ByteBuffer? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { reader in
                let (known, taken) = state.withLock { state in
                    let known =
                        state.piece.map { Result<ByteBuffer?, any Error>.success($0) }
                        ?? state.end?.map { nil }
                    if known == nil { state.reader = reader }
                    defer { (state.piece, state.taken) = (nil, nil) }
                    return (known, state.taken)
                }
                if let known { reader.resume(with: known) }
                taken?.succeed()
            }
        } onCancel: {
            fail(CancellationError())
        }
    }

    /// Ends the answer, and the request with it.
    func fail(_ error: any Error) {
        finish(.failure(error))?.cancel()
    }

    /// - Returns: The request, the first time.
    @discardableResult
    private func finish(_ end: Result<Void, any Error>) -> HTTPClient.Task<Void>? {
        let (old, final) = state.withLock { state in
            let old = state
            let end = state.end ?? end
            state = State()
            state.end = end
            // What came before the end is still to be read; not what came before a failure.
            if case .success = end { (state.piece, state.taken) = (old.piece, old.taken) }
            return (old, end)
        }
        if case .failure(let error) = final { old.taken?.fail(error) }
        old.headReader?.resume(throwing: Self.error(final))
        old.reader?.resume(with: final.map { nil })
        return old.task
    }

    private static func error(_ end: Result<Void, any Error>) -> any Error {
        if case .failure(let error) = end { error } else { HTTPClientError.remoteConnectionClosed }
    }

    // MARK: On the connection's thread

    func didReceiveHead(task: HTTPClient.Task<Void>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        let reader = state.withLock { state in
            defer { state.headReader = nil }
            return state.headReader
        }
        reader?.resume(returning: head)
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveBodyPart(task: HTTPClient.Task<Void>, _ part: ByteBuffer) -> EventLoopFuture<Void> {
        let (reader, taken) = state.withLock {
            state -> (CheckedContinuation<ByteBuffer?, any Error>?, EventLoopPromise<Void>?) in
            guard state.end == nil else { return (nil, nil) }
            if let reader = state.reader {
                state.reader = nil
                return (reader, nil)
            }
            let taken = task.eventLoop.makePromise(of: Void.self)
            (state.piece, state.taken) = (part, taken)
            return (nil, taken)
        }
        reader?.resume(returning: part)
        return taken?.futureResult ?? task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveError(task: HTTPClient.Task<Void>, _ error: any Error) { finish(.failure(error)) }

    func didFinishRequest(task: HTTPClient.Task<Void>) { finish(.success(())) }
}
