import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization

/// Collects one answer on its connection's thread, and wakes who waits for it once, when it is complete.
final class WholeAnswer: HTTPClientResponseDelegate {
    typealias Response = Void

    struct Content: Sendable {
        var status: Int
        var headers: HTTPHeaders
        var body: ByteBuffer
    }

    struct TooLarge: Error, CustomStringConvertible {
        let limit: Int
        var description: String { "the answer is larger than \(limit) bytes" }
    }

    private struct State {
        var reader: CheckedContinuation<Content, any Error>?
        var task: HTTPClient.Task<Void>?
        var head: HTTPResponseHead?
        var body = ByteBuffer()
        /// Why nobody waits for it any more.
        var failure: (any Error)?
    }

    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Sends a request and waits for its answer; cancellation and ``fail(_:)`` end both.
    func content(sending send: @Sendable (WholeAnswer) -> HTTPClient.Task<Void>) async throws -> Content {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { reader in
                let failure = state.withLock { state in
                    if state.failure == nil { state.reader = reader }
                    return state.failure
                }
                if let failure { return reader.resume(throwing: failure) }
                let task = send(self)
                // Whatever ends it without asking this delegate.
                task.futureResult.whenFailure { self.fail($0) }
                let isOver = state.withLock { state in
                    if state.failure == nil, state.reader != nil { state.task = task }
                    return state.failure != nil
                }
                if isOver { task.cancel() }
            }
        } onCancel: {
            fail(CancellationError())
        }
    }

    /// Ends the wait, and the request with it.
    func fail(_ error: any Error) {
        let (reader, task) = state.withLock { state in
            if state.failure == nil { state.failure = error }
            defer { (state.reader, state.task) = (nil, nil) }
            return (state.reader, state.task)
        }
        reader?.resume(throwing: error)
        task?.cancel()
    }

    // MARK: On the connection's thread

    func didReceiveHead(task: HTTPClient.Task<Void>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        state.withLock { $0.head = head }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveBodyPart(task: HTTPClient.Task<Void>, _ part: ByteBuffer) -> EventLoopFuture<Void> {
        let isTooLarge = state.withLock { state in
            if state.body.readableBytes == 0 {
                state.body = part
            } else {
                state.body.writeImmutableBuffer(part)
            }
            return state.body.readableBytes > limit
        }
        return isTooLarge
            ? task.eventLoop.makeFailedFuture(TooLarge(limit: limit))
            : task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveError(task: HTTPClient.Task<Void>, _ error: any Error) { fail(error) }

    func didFinishRequest(task: HTTPClient.Task<Void>) {
        let (reader, content) = state.withLock { state in
            let content = state.head.map {
                Content(status: Int($0.status.code), headers: $0.headers, body: state.body)
            }
            defer { (state.reader, state.task) = (nil, nil) }
            return (state.reader, content)
        }
        guard let content else {
            reader?.resume(throwing: HTTPClientError.remoteConnectionClosed)
            return
        }
        reader?.resume(returning: content)
    }
}
