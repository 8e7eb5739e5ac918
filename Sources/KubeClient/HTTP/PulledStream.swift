import NIOCore

/// Turns one piece of a streamed answer into many elements, when its consumer asks.
///
/// Nothing is buffered beyond what one step gives. Its consumer stopping ends the request.
///
/// `@unchecked Sendable`: `AsyncThrowingStream(unfolding:)` asks for the next element only after the one before, so the
/// state is never used by two tasks at once.
final class PulledStream<Element: Sendable>: @unchecked Sendable {
    private let answer: StreamedAnswer
    private let onEnd: @Sendable () -> Void
    private var pending: [Element] = []
    private var step: (ByteBuffer) throws -> [Element]
    private let convert: (any Error) -> any Error

    private init(
        _ answer: StreamedAnswer,
        onEnd: @escaping @Sendable () -> Void,
        convert: @escaping (any Error) -> any Error,
        step: @escaping (ByteBuffer) throws -> [Element]
    ) {
        self.answer = answer
        self.onEnd = onEnd
        self.convert = convert
        self.step = step
    }

    deinit {
        answer.fail(CancellationError())
        onEnd()
    }

    private func next() async throws -> Element? {
        while pending.isEmpty {
            do {
                guard let piece = try await answer.next() else { return nil }
                pending = try step(piece).reversed()
            } catch { throw convert(error) }
        }
        return pending.popLast()
    }

    /// - Parameter onEnd: Called when the stream is not used any more.
    static func stream(
        _ answer: StreamedAnswer,
        onEnd: @escaping @Sendable () -> Void,
        convert: @escaping (any Error) -> any Error,
        step: @escaping (ByteBuffer) throws -> [Element]
    ) -> AsyncThrowingStream<Element, any Error> {
        let puller = PulledStream(answer, onEnd: onEnd, convert: convert, step: step)
        return AsyncThrowingStream(unfolding: { try await puller.next() })
    }
}
