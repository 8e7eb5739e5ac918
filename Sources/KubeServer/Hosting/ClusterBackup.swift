import Foundation

/// Backups of the clusters below a host's directory, made and put back by whatever process may use its files.
package struct ClusterBackup: Sendable {
    package struct Summary: Sendable, Hashable {
        package var objects: Int
        package var bytes: Int
    }

    private let files: ClusterFiles

    /// - Parameter directory: The directory that the ``ClusterHost`` was given.
    package init(directory: String) throws { files = try ClusterFiles(directory: directory) }

    /// The clusters that have a database.
    package var clusters: [String] { files.names }

    /// Copies a cluster to a file as of one moment, while it runs or not.
    ///
    /// The file holds its keys and Secrets.
    /// - Throws: ``StoreError``; an existing file is not overwritten.
    package func write(_ name: String, to target: String) throws -> Summary {
        guard !FileManager.default.fileExists(atPath: target) else {
            throw StoreError(code: .unavailable, message: "\(target) exists already; choose another name")
        }
        let partial = target + ".partial"
        try StoreBackup.copy(files.path(name), to: partial)
        do {
            let summary = try summary(of: partial)
            try FileManager.default.moveItem(atPath: partial, toPath: target)
            return summary
        } catch {
            // The first failure is the one to tell.
            try? FileManager.default.removeItem(atPath: partial)
            throw error
        }
    }

    /// Lays a backup ready for a cluster, after having read all of it; ``isWaiting(_:)`` until it has taken its place.
    package func stage(_ source: String, for name: String) throws -> Summary {
        guard ClusterFiles.isName(name) else {
            throw StoreError(code: .unavailable, message: "\"\(name)\" cannot be the name of a cluster")
        }
        let summary = try summary(of: source)
        let partial = files.stagedPath(name) + ".partial"
        try StoreBackup.copy(source, to: partial)
        // In one step: whoever finds it finds all of it.
        try FileManager.default.moveItem(atPath: partial, toPath: files.stagedPath(name))
        return summary
    }

    package func isWaiting(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: files.stagedPath(name))
    }

    /// Puts what waits in its place; only while no host runs on the directory.
    package func apply(_ name: String) throws { try files.applyStaged(name) }

    private func summary(of path: String) throws -> Summary {
        let found = try StoreBackup.inspect(path)
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        return Summary(objects: found.objects, bytes: size ?? 0)
    }
}
