/// Paths from a repository's root: no slash at either end, `""` for the root.
package enum RepositoryPath {
    /// A relative path, seen from a directory; `nil` if it leaves the repository.
    package static func resolve(_ path: String, from directory: String) -> String? {
        var parts = directory.split(separator: "/")
        for part in path.split(separator: "/") where part != "." {
            guard part == ".." else {
                parts.append(part)
                continue
            }
            guard parts.popLast() != nil else { return nil }
        }
        return parts.joined(separator: "/")
    }

    static func join(_ directory: String, _ name: String) -> String {
        directory.isEmpty ? name : name.isEmpty ? directory : "\(directory)/\(name)"
    }

    package static func parent(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }

    static func name(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }

    /// What follows a directory in the path of something below it.
    static func relative(_ path: String, to directory: String) -> String {
        directory.isEmpty
            ? path : String(decoding: path.utf8.dropFirst(directory.utf8.count + 1), as: UTF8.self)
    }

    /// Whether a path is a directory or lies below it.
    static func contains(_ directory: String, _ path: String) -> Bool {
        directory.isEmpty || path == directory || path.hasPrefix(directory + "/")
    }

    /// Whether a name can be written to a disk without reaching another place.
    static func isSafe(_ path: String) -> Bool {
        // Asked for each file of a commit: most names need no second look.
        var rest = path.utf8[...]
        while true {
            let name = rest.prefix { $0 != UInt8(ascii: "/") }
            guard let first = name.first else { return false }
            if first == UInt8(ascii: "."), !isSafeDotName(name) { return false }
            guard name.endIndex < rest.endIndex else { return true }
            rest = rest[rest.index(after: name.endIndex)...]
        }
    }

    private static func isSafeDotName(_ name: Substring.UTF8View) -> Bool {
        let name = String(Substring(name))
        return name != "." && name != ".." && name.lowercased() != ".git"
    }
}
