extension GitRepository {
    /// All entries below a directory of a tree, directories included; `""` is the root.
    ///
    /// An error for a path that is not there. Git's own order within a directory; one round trip per level for what is not in memory.
    package func entries(of tree: ObjectID, at path: String, recursive: Bool) async throws -> [TreeEntry] {
        let there = try await resolvedEntry(of: tree, at: path)
        guard let top = there, top.kind == .directory else {
            throw GitError(
                code: .noSuchObject,
                message: obstacle(at: path, there)
                    ?? "\(displayURL) has no directory '\(path)' in tree \(tree.short)."
            )
        }
        var result: [TreeEntry] = []
        var level: [(prefix: String, id: ObjectID)] = [("", top.id)]
        while !level.isEmpty {
            var next: [(prefix: String, id: ObjectID)] = []
            for (tree, place) in zip(try await trees(level.map(\.id)), level) {
                for var entry in tree.entries {
                    if entry.kind == .submodule { entry = try await resolved(entry) }
                    entry.path = place.prefix + entry.path
                    result.append(entry)
                    if recursive, entry.kind == .directory { next.append((entry.path + "/", entry.id)) }
                }
            }
            level = next
        }
        return result
    }

    /// The id of the entry at a path of a tree; `nil` if nothing is there.
    ///
    /// The path of the answer is the whole path. Slashes at the ends do not matter.
    package func entry(of tree: ObjectID, at path: String) async throws -> TreeEntry? {
        var entry = TreeEntry(path: "", kind: .directory, id: tree)
        for name in path.split(separator: "/") {
            if entry.kind == .submodule { entry = try await resolved(entry) }
            guard entry.kind == .directory, let directory = try await trees([entry.id]).first else {
                return nil
            }
            guard let next = directory[name] else { return nil }
            entry = next
        }
        entry.path = path
        return entry
    }

    /// Like ``entry(of:at:)``; a submodule that has been read is the directory it stands for.
    package func resolvedEntry(of tree: ObjectID, at path: String) async throws -> TreeEntry? {
        guard let entry = try await entry(of: tree, at: path) else { return nil }
        return entry.kind == .submodule ? try await resolved(entry) : entry
    }

    /// Why what is at a path cannot be looked into as a directory; `nil` where nothing that stands for one is there.
    package func obstacle(at path: String, _ entry: TreeEntry?) -> String? {
        guard let entry else { return nil }
        switch entry.kind {
        case .submodule:
            let reason = absence(ofSubmodule: entry.id)
            return "'\(path)' of \(displayURL) is a submodule that could not be read: \(reason)"
        case .symlink:
            return
                "'\(path)' of \(displayURL) is a link, and links to directories are not followed: put a directory there, or "
                + "remove the link."
        default: return nil
        }
    }

    private func resolved(_ entry: TreeEntry) async throws -> TreeEntry {
        guard let tree = try await tree(ofSubmodule: entry.id) else { return entry }
        return TreeEntry(path: entry.path, kind: .directory, id: tree)
    }

    /// Paths that differ between two trees.
    ///
    /// Files, links and submodules that were added, removed or changed; sorted. Equal subtrees are not looked into.
    package func changedPaths(from old: ObjectID, to new: ObjectID) async throws -> [String] {
        typealias Pair = (prefix: String, old: ObjectID?, new: ObjectID?)
        var changed: [String] = []
        var level: [Pair] = old == new ? [] : [("", old, new)]
        while !level.isEmpty {
            let listings = try await trees(level.flatMap { [$0.old, $0.new].compactMap(\.self) })
            var next: [Pair] = []
            var place = listings.startIndex
            func take(_ id: ObjectID?) -> [TreeEntry] {
                guard id != nil else { return [] }
                defer { place += 1 }
                return listings[place].entries
            }
            for pair in level {
                let before = take(pair.old)
                let after = take(pair.new)
                for (name, was, now) in Self.differences(before, after) {
                    let path = pair.prefix + name
                    let directories = [was, now].map { $0?.kind == .directory ? $0?.id : nil }
                    if directories[0] != nil || directories[1] != nil {
                        next.append((path + "/", directories[0], directories[1]))
                    }
                    let others = [was, now].compactMap(\.self).filter { $0.kind != .directory }
                    if !others.isEmpty { changed.append(path) }
                }
            }
            level = next
        }
        return changed.sorted()
    }

    private static func differences(
        _ before: [TreeEntry],
        _ after: [TreeEntry]
    ) -> [(name: String, was: TreeEntry?, now: TreeEntry?)] {
        let old = Dictionary(before.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        let new = Dictionary(after.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        let gone = before.filter { new[$0.path] == nil }.map { ($0.path, Optional($0), TreeEntry?.none) }
        return gone
            + after.compactMap { entry in
                old[entry.path] == entry ? nil : (entry.path, old[entry.path], entry)
            }
    }
}
