import Foundation
import GRDB
import KubeModel

extension ClusterStore {
    /// Opens the database and reads it; one that cannot be read is moved aside, with its log, and reported.
    static func open(_ path: String?) throws -> (StoreDatabase, StoreDatabase.Contents) {
        do {
            let database = try StoreDatabase(path: path)
            return (database, try database.load())
        } catch let error as DatabaseError where !isCorruption(error) {
            throw StoreError(
                code: .unavailable,
                message: "cannot open the database \(path ?? "in memory"): \(error)"
            )
        } catch {
            guard let path else { throw StoreError(code: .corrupt, message: "\(error)") }
            let aside = try quarantine(path)
            throw StoreError(
                code: .corrupt,
                message:
                    "the database \(path) is corrupt (\(error)); it was moved to \(aside) and not deleted"
            )
        }
    }

    private static func isCorruption(_ error: DatabaseError) -> Bool {
        error.resultCode == .SQLITE_CORRUPT || error.resultCode == .SQLITE_NOTADB
    }

    /// Moves a database and its companions to a name that is not in use.
    static func quarantine(_ path: String) throws -> String {
        let files = FileManager.default
        var number = 1
        while files.fileExists(atPath: "\(path).corrupt-\(number)") { number += 1 }
        let aside = "\(path).corrupt-\(number)"
        for suffix in ["-wal", "-shm"] where files.fileExists(atPath: path + suffix) {
            try files.moveItem(atPath: path + suffix, toPath: aside + suffix)
        }
        try files.moveItem(atPath: path, toPath: aside)
        return aside
    }

    /// A small value beside the objects (a token, a key); `nil` if it was never set.
    package func fact(_ name: String) throws -> String? { try database.fact(name) }
    package func setFact(_ name: String, _ value: String) throws { try database.setFact(name, value) }

    /// Copies the store to a file, as of one moment, while it is in use.
    package func backup(to path: String) throws { try database.backup(to: path) }
}
