import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import WebConsole

@Suite("Safety in the browser")
struct BrowserSafetyTests {
    let console = TestConsole()

    @Test(
        "Every answer forbids scripts and frames of others, failures too",
        arguments: ["/", "/healthz", "/api/v1/status", "/nothing", "/assets/x/js/main.js"]
    )
    func sendsPolicies(path: String) async throws {
        let answer = try await console.ask(path)
        let policy = try #require(answer.headers[.contentSecurityPolicy])
        #expect(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"))
        #expect(!policy.contains("unsafe"))
        #expect(
            policy.contains("frame-ancestors 'none'") && policy.contains("require-trusted-types-for 'script'")
        )
        #expect(answer.headers[.xContentTypeOptions] == "nosniff")
        #expect(answer.headers[.named("Referrer-Policy")] == "no-referrer")
        #expect(answer.headers[.named("X-Frame-Options")] == "DENY")
    }

    @Test(
        "Hosts that are ours are served",
        arguments: [
            "localhost", "localhost:8080", "127.0.0.1:8080", "[::1]:8080", "[::1]", "LOCALHOST:1",
            "varde.example.org:8080",
        ]
    )
    func acceptsHosts(authority: String) {
        #expect(HostMiddleware(host: "varde.example.org").accepts(authority))
    }

    @Test(
        "Names that point to us without being ours are refused",
        arguments: [
            "evil.test", "evil.test:8080", "localhost.evil.test", "127.0.0.1.evil.test", "", "10.0.0.7:8080",
            "localhost:x", "[::1]evil", "localhost:8080@evil.test",
        ]
    )
    func refusesHosts(authority: String) {
        #expect(!HostMiddleware(host: "127.0.0.1").accepts(authority))
    }

    @Test(
        "A listener on all addresses is reached by any of them, and by no name that somebody could point there"
    )
    func acceptsAddresses() {
        for wildcard in ["0.0.0.0", "::", "[::]"] {
            #expect(HostMiddleware(host: wildcard).accepts("10.0.0.7:8080"))
            #expect(HostMiddleware(host: wildcard).accepts("[fe80::1]:8080"))
            #expect(!HostMiddleware(host: wildcard).accepts("evil.test"))
            #expect(!HostMiddleware(host: wildcard).accepts("1.2.3.4.evil.test"))
        }
    }

    @Test(
        "Pages of the console are answered at every address that its own router knows",
        arguments: [
            "/", "/applications?q=x", "/applications/kart/dev.kart-web", "/tenants/kart", "/clusters/dev",
            "/commits/0123abc",
        ]
    )
    func servesPages(path: String) async throws {
        let link = try await console.ask("/?token=\(TestConsole.token)", headers: [:])
        let session = String((link.headers[.setCookie] ?? "").prefix { $0 != ";" })
        let answer = try await console.ask(path, headers: [.cookie: session])
        #expect(answer.status == .ok)
        #expect(answer.headers[.contentType] == "text/html; charset=utf-8")
        let page = String(buffer: answer.body)
        #expect(!page.contains("{{assets}}"))
        #expect(!page.contains("<script>") && !page.contains("style=") && !page.contains("onclick"))
    }

    @Test(
        "Files below the current release are kept for ever, others are asked for again, and none is answered twice"
    )
    func cachesFiles() async throws {
        let release = AssetLibrary().release
        let current = try await console.ask("/assets/\(release)/js/main.js", headers: [:])
        #expect(current.status == .ok)
        #expect(current.headers[.contentType] == "text/javascript; charset=utf-8")
        #expect(current.headers[.cacheControl]?.contains("immutable") == true)
        let tag = try #require(current.headers[.eTag])
        #expect(
            try await console.ask("/assets/older/js/main.js", headers: [:]).headers[.cacheControl]
                == "no-cache"
        )
        #expect(
            try await console.ask("/assets/\(release)/js/main.js", headers: [.ifNoneMatch: tag]).status
                == .notModified
        )
        #expect(try await console.ask("/assets/\(release)/js/none.js", headers: [:]).status == .notFound)
        #expect(try await console.ask("/assets/\(release)/../index.html", headers: [:]).status == .notFound)
    }
}
