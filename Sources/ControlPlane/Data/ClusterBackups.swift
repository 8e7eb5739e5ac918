import Foundation
import KubeServer

/// Backups of the clusters in a data directory, whether `varde up` runs on it or not.
package struct ClusterBackups {
    package struct Summary: Sendable {
        package var objects: Int
        package var bytes: Int
    }

    /// What became of a backup that was put back.
    package enum Outcome: Sendable {
        /// The running process has taken it up.
        case running
        /// Nothing runs: the next start finds it.
        case stopped
    }

    private let directory: DataDirectory
    private let backups: ClusterBackup

    /// - Throws: ``UpError`` for a directory that has no clusters.
    package init(directory path: String) throws {
        let directory = try DataDirectory(path)
        guard FileManager.default.fileExists(atPath: directory.kubernetes) else {
            throw UpError(
                code: .badConfiguration,
                message:
                    "There are no clusters in \(path). Say where `varde up` keeps its data with --data DIR."
            )
        }
        self.directory = directory
        backups = try ClusterBackup(directory: directory.kubernetes)
    }

    /// - Throws: ``UpError`` with what to do about it.
    package func write(_ cluster: String, to file: String) throws -> Summary {
        try checkName(cluster)
        let summary = try told { try backups.write(cluster, to: file) }
        return Summary(objects: summary.objects, bytes: summary.bytes)
    }

    /// Puts a backup in a cluster's place, and returns when that has happened.
    package func restore(_ cluster: String, from file: String) async throws -> (Summary, Outcome) {
        let summary = try told { try backups.stage(file, for: cluster) }
        let outcome: Outcome
        if let lock = try? DataDirectoryLock(directory, patience: .zero) {
            // Nobody else can start before it is done.
            defer { withExtendedLifetime(lock) {} }
            try told { try backups.apply(cluster) }
            outcome = .stopped
        } else {
            let deadline = ContinuousClock.now + .seconds(60)
            while backups.isWaiting(cluster) {
                guard ContinuousClock.now < deadline else {
                    throw UpError(
                        code: .badConfiguration,
                        message: "The running varde has not taken up the backup within a minute. "
                            + "It waits in \(directory.kubernetes)/clusters; what varde says is on its standard error."
                    )
                }
                try await Task.sleep(for: .milliseconds(50))
            }
            outcome = .running
        }
        return (Summary(objects: summary.objects, bytes: summary.bytes), outcome)
    }

    private func checkName(_ cluster: String) throws {
        let known = backups.clusters
        guard !known.contains(cluster) else { return }
        throw UpError(
            code: .badConfiguration,
            message: "There is no cluster \(cluster) in \(directory.path). It has: "
                + (known.isEmpty ? "none" : known.joined(separator: ", ")) + "."
        )
    }

    private func told<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as StoreError {
            throw UpError(code: .badConfiguration, message: error.message + ".")
        }
    }
}
