package import KubeClient
import KubeModel
import Synchronization

/// Access to a cluster from within its process: values are handed over, nothing is written or parsed.
package struct InProcessTransport: Transport {
    private let current: CurrentServer
    private let user: UserInfo

    package init(server: APIServer, user: UserInfo = .admin) {
        self.init(CurrentServer(server), user: user)
    }

    init(_ current: CurrentServer, user: UserInfo = .admin) {
        self.current = current
        self.user = user
    }

    private var server: APIServer { current.value }

    package func send(_ request: APIRequest) async throws -> APIResponse {
        let response = await server.answer(serverRequest(request))
        return APIResponse(
            status: response.status,
            body: Self.body(of: response),
            objects: Self.objects(of: response),
            warnings: response.warnings,
            retryAfter: response.headers.first { $0.name == "Retry-After" }.flatMap { Int($0.value) }
                .map { .seconds($0) }
        )
    }

    package func watch(_ request: APIRequest) async throws -> AsyncThrowingStream<WatchEvent, any Error> {
        let response = await server.answer(serverRequest(request))
        switch response.content {
        case .watch(let stream):
            let reader = InProcessWatch(stream)
            return AsyncThrowingStream { try await reader.next() }
        default:
            let body = Self.body(of: response)
            guard response.status == 200 else { throw StatusError(status: body, httpStatus: response.status) }
            // A watch that cannot begin is one event that says so.
            let first = Mutex<WatchEvent?>(
                .error(StatusError(status: body["object"] ?? [:], httpStatus: 410))
            )
            return AsyncThrowingStream {
                first.withLock { event in
                    defer { event = nil }
                    return event
                }
            }
        }
    }

    package func stream(_ request: APIRequest) async throws -> AsyncThrowingStream<[UInt8], any Error> {
        let response = await server.answer(serverRequest(request))
        guard response.status == 200 else {
            throw StatusError(status: Self.body(of: response), httpStatus: response.status)
        }
        guard case .chunks(let chunks) = response.content else {
            throw ClientError(code: .badAnswer, message: "\(request.path) is not answered as a stream")
        }
        let reader = ChunkReader(chunks)
        return AsyncThrowingStream { await reader.next() }
    }

    private func serverRequest(_ request: APIRequest) -> ServerRequest {
        var headers = Headers()
        headers.add("accept", request.accept)
        headers.add("content-type", request.contentType)
        headers.add("user-agent", "varde")
        if let impersonation = request.impersonation {
            headers.add("impersonate-user", impersonation.user)
            for group in impersonation.groups { headers.add("impersonate-group", group) }
        }
        return ServerRequest(
            method: request.method.rawValue,
            path: request.path,
            query: request.query,
            headers: headers,
            body: request.body,
            identity: .known(user)
        )
    }

    /// The objects of a list that are not shown in another form.
    private static func objects(of response: ServerResponse) -> [KubeObject]? {
        guard case .list(let list) = response.content, list.head["kind"]?.string != "Table",
            list.head["kind"]?.string != "PartialObjectMetadataList"
        else { return nil }
        return list.objects
    }

    private static func body(of response: ServerResponse) -> JSON {
        switch response.content {
        case .json(let value): return value
        case .object(let object): return object.json
        case .list(let list): return objects(of: response) == nil ? list.json : list.head
        case .bytes(let bytes):
            guard response.contentType.hasPrefix("application/json") else {
                return .string(String(decoding: bytes, as: UTF8.self))
            }
            // What claims to be JSON and is not is handed over as a text.
            return (try? JSON.parse(bytes)) ?? .string(String(decoding: bytes, as: UTF8.self))
        case .none, .watch, .chunks: return .null
        }
    }
}

/// The server of a cluster, which is another one after a restore.
final class CurrentServer: Sendable {
    private let held: Mutex<APIServer>

    init(_ server: APIServer) { held = Mutex(server) }

    var value: APIServer {
        get { held.withLock { $0 } }
        set { held.withLock { $0 = newValue } }
    }
}

/// Hands a watch to one reader, event by event.
private actor InProcessWatch {
    private let puller: WatchStream.Puller
    private var pending: ArraySlice<WatchStream.Frame> = []

    init(_ stream: WatchStream) { puller = stream.puller() }

    func next() async throws -> WatchEvent? {
        while true {
            if let frame = pending.popFirst() { return event(frame) }
            guard let frames = try await puller.next() else { return nil }
            pending = frames[...]
        }
    }

    private func event(_ frame: WatchStream.Frame) -> WatchEvent {
        let object = frame.object
        switch frame.type {
        case "ADDED": return .added(object)
        case "DELETED": return .deleted(object)
        case "BOOKMARK":
            let isEnd = object.annotation("k8s.io/initial-events-end") == "true"
            return .bookmark(resourceVersion: object.resourceVersion, isInitialEnd: isEnd)
        default: return .modified(object)
        }
    }
}

private actor ChunkReader {
    private let chunks: AsyncStream<[UInt8]>
    private var iterator: AsyncStream<[UInt8]>.Iterator

    init(_ chunks: AsyncStream<[UInt8]>) {
        self.chunks = chunks
        iterator = chunks.makeAsyncIterator()
    }

    func next() async -> [UInt8]? {
        var copy = iterator
        defer { iterator = copy }
        return await copy.next(isolation: self)
    }
}
