import GitSource

/// A directory of a source that is an application.
struct SourceDirectory: Sendable, Hashable {
    var id: ApplicationID
    var path: String
    var tree: ObjectID
}

extension TenantSource {
    var watchedBranch: WatchedBranch { WatchedBranch(repository: repository, branch: branch) }

    func path(_ names: String...) -> String {
        ((root.isEmpty ? [] : [root]) + names).joined(separator: "/")
    }

    /// The applications of a commit.
    ///
    /// A root directory that is not there has none: the commit says so.
    func directories(of commit: Commit, in repository: GitRepository) async throws -> [SourceDirectory] {
        if !root.isEmpty {
            guard let entry = try await repository.entry(of: commit.tree, at: root), entry.kind == .directory
            else {
                return []
            }
        }
        var found: [SourceDirectory] = []
        for cluster in try await repository.entries(of: commit.tree, at: root, recursive: false).directories {
            let path = path(cluster.path)
            for namespace in try await repository.entries(of: commit.tree, at: path, recursive: false)
                .directories
            {
                found.append(
                    SourceDirectory(
                        id: ApplicationID(tenant: tenant, cluster: cluster.path, namespace: namespace.path),
                        path: self.path(cluster.path, namespace.path),
                        tree: namespace.id
                    )
                )
            }
        }
        return found
    }
}

extension [TreeEntry] {
    fileprivate var directories: [TreeEntry] {
        filter { $0.kind == .directory && !$0.path.hasPrefix(".") && !$0.path.contains("/") }
    }
}
