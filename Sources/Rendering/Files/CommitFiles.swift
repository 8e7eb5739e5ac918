import GitSource

/// The files of one commit, as one rendering reads them; keeps a record of what was read.
struct CommitFiles {
    let repository: GitRepository
    let tree: ObjectID
    /// What the result depends on: paths with the ids that were there, or ``ObjectID/absent``.
    private(set) var inputs: [String: ObjectID] = [:]

    init(repository: GitRepository, tree: ObjectID) {
        self.repository = repository
        self.tree = tree
    }

    /// The entry at a path, recorded as an input whether it is there or not.
    mutating func entry(at path: String) async throws -> TreeEntry? {
        let entry = try await repository.resolvedEntry(of: tree, at: path)
        inputs[path] = entry?.id ?? .absent
        return entry
    }

    /// The submodule that a path lies in or is, with the reason why it could not be read; `nil` where there is none.
    func lostSubmodule(around path: String) async throws -> (path: String, reason: String)? {
        var place = path
        while !place.isEmpty {
            if let entry = try await repository.resolvedEntry(of: tree, at: place), entry.kind == .submodule {
                let reason = await repository.problem(ofSubmodule: entry.id) ?? "its commit was not found"
                return (place, "a submodule that could not be read: \(reason)")
            }
            place = RepositoryPath.parent(of: place)
        }
        return nil
    }

    /// Leaves out inputs that lie in directories that are inputs as a whole.
    mutating func dropInputs(below directories: [String]) {
        inputs = inputs.filter { path, _ in
            !directories.contains { path != $0 && RepositoryPath.contains($0, path) }
        }
    }

    /// A link inside the repository; both paths are from its root.
    struct FoundLink: Sendable, Hashable {
        /// In a directory that is reached without links.
        var path: String
        var target: String
    }

    /// A path through links, which are recorded as inputs: the same one without them, and the links that were met.
    ///
    /// - Returns: `nil` when one of them leads out of the repository, or in a circle.
    mutating func realPath(_ path: String) async throws -> (path: String, links: [FoundLink])? {
        var place = ""
        var rest = path.split(separator: "/")[...]
        var links: [FoundLink] = []
        while let name = rest.popFirst() {
            let next = RepositoryPath.join(place, String(name))
            guard let entry = try await repository.resolvedEntry(of: tree, at: next), entry.kind == .symlink
            else {
                place = next
                continue
            }
            inputs[next] = entry.id
            guard links.count < 8,
                case .bytes(let bytes)? = try await repository.contents(of: [entry.id], limit: 4096).first
            else { return nil }
            let target = String(decoding: bytes, as: UTF8.self)
            guard !target.hasPrefix("/"), let resolved = RepositoryPath.resolve(target, from: place) else {
                return nil
            }
            links.append(FoundLink(path: next, target: resolved))
            rest = resolved.split(separator: "/") + rest
            place = ""
        }
        return (place, links)
    }

    /// Where a symbolic link leads.
    enum Link: Sendable {
        case file(path: String, TreeEntry)
        case directory(path: String)
        case nothing
        /// Out of the repository, or in a circle.
        case outside(target: String)
    }

    /// Follows a link inside the repository; what it leads to is recorded as an input.
    mutating func follow(_ link: TreeEntry, at path: String) async throws -> Link {
        var entry = link
        var place = path
        for _ in 0..<8 {
            guard case .bytes(let bytes)? = try await repository.contents(of: [entry.id], limit: 4096).first
            else {
                return .outside(target: "a path of over 4096 bytes")
            }
            let target = String(decoding: bytes, as: UTF8.self)
            guard !target.hasPrefix("/"),
                let next = RepositoryPath.resolve(target, from: RepositoryPath.parent(of: place))
            else { return .outside(target: target) }
            guard let found = try await self.entry(at: next) else { return .nothing }
            switch found.kind {
            case .file, .executable: return .file(path: next, found)
            case .directory, .submodule: return .directory(path: next)
            case .symlink:
                entry = found
                place = next
            }
        }
        return .outside(target: "itself")
    }
}

extension ObjectID {
    /// Stands in a rendering's inputs for a path at which nothing was, and something would matter.
    static let absent = ObjectID(String(repeating: "0", count: 40))
}
