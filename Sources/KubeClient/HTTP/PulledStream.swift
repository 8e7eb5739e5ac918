import AsyncHTTPClient
import NIOCore

/// Turns one element of a stream into many, when its consumer asks: nothing is buffered beyond what one step gives.
///
/// `@unchecked Sendable`: `AsyncThrowingStream(unfolding:)` asks for the next element only after the one before, so the
/// state is never used by two tasks at once.
final class PulledStream<Element: Sendable>: @unchecked Sendable {
    typealias Base = HTTPClientResponse.Body

    private var base: Base.AsyncIterator
    private var pending: [Element] = []
    private var step: (Base.Element) throws -> [Element]
    private let convert: (any Error) -> any Error

    init(
        _ base: Base,
        convert: @escaping (any Error) -> any Error,
        step: @escaping (Base.Element) throws -> [Element]
    ) {
        self.base = base.makeAsyncIterator()
        self.convert = convert
        self.step = step
    }

    func next() async throws -> Element? {
        while pending.isEmpty {
            do {
                guard let element = try await base.next() else { return nil }
                pending = try step(element).reversed()
            } catch { throw convert(error) }
        }
        return pending.popLast()
    }

    static func stream(
        _ base: Base,
        convert: @escaping (any Error) -> any Error,
        step: @escaping (Base.Element) throws -> [Element]
    ) -> AsyncThrowingStream<Element, any Error> {
        let puller = PulledStream(base, convert: convert, step: step)
        return AsyncThrowingStream(unfolding: { try await puller.next() })
    }
}
