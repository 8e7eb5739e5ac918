import Testing

@testable import Rendering

@Suite struct ProxyRequestTests {
    private func parse(_ text: String) -> ProxyRequest? { ProxyRequest(head: Array(text.utf8)) }

    @Test("CONNECT names a host and a port")
    func connect() {
        let request = parse("CONNECT Charts.example.org:443 HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(request?.host == "charts.example.org" && request?.port == 443 && request?.forwarded == nil)
        #expect(parse("CONNECT [::1]:8443 HTTP/1.1\r\n\r\n")?.host == "::1")
    }

    @Test("A plain request is sent on with its path, for one answer, and with the host that was checked")
    func plain() throws {
        let request = try #require(
            parse(
                "GET http://a.example:81/x?y=1 HTTP/1.1\r\nHost: other\r\nAccept: */*\r\nProxy-Connection: x\r\n\r\n"
            )
        )
        #expect(request.host == "a.example" && request.port == 81)
        #expect(
            request.forwarded.map { String(decoding: $0, as: UTF8.self) }
                == "GET /x?y=1 HTTP/1.1\r\nHost: a.example:81\r\nAccept: */*\r\nConnection: close\r\n\r\n"
        )
    }

    @Test(
        "Anything else is no request to a proxy",
        arguments: [
            "", "GET / HTTP/1.1\r\n\r\n", "CONNECT a.example HTTP/1.1\r\n\r\n",
            "CONNECT a:0 HTTP/1.1\r\n\r\n",
            "CONNECT a:99999 HTTP/1.1\r\n\r\n", "CONNECT a@b:443 HTTP/1.1\r\n\r\n",
            "GET ftp://a/ HTTP/1.1\r\n\r\n",
            "GET http://u@a/ HTTP/1.1\r\n\r\n", "GET http:///x HTTP/1.1\r\n\r\n",
            "CONNECT a:443 SPDY/3\r\n\r\n",
        ]
    )
    func garbage(text: String) { #expect(parse(text) == nil) }

    @Test("A URL's server is found as the tools find it")
    func places() {
        #expect(RemotePlace("https://github.com/a/b//c?ref=v1")?.host == "github.com")
        #expect(RemotePlace("github.com/a/b?ref=v1")?.port == 443)
        #expect(RemotePlace("http://h:8080/x.yaml")?.port == 8080)
        #expect(RemotePlace("oci://r.example/charts")?.host == "r.example")
        #expect(RemotePlace("https://user@h.example@evil.example/x")?.host == "evil.example")
        for url in ["git@github.com:a/b", "ssh://git@h/x", "file:///x", "host:path"] {
            #expect(RemotePlace(url) == nil)
        }
    }
}
