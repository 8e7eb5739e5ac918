/// Repository URLs relative to another repository's, as Git's submodules have them.
package enum RepositoryURL {
    /// `./x.git` and `../x.git` are resolved against the base's own path, other URLs stay as they are.
    ///
    /// As with submodules the base counts as a directory: `../x.git` names its sibling. `./x.git` does here, too, for that is
    /// what people mean.
    package static func resolve(_ url: String, relativeTo base: String?) -> String {
        guard url.hasPrefix("./") || url.hasPrefix("../"), let base else { return url }
        var rest = Substring(url)
        var parent = directory(of: Substring(base.hasSuffix("/") ? String(base.dropLast()) : base))
        if rest.hasPrefix("./") {
            rest = rest.dropFirst(2)
        } else {
            rest = rest.dropFirst(3)
        }
        while rest.hasPrefix("../") {
            parent = directory(of: parent)
            rest = rest.dropFirst(3)
        }
        let separator = parent.hasSuffix(":") || parent.hasSuffix("/") ? "" : "/"
        return parent + separator + rest
    }

    private static func directory(of path: Substring) -> Substring {
        guard let slash = path.lastIndex(of: "/") else {
            // git@host:path has no slash to go up to: its parent is the host.
            return path.lastIndex(of: ":").map { path[...$0] } ?? "."
        }
        return path[..<slash]
    }
}
