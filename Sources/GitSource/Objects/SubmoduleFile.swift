/// A file `.gitmodules`: read as text, never as configuration of git.
enum SubmoduleFile {
    struct Module: Hashable {
        var path: String
        var url: String
    }

    static func modules(in text: String) -> [Module] {
        var modules: [Module] = []
        var current: (path: String?, url: String?) = (nil, nil)
        func finish() {
            if let path = current.path, let url = current.url, modules.count < 200 {
                modules.append(Module(path: path, url: url))
            }
            current = (nil, nil)
        }
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.trimmed
            if line.hasPrefix("[") { finish() }
            guard let equals = line.firstIndex(of: "=") else { continue }
            var value = line[line.index(after: equals)...].trimmed
            if value.count > 1, value.hasPrefix("\""), value.hasSuffix("\"") {
                value = String(value.dropFirst().dropLast())
            }
            switch line[..<equals].trimmed.lowercased() {
            case "path": current.path = value
            case "url": current.url = value
            default: continue
            }
        }
        finish()
        return modules
    }
}

/// Where a submodule may come from.
enum SubmoduleURL {
    /// `../lib.git` is a sibling of the repository that names it.
    static func resolve(_ url: String, from parent: String) -> String? {
        guard url.hasPrefix("./") || url.hasPrefix("../") else { return url }
        var base = Substring(parent)
        while base.hasSuffix("/") { base.removeLast() }
        var rest = Substring(url)
        while true {
            if rest.hasPrefix("./") {
                rest = rest.dropFirst(2)
            } else if rest.hasPrefix("../") {
                rest = rest.dropFirst(3)
                guard let cut = base.lastIndex(where: { $0 == "/" || $0 == ":" }) else { return nil }
                if base[cut] == ":" {
                    // `git@host:lib.git`
                    return rest.contains("../") ? nil : String(base[...cut]) + rest
                }
                base = base[..<cut]
                guard !base.hasSuffix("/"), !base.isEmpty else { return nil }
            } else {
                break
            }
        }
        return rest.isEmpty || rest.contains("..") ? nil : "\(base)/\(rest)"
    }

    /// On the parent's own host or a named one, over https or ssh; for a local repository, beside it.
    static func isAllowed(_ url: String, from parent: String, hosts: Set<String>) -> Bool {
        guard !url.hasPrefix("-"), !url.contains("::"), !url.contains(where: { $0.isNewline || $0 == "\0" })
        else {
            return false
        }
        let place = RepositoryLocation(url)
        if let path = place.localPath {
            guard let own = RepositoryLocation(parent).localPath, !url.hasPrefix("file:"),
                let folder = own.lastIndex(of: "/")
            else { return false }
            return path.hasPrefix(own[...folder])
        }
        guard let host = place.host else { return false }
        if AllowedHosts(hosts).allow(host) {
            return place.isEncrypted || place.scheme == RepositoryLocation(parent).scheme
        }
        let parent = RepositoryLocation(parent)
        return host == parent.host && (place.isEncrypted || place.scheme == parent.scheme)
    }
}

extension RepositoryLocation {
    /// In lower case; `nil` for a local repository.
    package var host: String? {
        guard localPath == nil else { return nil }
        let place = identity.prefix { $0 != "/" }
        return place.isEmpty ? nil : String(place)
    }

    /// `https`, `ssh`, …; `ssh` for `git@host:path`.
    var scheme: String {
        url.firstRange(of: "://").map { url[..<$0.lowerBound].lowercased() } ?? "ssh"
    }

    var isEncrypted: Bool { scheme == "https" || scheme == "ssh" }
}

extension Substring {
    fileprivate var trimmed: String { String(self).trimmed }
}

extension String {
    fileprivate var trimmed: String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
