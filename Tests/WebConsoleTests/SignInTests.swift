import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import WebConsole

@Suite("Signing in")
struct SignInTests {
    let console = TestConsole()

    @Test(
        "Without a token the API answers 401 and says what to do",
        arguments: ["/api/v1/status", "/api/v1/stream", "/api/v1/applications"]
    )
    func refusesStrangers(path: String) async throws {
        let answer = try await console.ask(path, headers: [:])
        #expect(answer.status == .unauthorized)
        #expect(answer.errorCode == "signInNeeded")
        #expect(answer.headers[.wwwAuthenticate]?.hasPrefix("Bearer") == true)
    }

    @Test(
        "A wrong token is refused, however near it is",
        arguments: ["", "s3cret-toke", "s3cret-tokenn", "S3CRET-TOKEN"]
    )
    func refusesWrongTokens(token: String) async throws {
        let answer = try await console.ask("/api/v1/version", headers: [.authorization: "Bearer \(token)"])
        #expect(answer.status == .unauthorized)
    }

    @Test(
        "A link with the token sets a cookie that scripts and other sites cannot use, and leaves the token behind"
    )
    func signsInByLink() async throws {
        let answer = try await console.ask("/?token=\(TestConsole.token)", headers: [:])
        #expect(answer.status == .seeOther)
        #expect(answer.headers[.location] == "/")
        let cookie = try #require(answer.headers[.setCookie])
        #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"))
        #expect(!cookie.contains(TestConsole.token))

        let session = String(cookie.prefix { $0 != ";" })
        #expect(try await console.ask("/api/v1/version", headers: [.cookie: session]).status == .ok)
        #expect(try await console.ask("/", headers: [.cookie: session]).status == .ok)
    }

    @Test("A session of another token, or none at all, sees the sign-in page")
    func showsSignIn() async throws {
        for cookie in ["varde-8080=00ff", "varde-8080=\(TestConsole.token)", "other=1"] {
            let answer = try await console.ask("/applications/kart/dev.kart-web", headers: [.cookie: cookie])
            #expect(answer.status == .unauthorized)
            #expect(String(buffer: answer.body).contains("varde console"))
        }
        #expect(try await console.ask("/?token=wrong", headers: [:]).headers[.setCookie] == nil)
    }

    @Test(
        "A pasted token signs in and goes on to where one was, but never to another site",
        arguments: [
            ("/applications?q=web", "/applications?q=web"), ("//evil.test/", "/"),
            ("https://evil.test/", "/"),
            ("/\\evil.test", "/"), ("/a b", "/"),
        ]
    )
    func signsInByForm(next: String, place: String) async throws {
        let encoded = next.utf8.map { "%" + String(Int($0) + 0x100, radix: 16).suffix(2) }.joined()
        let answer = try await console.ask(
            "/sign-in",
            method: .post,
            headers: [.contentType: "application/x-www-form-urlencoded"],
            body: "token=\(TestConsole.token)&next=\(encoded)"
        )
        #expect(answer.status == .seeOther)
        #expect(answer.headers[.location] == place)
        #expect(answer.headers[.setCookie] != nil)
    }

    @Test("A form with a wrong token comes back without a cookie")
    func refusesForm() async throws {
        let answer = try await console.ask("/sign-in", method: .post, headers: [:], body: "token=nope")
        #expect(answer.headers[.setCookie] == nil)
        #expect(answer.headers[.location]?.hasPrefix("/?token=") == true)
    }

    @Test("A change with a session needs a header that no form can send; with the token it does not")
    func protectsChanges() async throws {
        let link = try await console.ask("/?token=\(TestConsole.token)", headers: [:])
        let session = String((link.headers[.setCookie] ?? "").prefix { $0 != ";" })
        let path = "/api/v1/applications/kart/prod.kart-web/sync"
        let forged = try await console.ask(path, method: .post, headers: [.cookie: session])
        #expect(forged.status == .forbidden)
        #expect(await console.fleet.requests.isEmpty)

        var headers: HTTPFields = [.cookie: session]
        headers[.vardeRequest] = "1"
        #expect(try await console.ask(path, method: .post, headers: headers).status == .accepted)
        headers = TestConsole.bearer
        headers[.vardePerson] = "olav"
        #expect(try await console.ask(path, method: .post, headers: headers).status == .accepted)
        #expect(
            await console.fleet.requests == [
                "sync kart/prod.kart-web by console", "sync kart/prod.kart-web by olav",
            ]
        )
    }
}
