import Foundation
import GRDB
import KubeModel

/// Copies of a cluster's database: made while another process uses it, looked through before they take its place.
enum StoreBackup {
    /// What a copy holds.
    package struct Summary: Sendable, Hashable {
        package var objects: Int
        package var version: UInt64
    }

    /// Copies a database as of one moment; whoever uses it goes on and waits for nothing.
    ///
    /// - Throws: ``StoreError``; what was written so far is removed.
    static func copy(_ source: String, to target: String) throws {
        try told("cannot copy \(source) to \(target)") {
            guard FileManager.default.fileExists(atPath: source) else {
                throw StoreError(code: .unavailable, message: "there is no database \(source)")
            }
            try ClusterFiles.makePrivate(target)
            do {
                let queue = try DatabaseQueue(path: target)
                try DatabaseQueue(path: source).backup(to: queue)
                // One file, without a log beside it.
                try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
                try queue.close()
                try synchronize(target)
            } catch {
                // The first failure is the one to tell.
                try? FileManager.default.removeItem(atPath: target)
                throw error
            }
        }
    }

    /// Reads all of a copy.
    ///
    /// - Throws: ``StoreError`` for a file that is no cluster's database, or cannot be read to its end.
    static func inspect(_ path: String) throws -> Summary {
        try told("\(path) is not a backup of a cluster") {
            var configuration = Configuration()
            configuration.readonly = true
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            return try queue.read { database in
                let verdict = try String.fetchOne(database, sql: "PRAGMA integrity_check")
                guard verdict == "ok" else {
                    throw StoreError(
                        code: .corrupt,
                        message: "\(path) is damaged: \(verdict ?? "it cannot be checked")"
                    )
                }
                let bodies = try Data.fetchCursor(database, sql: "SELECT body FROM objects")
                var objects = 0
                while let body = try bodies.next() {
                    _ = try JSON.parse([UInt8](body))
                    objects += 1
                }
                return Summary(objects: objects, version: try version(database))
            }
        }
    }

    /// The resource version of a database; `nil` where it cannot be read.
    static func version(of path: String) -> UInt64? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        // A damaged database has no version that could be told.
        return try? DatabaseQueue(path: path).read(version)
    }

    /// Lets a database begin at a later version, so that whoever watched what it replaces notices that it is another.
    static func raise(_ path: String, to version: UInt64) throws {
        try told("cannot write \(path)") {
            let queue = try DatabaseQueue(path: path)
            try queue.write {
                try $0.execute(
                    sql: "UPDATE facts SET value = ? WHERE name = 'version'",
                    arguments: [Int64(version)]
                )
            }
            try queue.close()
            try synchronize(path)
        }
    }

    @Sendable
    private static func version(_ database: Database) throws -> UInt64 {
        let version = try Int64.fetchOne(database, sql: "SELECT value FROM facts WHERE name = 'version'")
        return UInt64(max(0, version ?? 0))
    }

    private static func told<Value>(_ what: String, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as StoreError {
            throw error
        } catch let error as DatabaseError {
            throw StoreError(code: .unavailable, message: "\(what): \(error.message ?? "\(error)")")
        } catch {
            throw StoreError(code: .unavailable, message: "\(what): \(error.localizedDescription)")
        }
    }

    private static func synchronize(_ path: String) throws {
        let file = try FileHandle(forUpdating: URL(filePath: path))
        try file.synchronize()
        try file.close()
    }
}
