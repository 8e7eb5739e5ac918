import Hummingbird
import HummingbirdTesting
import KubeModel
import Testing

@testable import WebConsole

/// The console before the fake fleet, asked without a network.
struct TestConsole: Sendable {
    let fleet: FakeFleet
    let site: ConsoleSite

    static let token = "s3cret-token"
    static let bearer: HTTPFields = [.authorization: "Bearer \(token)"]
    static let now = 1_795_372_800.25

    init(host: String = "127.0.0.1", eventLimit: Int = 8_192, people: PeopleFile = PeopleFile()) {
        fleet = FakeFleet(now: Self.now, eventLimit: eventLimit)
        site = ConsoleSite(
            backend: fleet,
            host: host,
            token: Self.token,
            version: "1.2.3",
            instance: "8080",
            people: people
        )
    }

    /// Asks once.
    func ask(
        _ uri: String,
        method: HTTPRequest.Method = .get,
        headers: HTTPFields = bearer,
        body: String? = nil
    ) async throws -> TestResponse {
        try await Application(responder: site.responder()).test(.router) { client in
            try await client.execute(
                uri: uri,
                method: method,
                headers: headers,
                body: body.map { ByteBuffer(string: $0) }
            )
        }
    }

    /// Asks once, and reads the answer as JSON.
    func json(_ uri: String) async throws -> JSON {
        let answer = try await ask(uri)
        #expect(answer.status == .ok)
        return try JSON.parse(answer.body.readableBytesView)
    }
}

extension TestResponse {
    /// The code of a failure, as docs/api.md has it.
    var errorCode: String? { (try? JSON.parse(body.readableBytesView))?.at("error", "code")?.string }
}
