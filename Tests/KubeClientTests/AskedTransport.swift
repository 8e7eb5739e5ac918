import KubeClient

/// A server that is only asked: its streams are empty.
protocol AskedTransport: Transport {}

extension AskedTransport {
    func watch(_ request: APIRequest) async throws -> AsyncThrowingStream<WatchEvent, any Error> {
        AsyncThrowingStream { nil }
    }

    func stream(_ request: APIRequest) async throws -> AsyncThrowingStream<[UInt8], any Error> {
        AsyncThrowingStream { nil }
    }
}
