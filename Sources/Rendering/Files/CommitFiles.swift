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

    /// Notes an input that was looked at in another way.
    mutating func record(_ id: ObjectID, at path: String) { inputs[path] = id }

    /// The submodule that a path lies in or is, with the reason why it could not be read; `nil` where there is none.
    func lostSubmodule(around path: String) async throws -> (path: String, reason: String)? {
        var place = path
        while !place.isEmpty {
            if let entry = try await repository.resolvedEntry(of: tree, at: place), entry.kind == .submodule {
                let reason = await repository.absence(ofSubmodule: entry.id)
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
}

extension ObjectID {
    /// Stands in a rendering's inputs for a path at which nothing was, and something would matter.
    static let absent = ObjectID(String(repeating: "0", count: 40))
}
