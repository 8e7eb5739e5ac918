import Foundation

/// A file beside a database while it is in use, and after its process was killed; closing the database in order removes it.
///
/// A killed process leaves a log with its last writes; a closed database has none. The mark tells which of the two it was.
struct InUseMark: Sendable {
    private let path: String

    /// The mark of a database that is not open, whether it is there or not.
    init(of database: String) { path = database + "-inuse" }

    /// Marks a database that was opened; `nil` when it keeps no log.
    init?(logOf database: String) throws {
        guard FileManager.default.fileExists(atPath: database + "-wal") else { return nil }
        self.init(of: database)
        try ClusterFiles.makePrivate(path)
    }

    var isThere: Bool { FileManager.default.fileExists(atPath: path) }

    func remove() {
        // Without the mark there was nothing to say.
        try? FileManager.default.removeItem(atPath: path)
    }
}
