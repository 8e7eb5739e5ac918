import HTTPTypes
import Hummingbird
import HummingbirdTesting
import KubeModel
import Testing

@testable import WebConsole

@Suite("Webhooks")
struct WebhookTests {
    @Test(
        "The repository is found in the bodies of the usual hosts",
        arguments: [
            (
                #"{"repository":{"clone_url":"https://h/a.git","ssh_url":"git@h:a.git"}}"#,
                ["https://h/a.git", "git@h:a.git"]
            ),
            (#"{"project":{"git_http_url":"https://l/a.git"}}"#, ["https://l/a.git"]),
            (#"{"repository":{"links":{"html":{"href":"https://b/a"}}}}"#, ["https://b/a"]),
            (
                #"{"repository":{"slug":"a","links":{"clone":[{"href":"ssh://b/p/a.git"},{"href":"https://b/scm/p/a.git"}]}}}"#,
                ["ssh://b/p/a.git", "https://b/scm/p/a.git"]
            ),
            ("payload=%7B%22url%22%3A%22https%3A%2F%2Fg%2Fa.git%22%7D&x=1", ["https://g/a.git"]),
            (#"{"url":"file:///srv/a.git"}"#, ["file:///srv/a.git"]), ("{}", []), ("not json", []), ("", []),
            (#"{"repository":{"clone_url":"a b"}}"#, []), (#"{"repository":{"clone_url":17}}"#, []),
        ]
    )
    func findsRepositories(body: String, repositories: [String]) {
        #expect(WebhookBody(body.utf8).repositories == repositories)
    }

    @Test("A webhook needs no token, is answered at once, and is looked at after")
    func pokes() async throws {
        let console = TestConsole()
        let body = #"{"repository":{"clone_url":"https://h/a.git"}}"#
        let named = try await console.ask("/hooks/git", method: .post, headers: [:], body: body)
        let unnamed = try await console.ask("/hooks/git", method: .post, headers: [:])
        #expect(named.status == .accepted)
        #expect(unnamed.status == .accepted)
        #expect(await console.fleet.requests.isEmpty)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await console.site.perform() }
            while await console.fleet.requests.count < 2 { await Task.yield() }
            group.cancelAll()
        }
        #expect(await console.fleet.requests == ["poke https://h/a.git", "poke all"])
    }

    @Test("Too many webhooks at once are refused")
    func limits() async throws {
        let console = TestConsole()
        var refused: TestResponse?
        for _ in 0..<200 where refused == nil {
            let answer = try await console.ask("/hooks/git", method: .post, headers: [:])
            if answer.status != .accepted { refused = answer }
        }
        #expect(refused?.status == .tooManyRequests)
        #expect(refused?.headers[.retryAfter] != nil)
    }

    @Test("A limit lets a burst through and then so many a second")
    func fills() {
        let start = ContinuousClock.now
        let limit = RateLimit(burst: 2, perSecond: 4, now: start)
        #expect(limit.admits(now: start))
        #expect(limit.admits(now: start))
        #expect(!limit.admits(now: start))
        #expect(!limit.admits(now: start + .milliseconds(200)))
        #expect(limit.admits(now: start + .milliseconds(260)))
        #expect(!limit.admits(now: start + .milliseconds(300)))
    }
}
