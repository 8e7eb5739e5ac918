import GitSource

/// Symbolic links, which are followed within the repository as a system would follow them in a work tree.
extension CommitFiles {
    /// A link inside the repository; both paths are from its root, and have no links in them.
    struct FoundLink: Sendable, Hashable {
        var path: String
        var target: String
    }

    /// Where a path leads, through links and upwards.
    struct Walk: Sendable {
        enum End: Sendable, Hashable {
            case place(TreeEntry.Kind)
            case nothing, outside, circle
        }
        var end = End.place(.directory)
        /// Where the walk came to, a path without links; where it ended early, what it ended at.
        var place = ""
        /// The links that were followed.
        var links: [FoundLink] = []
        /// The first link that led to no place, with what is written in it.
        var dead: (path: String, target: String)?

        var isDirectory: Bool { end == .place(.directory) }

        fileprivate func ended(_ end: End) -> Self {
            var walk = self
            walk.end = end
            return walk
        }
    }

    /// Follows a path from the repository's root, in which `..` goes up from where a link led.
    ///
    /// Links, and what is missing on the way, are recorded as inputs; what it leads to is not.
    mutating func walk(_ path: String) async throws -> Walk {
        var left = 16
        return try await walk(path, &left)
    }

    /// - Parameter left: How many more links are followed, before it is taken for a circle.
    private mutating func walk(_ path: String, _ left: inout Int) async throws -> Walk {
        var walk = Walk()
        for name in path.split(separator: "/") where name != "." {
            guard walk.isDirectory else {
                _ = try await entry(at: walk.place)
                return walk.ended(.nothing)
            }
            if name == ".." {
                guard !walk.place.isEmpty else { return walk.ended(.outside) }
                walk.place = RepositoryPath.parent(of: walk.place)
                continue
            }
            walk.place = RepositoryPath.join(walk.place, String(name))
            guard let found = try await repository.resolvedEntry(of: tree, at: walk.place) else {
                record(.absent, at: walk.place)
                return walk.ended(.nothing)
            }
            walk.end = .place(found.kind)
            guard found.kind == .symlink else { continue }
            record(found.id, at: walk.place)
            let text = try await target(of: found)
            let behind = try await follow(text, at: walk.place, &left)
            walk.links += behind.links
            walk.end = behind.end
            guard case .place = behind.end else {
                walk.dead = (walk.place, text ?? "a path of over 4096 bytes")
                walk.place = behind.place
                return walk
            }
            walk.links.append(FoundLink(path: walk.place, target: behind.place))
            walk.place = behind.place
        }
        return walk
    }

    /// What is written in a link; `nil` if that is too long for a path.
    private func target(of link: TreeEntry) async throws -> String? {
        guard case .bytes(let bytes)? = try await repository.contents(of: [link.id], limit: 4096).first
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func follow(_ text: String?, at link: String, _ left: inout Int) async throws -> Walk {
        guard let text, !text.hasPrefix("/") else { return Walk(end: .outside, place: link) }
        guard left > 0 else { return Walk(end: .circle, place: link) }
        left -= 1
        return try await walk(RepositoryPath.join(RepositoryPath.parent(of: link), text), &left)
    }

    /// A path through links, which are recorded as inputs: the same one without them, and the links that were met.
    ///
    /// - Returns: `nil` when nothing is there, or one of them leads out of the repository, or in a circle.
    mutating func realPath(_ path: String) async throws -> (path: String, links: [FoundLink])? {
        let walk = try await walk(path)
        guard case .place = walk.end else { return nil }
        return (walk.place, walk.links)
    }

    /// Where a symbolic link leads.
    enum Link: Sendable {
        case file(path: String, TreeEntry)
        case directory(path: String)
        case nothing
        /// Out of the repository, or in a circle.
        case outside(target: String)
    }

    /// Follows a link inside the repository; the file that it leads to is recorded as an input.
    mutating func follow(linkAt path: String) async throws -> Link {
        let walk = try await walk(path)
        switch walk.end {
        case .place(.file), .place(.executable):
            guard let file = try await entry(at: walk.place) else { return .nothing }
            return .file(path: walk.place, file)
        case .place: return .directory(path: walk.place)
        case .nothing: return .nothing
        case .outside: return .outside(target: walk.dead?.target ?? "..")
        case .circle: return .outside(target: "itself")
        }
    }
}
