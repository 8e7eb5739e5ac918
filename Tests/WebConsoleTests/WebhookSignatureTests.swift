import Crypto
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import WebConsole

@Suite("Signed webhooks")
struct WebhookSignatureTests {
    private static let body = #"{"repository":{"clone_url":"https://signed.example/a.git"}}"#
    /// Made with `openssl dgst -sha256 -hmac hook-secret`.
    private static let digest: String = {
        let code = HMAC<SHA256>.authenticationCode(
            for: Array(body.utf8),
            using: SymmetricKey(data: Array("hook-secret".utf8))
        )
        return code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }()

    @Test("What GitHub signs, by its own documented example, is understood")
    func example() {
        var headers: HTTPFields = [:]
        headers[HTTPField.Name("X-Hub-Signature-256")!] =
            "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
        let signature = WebhookSignature(headers)
        #expect(signature.fits("Hello, World!".utf8, secret: "It's a Secret to Everybody"))
        #expect(!signature.fits("Hello, World?".utf8, secret: "It's a Secret to Everybody"))
        #expect(!signature.fits("Hello, World!".utf8, secret: "another"))
        #expect(!signature.fits("Hello, World!".utf8, secret: ""))
    }

    @Test(
        "GitHub, Gitea, Forgejo, Gogs, Bitbucket and GitLab are accepted with the secret",
        arguments: [
            ("X-Hub-Signature-256", "sha256=\(digest)"), ("X-Gitea-Signature", digest),
            ("X-Forgejo-Signature", digest), ("X-Gogs-Signature", digest),
            ("X-Hub-Signature", "sha256=\(digest)"), ("X-Gitlab-Token", "hook-secret"),
        ]
    )
    func hosts(field: String, value: String) async throws {
        let console = TestConsole()
        let name = try #require(HTTPField.Name(field))
        let good = try await console.ask("/hooks/git", method: .post, headers: [name: value], body: Self.body)
        #expect(good.status == .accepted)
        let changed = value.replacing("hook", with: "h00k").replacing("a", with: "b").replacing(
            "1",
            with: "2"
        )
        let bad = try await console.ask(
            "/hooks/git",
            method: .post,
            headers: [name: changed],
            body: Self.body
        )
        #expect(bad.status == .unauthorized && bad.errorCode == "signInNeeded")
    }

    @Test("Those who sign are not kept waiting by a crowd that does not")
    func crowd() async throws {
        let console = TestConsole()
        var last: TestResponse?
        for _ in 0..<400 where last?.status != .tooManyRequests {
            last = try await console.ask("/hooks/git", method: .post, headers: [:], body: Self.body)
        }
        #expect(last?.status == .tooManyRequests)
        let name = try #require(HTTPField.Name("X-Hub-Signature-256"))
        let headers: HTTPFields = [name: "sha256=\(Self.digest)"]
        let signed = try await console.ask("/hooks/git", method: .post, headers: headers, body: Self.body)
        #expect(signed.status == .accepted)
    }

    @Test("Bitbucket Server's unsigned trial of the connection is answered, and nothing follows")
    func trial() async throws {
        let console = TestConsole()
        let name = try #require(HTTPField.Name("X-Event-Key"))
        let answer = try await console.ask(
            "/hooks/git",
            method: .post,
            headers: [name: "diagnostics:ping"],
            body: Self.body
        )
        #expect(answer.status == .accepted)
        #expect(await console.fleet.requests.isEmpty)
    }

    @Test("Without a signature nothing is looked at; a repository that asks for none is")
    func unsigned() async throws {
        let console = TestConsole()
        let answer = try await console.ask("/hooks/git", method: .post, headers: [:], body: Self.body)
        #expect(answer.status == .unauthorized)
        let other = #"{"repository":{"clone_url":"https://h/a.git"}}"#
        let open = try await console.ask("/hooks/git", method: .post, headers: [:], body: other)
        #expect(open.status == .accepted)
    }
}
