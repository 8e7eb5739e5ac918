import AsyncHTTPClient
import ControlPlane
import FoundationEssentials
import KubeModel
import NIOCore
import NIOHTTP1

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The HTTP API of a running Varde, as docs/api.md has it.
struct Server: Sendable {
    let file: ClientFile
    private let client: HTTPClient

    init(_ file: ClientFile) {
        self.file = file
        var configuration = HTTPClient.Configuration()
        configuration.timeout.connect = .seconds(5)
        configuration.redirectConfiguration = .disallow
        // A server that is not there is news for the caller, not a reason to try for a minute.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    func close() async throws { try await client.shutdown() }

    func get(_ path: String, timeout: Duration = .seconds(30)) async throws -> JSON {
        try await request(.GET, path, body: nil, timeout: timeout)
    }

    @discardableResult
    func post(_ path: String, _ body: JSON? = nil, timeout: Duration = .seconds(30)) async throws -> JSON {
        try await request(.POST, path, body: body, timeout: timeout)
    }

    /// Sends a body of any kind.
    func post(_ path: String, bytes: [UInt8], type: String, timeout: Duration) async throws -> JSON {
        var request = makeRequest(.POST, path)
        request.headers.add(name: "Content-Type", value: type)
        request.body = .bytes(bytes)
        return try await answer(to: request, timeout: timeout)
    }

    /// The answer's bytes as they come, for streams without end.
    ///
    /// - Throws: ``CommandFailure`` if there is no answer or it is a refusal.
    func stream(
        _ path: String,
        headers: [String: String] = [:]
    ) async throws -> some AsyncSequence<[UInt8], any Error> {
        var request = makeRequest(.GET, path)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        let response = try await send(request, deadline: .distantFuture)
        if response.status.code >= 300 { throw try await failure(response) }
        return response.body.map { [UInt8](buffer: $0) }
    }

    private func request(
        _ method: HTTPMethod,
        _ path: String,
        body: JSON?,
        timeout: Duration
    ) async throws -> JSON {
        var request = makeRequest(method, path)
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(body.encoded())
        }
        return try await answer(to: request, timeout: timeout)
    }

    private func answer(to request: HTTPClientRequest, timeout: Duration) async throws -> JSON {
        let response = try await send(request, deadline: .now() + TimeAmount(timeout))
        if response.status.code >= 300 { throw try await failure(response) }
        let bytes = try await collect(response)
        guard !bytes.isEmpty else { return [:] }
        do {
            return try JSON.parse(bytes)
        } catch {
            throw CommandFailure(.server, "\(file.console) did not answer with JSON: \(error)")
        }
    }

    private func makeRequest(_ method: HTTPMethod, _ path: String) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: file.console + path)
        request.method = method
        request.headers.add(name: "Authorization", value: "Bearer \(file.token)")
        request.headers.add(name: "User-Agent", value: "varde/\(Version.current)")
        if let person = Self.person { request.headers.add(name: "X-Varde-Person", value: person) }
        return request
    }

    /// For whom the command acts, as the records name them: `VARDE_PERSON`, else the user of this computer.
    private static let person: String? = {
        let environment = ProcessInfo.processInfo.environment
        let name = environment["VARDE_PERSON"] ?? environment["USER"] ?? environment["LOGNAME"] ?? ""
        let plain = name.filter { $0.isASCII && !$0.isNewline && $0 != "\0" }
        return plain.isEmpty ? nil : plain
    }()

    private func send(_ request: HTTPClientRequest, deadline: NIODeadline) async throws -> HTTPClientResponse
    {
        do {
            return try await client.execute(request, deadline: deadline)
        } catch let error as CancellationError {
            throw error
        } catch let error {
            throw file.notAnswering(Self.words(error))
        }
    }

    private func collect(_ response: HTTPClientResponse) async throws -> [UInt8] {
        do {
            return [UInt8](buffer: try await response.body.collect(upTo: 256 << 20))
        } catch let error as CancellationError {
            throw error
        } catch let error {
            throw file.notAnswering(Self.words(error))
        }
    }

    private func failure(_ response: HTTPClientResponse) async throws -> CommandFailure {
        // An answer without JSON still has its status.
        let json = (try? JSON.parse(try await collect(response))) ?? [:]
        let status = response.status
        let message =
            json.at("error", "message")?.string ?? "the server answered \(status.code) \(status.reasonPhrase)"
        return switch status.code {
        case 401, 403:
            CommandFailure(
                .unauthorized,
                "\(file.console) does not accept the token: \(message)",
                advice: ["Is it another Varde that listens there now? See \(file.directory)/client.json."]
            )
        case 404: CommandFailure(.notFound, message)
        case 429: CommandFailure(.busy, message)
        case 400..<500: CommandFailure(.refused, message)
        default: CommandFailure(.server, message)
        }
    }

    private static func words(_ error: any Error) -> String {
        if let error = error as? HTTPClientError {
            return switch error {
            case .connectTimeout, .deadlineExceeded, .readTimeout: "no answer in time"
            case .remoteConnectionClosed: "it closed the connection"
            default: error.shortDescription
            }
        }
        if let error = error as? IOError {
            return error.errnoCode == ECONNREFUSED ? "nothing listens there" : "\(error)"
        }
        return "\(error)"
    }
}
