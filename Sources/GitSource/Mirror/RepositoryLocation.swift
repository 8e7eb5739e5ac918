import FoundationEssentials

/// A repository's URL, taken apart.
///
/// Where tenants read one URL with credentials or signers of their own, each of them has a mirror of it under a name of
/// its own: the URL with ``readBy(_:)``. The name stands for the URL everywhere.
package struct RepositoryLocation: Sendable, Hashable {
    /// As it was written; may hold credentials, so never shown.
    package let url: String

    private static let mark = "#tenant="

    package init(_ name: String) {
        guard let hash = name.lastIndex(of: "#"), name[hash...].hasPrefix(Self.mark) else {
            url = name
            return
        }
        url = String(name[..<hash])
    }

    /// The name of the mirror that only one tenant reads.
    package func readBy(_ tenant: String) -> String { url + Self.mark + tenant }

    /// The URL without user name and password, fit for messages.
    package var display: String {
        guard let authority, let at = url[authority].lastIndex(of: "@") else { return url }
        return String(url[..<authority.lowerBound]) + String(url[url.index(after: at)...])
    }

    /// A text with this repository's credentials taken out.
    package func redacting(_ text: String) -> String {
        guard let authority, let at = url[authority].lastIndex(of: "@") else { return text }
        var text = text.replacing(url, with: display)
        let userInfo = url[authority.lowerBound..<at]
        text = text.replacing(userInfo + "@", with: "")
        // A user name alone is no secret, and may be a common word.
        if let colon = userInfo.firstIndex(of: ":"), userInfo.distance(from: colon, to: userInfo.endIndex) > 1
        {
            text = text.replacing(userInfo[userInfo.index(after: colon)...], with: "***")
        }
        return text
    }

    /// The absolute path of a repository in the file system; `nil` for a remote one.
    package var localPath: String? {
        if url.hasPrefix("file://") {
            let rest = url.dropFirst("file://".count)
            guard let slash = rest.firstIndex(of: "/") else { return nil }
            // A URL that is malformed by the book (a space, say) is taken as it is written.
            return Self.normalised(URL(string: url)?.path(percentEncoded: false) ?? String(rest[slash...]))
        }
        guard !url.contains("://") else { return nil }
        // `host:path` is ssh, unless a slash comes before the colon.
        if let colon = url.firstIndex(of: ":"), !url[..<colon].contains("/") { return nil }
        let base = url.hasPrefix("/") ? url : FileManager.default.currentDirectoryPath + "/" + url
        return Self.normalised(base)
    }

    /// What a webhook's URL and a configured URL have in common: host and path in lower case, without `.git`.
    package var identity: String {
        if let localPath { return Self.withoutSuffix(localPath) }
        var rest = Substring(display)
        if let scheme = rest.firstRange(of: "://") {
            rest = rest[scheme.upperBound...]
        } else if let at = rest.firstIndex(of: "@") {
            rest = rest[rest.index(after: at)...]
        }
        var text = String(rest).lowercased()
        if !url.contains("://"), let colon = text.firstIndex(of: ":") {
            text.replaceSubrange(colon...colon, with: "/")
        }
        return Self.withoutSuffix(Self.withoutPort(text))
    }

    private var authority: Range<String.Index>? {
        guard let scheme = url.firstRange(of: "://") else { return nil }
        let end = url[scheme.upperBound...].firstIndex(of: "/") ?? url.endIndex
        return scheme.upperBound..<end
    }

    private static func withoutPort(_ text: String) -> String {
        let slash = text.firstIndex(of: "/") ?? text.endIndex
        guard let colon = text[..<slash].firstIndex(of: ":") else { return text }
        return String(text[..<colon]) + String(text[slash...])
    }

    private static func withoutSuffix(_ text: String) -> String {
        var text = Substring(text)
        while text.hasSuffix("/") { text.removeLast() }
        if text.hasSuffix(".git") { text.removeLast(4) }
        while text.hasSuffix("/") { text.removeLast() }
        return String(text)
    }

    /// An absolute path without empty, `.` and `..` components.
    private static func normalised(_ path: some StringProtocol) -> String {
        var parts: [Substring] = []
        for part in String(path).split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }
}
