import HTTPTypes
import HummingbirdCore
import KubeClient
import KubeModel
import NIOCore

/// Answers the HTTP requests that come in by one socket.
struct HTTPFrontEnd: Sendable {
    /// The clusters that are served.
    enum Target: Sendable {
        /// One, at the root of the paths.
        case cluster(CurrentServer)
        /// The one without a name at the root, the others below `/clusters/NAME`.
        case clusters(@Sendable (_ name: String?) -> APIServer?)
    }

    let target: Target
    let watches: OpenWatches
    let connections: ConnectionTable
    let gate: RequestGate
    let dates = DateHeader()

    /// Writes the answer to a request.
    ///
    /// - Throws: When the connection is no longer good for anything.
    func respond(
        to request: Request,
        _ writer: consuming ResponseWriter,
        on channel: any Channel
    ) async throws {
        let connection = connections[channel]
        defer { connection?.enter(.idle) }
        var response = try await answer(request, connection)
        response.headers[.date] = dates.text
        try await writer.write(response: response.head, body: response.body)
    }

    private func answer(_ request: Request, _ connection: ClientConnection?) async throws -> Response {
        let (name, path) = split(request.uri.path)
        guard let server = server(name) else {
            return response(.text("404 page not found\n", status: 404), to: request, connection)
        }
        let identity: ServerRequest.Identity
        switch Self.identity(of: connection, request, isOwn: name == nil) {
        case .success(let known): identity = known
        case .failure(let error): return response(.failure(error), to: request, connection)
        }
        connection?.enter(.readingBody)
        let body: APIRequest.Body
        do {
            body = try await Self.body(of: request)
        } catch is NIOTooManyBytesError {
            return response(.failure(Self.tooLarge), to: request, connection)
        }
        connection?.enter(.answering)
        var headers = Headers()
        for field in request.headers { headers.add(field.name.canonicalName, field.value) }
        var query: [(name: String, value: String)] = []
        if let text = request.uri.query { query = PercentEncoding.query(text) }
        let flow = "\(name ?? "")\n\(request.headers[.authorization] ?? "")"
        guard await gate.enter(flow) else { return response(Self.tooMany, to: request, connection) }
        defer { gate.leave(flow) }
        let asked = ServerRequest(
            method: request.method.rawValue,
            path: path,
            query: query,
            headers: headers,
            body: body,
            identity: identity
        )
        // Reading may mean looking at very many objects, which must not hold up the connection's neighbours.
        let answer =
            request.method == .get
            ? await withTaskExecutorPreference(globalConcurrentExecutor) { await server.answer(asked) }
            : await server.answer(asked)
        return response(answer, to: request, connection)
    }

    // MARK: Requests

    private func server(_ name: String?) -> APIServer? {
        switch target {
        case .cluster(let server): server.value
        case .clusters(let find): find(name)
        }
    }

    private func split(_ path: String) -> (cluster: String?, path: String) {
        if case .cluster = target { return (nil, path) }
        return Self.split(path)
    }

    /// `/clusters/dev/api/v1` → (`dev`, `/api/v1`).
    static func split(_ path: String) -> (cluster: String?, path: String) {
        guard path.hasPrefix("/clusters/") else { return (nil, path) }
        let rest = path.dropFirst("/clusters/".count)
        guard let slash = rest.firstIndex(of: "/") else { return (String(rest), "/") }
        return (String(rest[..<slash]), String(rest[slash...]))
    }

    /// What the connection's certificate tells; a token is the pipeline's to look at.
    ///
    /// - Parameter isOwn: Whether the certificate was checked by the authority of the cluster that is asked.
    private static func identity(
        of connection: ClientConnection?,
        _ request: Request,
        isOwn: Bool
    ) -> Result<ServerRequest.Identity, StatusError> {
        guard let connection, isOwn else { return .success(.unknown) }
        switch connection.identity {
        case .none: return .success(.unknown)
        case .certified(let finding): return .success(.known(finding.user))
        case .refused:
            let scheme = request.headers[.authorization]?.prefix(7).lowercased()
            return scheme == "bearer " ? .success(.unknown) : .failure(.unauthorized)
        }
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

    private static let tooMany: ServerResponse = {
        var response = ServerResponse.text("Too many requests, please try again later.\n", status: 429)
        response.headers.append(("Retry-After", "1"))
        return response
    }()
}
