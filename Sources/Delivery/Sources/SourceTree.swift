import GitSource
import Rendering

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
    /// A root directory that is not there has none: the commit says so. What is there and cannot be looked into is not nothing.
    ///
    /// - Throws: ``GitError`` when the root is a submodule that could not be read, or a link.
    func listing(of commit: Commit, in repository: GitRepository) async throws -> SourceListing {
        var listing = SourceListing()
        if !root.isEmpty {
            guard let entry = try await repository.resolvedEntry(of: commit.tree, at: root),
                entry.kind != .file, entry.kind != .executable
            else { return listing }
        }
        for cluster in try await repository.entries(of: commit.tree, at: root, recursive: false)
        where cluster.mayBeDirectory {
            let path = path(cluster.path)
            guard cluster.kind == .directory else {
                if try await isClosed(cluster, path, commit, repository) { listing.closed[path] = cluster.id }
                continue
            }
            for namespace in try await repository.entries(of: commit.tree, at: path, recursive: false)
            where namespace.mayBeDirectory {
                let path = self.path(cluster.path, namespace.path)
                if namespace.kind != .directory {
                    guard try await isClosed(namespace, path, commit, repository) else { continue }
                }
                listing.directories.append(
                    SourceDirectory(
                        id: ApplicationID(tenant: tenant, cluster: cluster.path, namespace: namespace.path),
                        path: path,
                        tree: namespace.id
                    )
                )
            }
        }
        return listing
    }

    /// Whether what stands for a directory cannot be looked into: a submodule that could not be read, a link but to a file.
    ///
    /// It is not nothing: what was delivered from there is kept.
    private func isClosed(
        _ entry: TreeEntry,
        _ path: String,
        _ commit: Commit,
        _ repository: GitRepository
    ) async throws -> Bool {
        guard entry.kind == .symlink else { return true }
        let content = try await repository.contents(of: [entry.id], limit: 4_096).first
        guard case .bytes(let bytes)? = content, bytes.first != UInt8(ascii: "/"),
            let target = RepositoryPath.resolve(
                String(decoding: bytes, as: UTF8.self),
                from: RepositoryPath.parent(of: path)
            )
        else { return true }
        let kind = try await repository.resolvedEntry(of: commit.tree, at: target)?.kind
        return kind != .file && kind != .executable
    }
}

/// What a commit has of one source.
struct SourceListing: Sendable {
    /// Also those that cannot be read: whoever reads them is told why.
    var directories: [SourceDirectory] = []
    /// Paths of clusters' directories that cannot be looked into.
    var closed: [String: ObjectID] = [:]

    /// What stands for a directory above a path that cannot be looked into.
    func closing(_ path: String) -> ObjectID? { closed.first { path.hasPrefix($0.key + "/") }?.value }
}

extension TreeEntry {
    /// Whether it is, or stands for, a directory that counts.
    fileprivate var mayBeDirectory: Bool {
        (kind == .directory || kind == .submodule || kind == .symlink) && !path.hasPrefix(".")
            && !path.contains("/")
    }
}
