import ArgumentParser

/// `HOST:PORT`, `:PORT`, `PORT` or `[::1]:PORT`.
struct HostAndPort: ExpressibleByArgument, Sendable, Hashable {
    var host: String
    var port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    init?(argument: String) {
        let colon = argument.lastIndex(of: ":")
        let portText = colon.map { argument[argument.index(after: $0)...] } ?? argument[...]
        guard let port = Int(portText), (0...65_535).contains(port) else { return nil }
        var host = colon.map { argument[..<$0] } ?? ""
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        self.init(host: host.isEmpty ? "127.0.0.1" : String(host), port: port)
    }

    var defaultValueDescription: String { "\(host):\(port)" }
}
