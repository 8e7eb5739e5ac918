import KubeModel

/// What a Git host says in a webhook: only which repository changed is believed, and only as a reason to look.
struct WebhookBody: Sendable {
    /// The spellings of the repository's address; empty when the body names none.
    let repositories: [String]

    private static let places: [[String]] = [
        ["repository", "clone_url"], ["repository", "ssh_url"], ["repository", "git_url"],
        ["repository", "html_url"],
        ["repository", "url"], ["repository", "git_http_url"], ["repository", "git_ssh_url"],
        ["project", "git_http_url"], ["project", "git_ssh_url"], ["project", "http_url"],
        ["project", "ssh_url"],
        ["project", "web_url"], ["repository", "links", "html", "href"], ["repository"], ["url"],
    ]
    /// Bitbucket Server's, by protocol.
    private static let lists: [[String]] = [["repository", "links", "clone"]]
    private static let most = 16
    private static let longest = 2_048

    init(_ bytes: some Collection<UInt8>) {
        guard let json = try? JSON.parse(Self.content(bytes), limits: JSON.Limits(depth: 64)) else {
            repositories = []
            return
        }
        let texts =
            Self.places.map { json.at($0)?.string }
            + Self.lists.flatMap { json.at($0)?.array ?? [] }.map { $0["href"]?.string }
        var found: [String] = []
        for case let text? in texts where text.utf8.count <= Self.longest && Self.isAddress(text) {
            if !found.contains(text), found.count < Self.most { found.append(text) }
        }
        repositories = found
    }

    /// GitHub sends a form with one field where the webhook is set up that way.
    private static func content(_ bytes: some Collection<UInt8>) -> [UInt8] {
        let start = Array("payload=".utf8)
        guard bytes.starts(with: start) else { return Array(bytes) }
        var content: [UInt8] = []
        var rest = bytes.dropFirst(start.count).prefix { $0 != UInt8(ascii: "&") }
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): content.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                let digits = String(decoding: rest.prefix(2), as: UTF8.self)
                rest = rest.dropFirst(2)
                content.append(UInt8(digits, radix: 16) ?? byte)
            default: content.append(byte)
            }
        }
        return content
    }

    private static func isAddress(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F }
            && (text.contains("/") || text.contains(":"))
    }
}
