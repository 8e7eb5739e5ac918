import AsyncHTTPClient
import KubeModel
package import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import SystemPackage

/// Carries requests over HTTPS: pools of HTTP/1.1 connections to one cluster.
///
/// An answer 429 is waited for and asked again, a few times. A read whose connection broke is asked once more.
package final class HTTPTransport: Transport {
    private let pools: ConnectionPools
    private let base: String
    private let credentials: CredentialSource
    private let endpoint: ClusterEndpoint
    private let logger: Logger

    /// The largest answer that is taken.
    private static let answerLimit = 1 << 30
    private static let overloadTries = 5
    private static let longestWait = Duration.seconds(10)
    private static let unreachable: Set<Errno> = [
        .connectionRefused, .noRouteToHost, .networkUnreachable, .timedOut,
    ]

    package init(_ endpoint: ClusterEndpoint, connections: Int = 64, logger: Logger) throws(ClientError) {
        self.endpoint = endpoint
        self.logger = logger
        var configuration = HTTPClient.Configuration()
        configuration.httpVersion = .http1Only
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
        configuration.timeout.connect = .seconds(10)
        // Who asks decides when to try again, and wants to know at once that nobody is there.
        configuration.connectionPool.retryConnectionEstablishment = false
        // A connection that died without a word is noticed: watches are ended by the server well before.
        configuration.timeout.read = .minutes(12)
        configuration.redirectConfiguration = .disallow
        // Nobody reads spans; without a tracer none are made.
        configuration.tracing.tracer = nil
        configuration.http1_1ConnectionDebugInitializer = JoinedFlushes.add
        configuration.tlsConfiguration = try TLSConfiguration.of(
            endpoint,
            certificate: endpoint.clientCertificate
        )
        base = try endpoint.apply(to: &configuration)
        credentials = CredentialSource(endpoint.credential, of: endpoint.origin)
        pools = ConnectionPools(configuration)
    }

    // MARK: Requests

    package func send(_ request: APIRequest) async throws -> APIResponse {
        let deadline = ContinuousClock.now.advanced(by: request.timeout)
        var overloads = 0
        var lostConnections = 0
        while true {
            let response: APIResponse
            do {
                response = try await sendOnce(request, until: deadline)
            } catch let error as ClientError where error.code == .connectionLost && request.method == .get {
                lostConnections += 1
                if lostConnections > 1 { throw error }
                continue
            }
            guard response.status == 429, overloads < Self.overloadTries else { return response }
            overloads += 1
            let wait = min(response.retryAfter ?? .seconds(1), Self.longestWait)
            guard ContinuousClock.now.advanced(by: wait) < deadline else { return response }
            try await Task.sleep(for: max(wait, .milliseconds(100)))
        }
    }

    private func sendOnce(
        _ request: APIRequest,
        until deadline: ContinuousClock.Instant
    ) async throws -> APIResponse {
        let remaining = ContinuousClock.now.duration(to: deadline)
        guard remaining > .zero else { throw ClientError(code: .timedOut, message: timeoutMessage(request)) }
        return try await translatingErrors(request) {
            let answer = try await execute(request, until: .now() + .nanoseconds(remaining.nanoseconds))
            return APIResponse(
                status: answer.status,
                body: withOrigin(Self.parse(answer.body), answer.status),
                warnings: answer.headers["warning"].compactMap(WarningHeader.text(of:)),
                retryAfter: answer.headers.first(name: "retry-after").flatMap { Int($0) }.map { .seconds($0) }
            )
        }
    }

    package func watch(_ request: APIRequest) async throws -> AsyncThrowingStream<WatchEvent, any Error> {
        var request = request
        if !request.query.contains(where: { $0.name == "timeoutSeconds" }) {
            request.query.append(("timeoutSeconds", String(Int.random(in: 300...600))))
        }
        let path = request.path
        var framer = LineFramer()
        return try await stream(request) { [logger, knows = request.knows] chunk in
            try framer.append(chunk.readableBytesView).compactMap { line in
                if let knows, let version = ObjectVersion(eventLine: line), knows(version) {
                    return .bookmark(resourceVersion: version.resourceVersion, isInitialEnd: false)
                }
                if let json = try? JSON.parse(line), let event = WatchEvent(json) { return event }
                // One unreadable event must not end the watch.
                logger.error("skipped an unreadable watch event", metadata: ["path": "\(path)"])
                return nil
            }
        }
    }

    package func stream(_ request: APIRequest) async throws -> AsyncThrowingStream<[UInt8], any Error> {
        try await stream(request) { [Array($0.readableBytesView)] }
    }

    private func stream<Element: Sendable>(
        _ request: APIRequest,
        step: @escaping (ByteBuffer) throws -> [Element]
    ) async throws -> AsyncThrowingStream<Element, any Error> {
        let (answer, onEnd) = try await open(request)
        return PulledStream.stream(
            answer,
            onEnd: onEnd,
            convert: { [weak self] in self?.translate($0, request) ?? $0 },
            step: step
        )
    }

    /// Waits for the headers of a streamed answer, no longer than the request's timeout; the body may last.
    ///
    /// - Returns: The answer, and what is to be called when nobody reads it any more.
    private func open(_ request: APIRequest) async throws -> (StreamedAnswer, onEnd: @Sendable () -> Void) {
        try await translatingErrors(request) {
            let answer = StreamedAnswer()
            let interruption = request.interruption
            let ticket = interruption?.note { answer.fail($0) }
            let onEnd: @Sendable () -> Void = { if let ticket { interruption?.forget(ticket) } }
            do {
                try await readHead(of: answer, request)
                return (answer, onEnd)
            } catch {
                onEnd()
                throw error
            }
        }
    }

    private func readHead(of answer: StreamedAnswer, _ request: APIRequest) async throws {
        let authorization = try await credentials.current()
        let http = try http(request, authorization)
        let lane = pools.take()
        defer { pools.giveBack(lane) }
        let timeout = lane.loop.scheduleTask(in: .nanoseconds(request.timeout.nanoseconds)) {
            answer.fail(ClientError(code: .timedOut, message: self.timeoutMessage(request)))
        }
        let head = try await answer.head { delegate in
            lane.client.execute(request: http, delegate: delegate, eventLoop: .indifferent, logger: nil)
        }
        timeout.cancel()
        guard !(200..<300).contains(head.status.code) else { return }
        if head.status == .unauthorized { _ = await credentials.refused(authorization) }
        var body = ByteBuffer()
        while body.readableBytes < 1 << 20, let piece = try await answer.next() {
            body.writeImmutableBuffer(piece)
        }
        let code = Int(head.status.code)
        throw StatusError(status: withOrigin(Self.parse(body), code), httpStatus: code)
    }

    /// Executes a request with the current credential; once more with a new one if the server refuses that.
    private func execute(
        _ request: APIRequest,
        until deadline: NIODeadline
    ) async throws -> WholeAnswer.Content {
        let authorization = try await credentials.current()
        let answer = try await execute(http(request, authorization), request.interruption, until: deadline)
        guard answer.status == 401, await credentials.refused(authorization) else { return answer }
        let renewed = try await credentials.current()
        if renewed == authorization { return answer }
        return try await execute(http(request, renewed), request.interruption, until: deadline)
    }

    private func execute(
        _ request: HTTPClient.Request,
        _ interruption: Interruption?,
        until deadline: NIODeadline
    ) async throws -> WholeAnswer.Content {
        let answer = WholeAnswer(limit: Self.answerLimit)
        let ticket = interruption?.note { answer.fail($0) }
        defer { if let ticket { interruption?.forget(ticket) } }
        let lane = pools.take()
        defer { pools.giveBack(lane) }
        return try await answer.content { delegate in
            lane.client.execute(
                request: request,
                delegate: delegate,
                eventLoop: .indifferent,
                deadline: deadline,
                logger: nil
            )
        }
    }

    private func http(_ request: APIRequest, _ authorization: Authorization) throws -> HTTPClient.Request {
        var url = base + request.path
        if !request.query.isEmpty { url += "?" + QueryString.encode(request.query) }
        var headers = HTTPHeaders()
        headers.reserveCapacity(8)
        headers.add(name: "accept", value: request.accept)
        headers.add(name: "user-agent", value: "varde")
        if let header = authorization.header { headers.add(name: "authorization", value: header) }
        if let impersonation = request.impersonation ?? endpoint.impersonation {
            headers.add(name: "impersonate-user", value: impersonation.user)
            for group in impersonation.groups { headers.add(name: "impersonate-group", value: group) }
        }
        let body: HTTPClient.Body?
        switch request.body {
        case .none: body = nil
        case .json(let json): body = .byteBuffer(ByteBuffer(bytes: json.encoded()))
        case .bytes(let bytes): body = .byteBuffer(ByteBuffer(bytes: bytes))
        }
        if body != nil { headers.add(name: "content-type", value: request.contentType) }
        let tls = try authorization.certificate.map { try TLSConfiguration.of(endpoint, certificate: $0) }
        return try HTTPClient.Request(
            url: url,
            method: HTTPMethod(rawValue: request.method.rawValue),
            headers: headers,
            body: body,
            tlsConfiguration: tls
        )
    }

    private static func parse(_ body: ByteBuffer) -> JSON {
        // Not every answer is JSON: logs, proxies' pages.
        if let json = try? JSON.parse(body.readableBytesView) { return json }
        return .string(String(decoding: body.readableBytesView, as: UTF8.self))
    }

    // MARK: Failures

    private func translatingErrors<T>(_ request: APIRequest, _ work: () async throws -> T) async throws -> T {
        do {
            return try await work()
        } catch { throw translate(error, request) }
    }

    /// A refusal of credentials says no more than `Unauthorized`: whose they are is added.
    private func withOrigin(_ body: JSON, _ status: Int) -> JSON {
        guard status == 401, let origin = endpoint.origin, body["message"]?.string == "Unauthorized" else {
            return body
        }
        var body = body
        body["message"] = .string(
            "Unauthorized: \(endpoint.server) does not accept the credentials of \(origin)"
        )
        return body
    }

    private func timeoutMessage(_ request: APIRequest) -> String {
        "\(endpoint.server) did not answer \(request.method.rawValue) \(request.path) within \(request.timeout)"
    }

    private static func withoutPassword(_ url: String) -> String {
        guard let at = url.lastIndex(of: "@"), let scheme = url.firstRange(of: "://") else { return url }
        return String(url[..<scheme.upperBound]) + String(url[url.index(after: at)...])
    }

    /// The library's errors are BoringSSL's, with places in its source.
    private static func sentence(ofTLS error: String, _ server: String) -> String {
        if error.contains("CERTIFICATE_VERIFY_FAILED") {
            return
                "\(server) is not trusted: no certificate-authority of the kubeconfig has signed its certificate, "
                + "or that is not valid at this time."
        }
        if error.contains("unableToValidateCertificate") || error.contains("noCommonName")
            || error.contains("failedToValidateHostname")
        {
            return "\(server) is not trusted: its certificate is for another name (see tls-server-name)."
        }
        if error.contains("WRONG_VERSION_NUMBER") || error.contains("HTTP_REQUEST") {
            return "\(server) does not speak TLS."
        }
        if error.contains("TLSV1_ALERT") || error.contains("TLSV13_ALERT") || error.contains("SSLV3_ALERT") {
            return "\(server) does not accept the client certificate of the kubeconfig."
        }
        return "TLS to \(server) failed: \(error)"
    }

    private func translate(_ error: any Error, _ request: APIRequest) -> any Error {
        func failure(_ code: ClientError.Code, _ message: String) -> ClientError {
            ClientError(code: code, message: message)
        }
        let server = endpoint.server
        if let error = error as? HTTPClientError {
            switch error {
            case .cancelled: return CancellationError()
            case .connectTimeout, .getConnectionFromPoolTimeout:
                return failure(.cannotConnect, "\(server) cannot be reached: timed out")
            case .deadlineExceeded, .readTimeout: return failure(.timedOut, timeoutMessage(request))
            case .remoteConnectionClosed: return failure(.connectionLost, "\(server) closed the connection")
            default: return failure(.connectionLost, "request to \(server) failed: \(error)")
            }
        }
        switch error {
        case is ClientError, is StatusError, is CancellationError: return error
        case let error as IOError where Self.unreachable.contains(Errno(rawValue: error.errnoCode)):
            return failure(.cannotConnect, "\(server) cannot be reached: \(Errno(rawValue: error.errnoCode))")
        case let error as NIOConnectionError:
            let reasons = error.connectionErrors.map { failed in
                (failed.error as? IOError).map { "\(Errno(rawValue: $0.errnoCode))" } ?? "\(failed.error)"
            }
            let way = endpoint.proxy.map { " through the proxy \(Self.withoutPassword($0))" } ?? ""
            let why = reasons.first ?? "\(error.dnsAError ?? error.dnsAAAAError ?? error)"
            return failure(.cannotConnect, "\(server) cannot be reached\(way): \(why)")
        case is NIOSSLError, is NIOSSLExtraError:
            return failure(.cannotConnect, Self.sentence(ofTLS: "\(error)", server))
        case let error as WholeAnswer.TooLarge: return failure(.badAnswer, "\(server): \(error)")
        case let error as LineFramer.LineTooLong:
            return failure(.badAnswer, "an event of \(server) is longer than \(error.limit) bytes")
        default: return failure(.connectionLost, "the connection to \(server) broke: \(error)")
        }
    }
}

extension Duration {
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds.multipliedReportingOverflow(by: 1_000_000_000).overflow
            ? .max : seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
