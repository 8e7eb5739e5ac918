import HTTPTypes
import Hummingbird
import KubeClient
import KubeModel
import NIOCore

/// Answers HTTP requests for all clusters of a host.
struct HTTPFrontEnd: HTTPResponder {
    typealias Context = BasicRequestContext

    let watches: OpenWatches
    /// The cluster of a name; at the root of the paths is the one without.
    let server: @Sendable (_ cluster: String?) -> APIServer?

    func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
        let (name, path) = Self.split(request.uri.path)
        guard let server = server(name) else {
            return response(.text("404 page not found\n", status: 404), to: request)
        }
        var headers = Headers()
        for field in request.headers { headers.add(field.name.canonicalName, field.value) }
        var query: [(name: String, value: String)] = []
        if let text = request.uri.query { query = PercentEncoding.query(text) }
        let body: APIRequest.Body
        do {
            body = try await Self.body(of: request)
        } catch is NIOTooManyBytesError {
            return response(.failure(Self.tooLarge), to: request)
        }
        let answer = await server.answer(
            ServerRequest(
                method: request.method.rawValue,
                path: path,
                query: query,
                headers: headers,
                body: body
            )
        )
        return response(answer, to: request)
    }

    /// `/clusters/dev/api/v1` → (`dev`, `/api/v1`).
    static func split(_ path: String) -> (cluster: String?, path: String) {
        guard path.hasPrefix("/clusters/") else { return (nil, path) }
        let rest = path.dropFirst("/clusters/".count)
        guard let slash = rest.firstIndex(of: "/") else { return (String(rest), "/") }
        return (String(rest[..<slash]), String(rest[slash...]))
    }

    private static func body(of request: Request) async throws -> APIRequest.Body {
        guard request.method != .get, request.method != .head else { return .none }
        let buffer = try await request.body.collect(upTo: APIServer.bodyLimit)
        return buffer.readableBytes == 0 ? .none : .bytes(Array(buffer.readableBytesView))
    }

    private static let tooLarge = StatusError(
        code: 413,
        reason: "RequestEntityTooLarge",
        message: "Request entity too large: limit is \(APIServer.bodyLimit)"
    )

    // MARK: Answers

    private func response(_ answer: ServerResponse, to request: Request) -> Response {
        var fields = HTTPFields()
        if !answer.contentType.isEmpty { fields[.contentType] = answer.contentType }
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
        }
        if fields[.cacheControl] == nil { fields[.cacheControl] = "no-cache, private" }
        var answer = answer
        if Self.compress(&answer, request) {
            fields[.contentEncoding] = "gzip"
            fields[.vary] = "Accept-Encoding"
        }
        for warning in answer.warnings {
            fields.append(HTTPField(name: Self.warning, value: Self.text(of: warning)))
        }
        return Response(
            status: HTTPResponse.Status(code: answer.status),
            headers: fields,
            body: request.method == .head ? ResponseBody() : body(of: answer, request)
        )
    }

    /// Writes and compresses a large JSON answer, where the client can take it.
    private static func compress(_ answer: inout ServerResponse, _ request: Request) -> Bool {
        guard case .json(let value) = answer.content,
            request.headers[.acceptEncoding]?.contains("gzip") == true
        else { return false }
        let bytes = answer.encoding.bytes(of: value, isOrdered: answer.isOrdered)
        guard bytes.count > GzipCompression.threshold, let smaller = GzipCompression.compress(bytes) else {
            answer.content = .bytes(bytes)
            return false
        }
        answer.content = .bytes(smaller)
        return true
    }

    private static let warning = HTTPField.Name("Warning") ?? .contentType

    private static func text(of warning: String) -> String {
        let escaped = warning.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "299 - \"\(escaped)\""
    }

    private func body(of answer: ServerResponse, _ request: Request) -> ResponseBody {
        switch answer.content {
        case .none: return ResponseBody()
        case .bytes(let bytes): return ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        case .json(let value):
            return ResponseBody(
                byteBuffer: ByteBuffer(bytes: answer.encoding.bytes(of: value, isOrdered: answer.isOrdered))
            )
        case .watch(let stream):
            return ResponseBody { [watches] writer in
                watches.add(stream)
                defer { watches.remove(stream) }
                try await request.body.consumeWithInboundCloseHandler { _ in
                    // The head goes out at once, so that the client knows that the watch has begun.
                    try await writer.write(ByteBuffer())
                    try await stream.run { frames in
                        var buffer = ByteBuffer()
                        for frame in frames { buffer.writeBytes(Self.line(of: frame)) }
                        try await writer.write(buffer)
                    }
                } onInboundClosed: {
                    stream.end()
                }
                try await writer.finish(nil)
            }
        case .chunks(let chunks):
            return ResponseBody { writer in
                try await request.body.consumeWithCancellationOnInboundClose { _ in
                    for await chunk in chunks { try await writer.write(ByteBuffer(bytes: chunk)) }
                }
                try await writer.finish(nil)
            }
        }
    }

    private static func line(of frame: WatchStream.Frame) -> [UInt8] {
        // Written by hand: `type` stands before `object`, as Kubernetes has it.
        Array("{\"type\":\"\(frame.type)\",\"object\":".utf8) + frame.object.encoded() + Array("}\n".utf8)
    }
}
