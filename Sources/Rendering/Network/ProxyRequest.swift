import GitSource

/// The head of a request to a proxy: `CONNECT host:port`, or a plain one with the whole URL.
struct ProxyRequest: Sendable, Hashable {
    var host: String
    var port: Int
    /// What the server is sent in place of the head; `nil` when the connection is handed over as it is.
    var forwarded: [UInt8]?

    /// Bytes of the largest head.
    static let headLimit = 16 << 10

    /// - Parameter head: Up to and with the empty line.
    /// - Returns: `nil` for what is no request to a proxy.
    init?(head: some Collection<UInt8>) {
        var lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n").map(String.init)
        guard !lines.isEmpty else { return nil }
        let words = lines.removeFirst().split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, words[2].hasPrefix("HTTP/1.") else { return nil }
        if words[0] == "CONNECT" {
            let (host, port) = AllowedHosts.split(String(words[1]))
            guard let port, (1...65_535).contains(port), Self.isHost(host) else { return nil }
            (self.host, self.port) = (host.lowercased(), port)
            return
        }
        guard words[1].lowercased().hasPrefix("http://") else { return nil }
        let rest = words[1].dropFirst("http://".count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let (host, port) = AllowedHosts.split(String(authority))
        guard Self.isHost(host), (1...65_535).contains(port ?? 80) else { return nil }
        (self.host, self.port) = (host.lowercased(), port ?? 80)
        let path = rest.dropFirst(authority.count)
        var head = "\(words[0]) \(path.hasPrefix("/") ? "" : "/")\(path) HTTP/1.1\r\nHost: \(authority)\r\n"
        // A connection serves one server: the next request is for another proxy connection.
        for line in lines {
            let name = line.prefix { $0 != ":" }.lowercased()
            if ["host", "connection", "keep-alive"].contains(name) || name.hasPrefix("proxy-") { continue }
            head += line + "\r\n"
        }
        forwarded = Array((head + "Connection: close\r\n\r\n").utf8)
    }

    private static func isHost(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 253
            && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !"/@?#\"'\\<>".utf8.contains($0) }
    }
}
