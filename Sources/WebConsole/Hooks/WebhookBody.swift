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
    private static let most = 16
    private static let longest = 2_048

    init(_ bytes: some Collection<UInt8>) {
        guard let json = try? JSON.parse(bytes, limits: JSON.Limits(depth: 64)) else {
            repositories = []
            return
        }
        var found: [String] = []
        for place in Self.places {
            guard let text = json.at(place)?.string, text.utf8.count <= Self.longest, Self.isAddress(text)
            else { continue }
            if !found.contains(text), found.count < Self.most { found.append(text) }
        }
        repositories = found
    }

    private static func isAddress(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F }
            && (text.contains("/") || text.contains(":"))
    }
}
