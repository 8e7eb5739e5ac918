import Foundation
import GRDB
import KubeModel

/// The durable half of a ``ClusterStore``: one SQLite database, written by one queue.
struct StoreDatabase: Sendable {
    /// A write as the database sees it.
    enum Row {
        case put(ClusterStore.Key, version: UInt64, body: [UInt8])
        case remove(ClusterStore.Key)
    }

    struct Contents {
        var version: UInt64
        var objects: [(resource: String, object: StoredObject)]
    }

    private let queue: DatabaseQueue
    private let path: String?

    /// - Parameter path: `nil` keeps the database in memory, for tests.
    init(path: String?) throws {
        self.path = path
        var configuration = Configuration()
        configuration.label = "varde.store"
        configuration.journalMode = path == nil ? .default : .wal
        configuration.prepareDatabase { database in
            // A checkpoint holds up the writers; where pages are written again and again, a larger log saves most of it.
            try database.execute(
                sql: """
                    PRAGMA cache_size = -512; PRAGMA wal_autocheckpoint = 8000;
                    PRAGMA journal_size_limit = 16777216
                    """
            )
        }
        queue =
            try path.map { try DatabaseQueue(path: $0, configuration: configuration) }
            ?? DatabaseQueue(configuration: configuration)
        try queue.writeWithoutTransaction { database in
            // Here and not above: with a log, GRDB chooses NORMAL when it has opened the database, which loses the last
            // commits with the power.
            try database.execute(sql: "PRAGMA synchronous = FULL")
            try database.execute(
                sql: """
                    CREATE TABLE IF NOT EXISTS objects (
                        resource TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
                        version INTEGER NOT NULL, body BLOB NOT NULL,
                        PRIMARY KEY (resource, namespace, name)
                    );
                    CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
                    INSERT OR IGNORE INTO facts VALUES ('version', 0);
                    """
            )
        }
    }

    /// Reads everything; `throws` when anything cannot be read, for what cannot be read is not an empty set.
    func load() throws -> Contents {
        try queue.read { database in
            let version =
                try Int64.fetchOne(database, sql: "SELECT value FROM facts WHERE name = 'version'") ?? 0
            var contents = Contents(version: UInt64(max(0, version)), objects: [])
            let rows = try GRDB.Row.fetchCursor(
                database,
                sql:
                    "SELECT resource, namespace, name, version, body FROM objects ORDER BY resource, namespace, name"
            )
            while let row = try rows.next() {
                let bytes = try row.withUnsafeData(atIndex: 4) { [UInt8]($0 ?? Data()) }
                // Decoded, not subscripted: a column of another type is an error of the file, not of the program.
                let name = ObjectName(
                    namespace: try row.decode(String.self, atIndex: 1),
                    name: try row.decode(String.self, atIndex: 2)
                )
                let version = UInt64(max(0, try row.decode(Int64.self, atIndex: 3)))
                let object = try StoredObject(name: name, version: version, stored: bytes)
                contents.objects.append((try row.decode(String.self, atIndex: 0), object))
            }
            return contents
        }
    }

    /// Runs `work` on the writing queue, after everything given before.
    func schedule(_ work: @escaping @Sendable (WriteAccess) -> Void) {
        queue.asyncWriteWithoutTransaction { work(WriteAccess(database: $0)) }
    }

    /// Within the writing queue.
    struct WriteAccess {
        fileprivate let database: Database

        /// Writes the rows and the cluster's version in one transaction; durable when it returns.
        func write(_ rows: [Row], version: UInt64) throws {
            try database.inTransaction(.immediate) {
                let put = try database.cachedStatement(
                    sql: """
                        INSERT INTO objects VALUES (?, ?, ?, ?, ?)
                        ON CONFLICT (resource, namespace, name) DO UPDATE SET version = excluded.version, body = excluded.body
                        """
                )
                let remove = try database.cachedStatement(
                    sql: "DELETE FROM objects WHERE resource = ? AND namespace = ? AND name = ?"
                )
                for row in rows {
                    switch row {
                    case .put(let key, let version, let body):
                        try put.execute(arguments: [
                            key.resource, key.name.namespace, key.name.name, Int64(version), Data(body),
                        ])
                    case .remove(let key):
                        try remove.execute(arguments: [key.resource, key.name.namespace, key.name.name])
                    }
                }
                try database.cachedStatement(sql: "UPDATE facts SET value = ? WHERE name = 'version'")
                    .execute(arguments: [Int64(version)])
                return .commit
            }
        }
    }

    /// A small value beside the objects: tokens, keys.
    func fact(_ name: String) throws -> String? {
        try queue.read {
            try String.fetchOne($0, sql: "SELECT value FROM facts WHERE name = ?", arguments: [name])
        }
    }

    func setFact(_ name: String, _ value: String) throws {
        try queue.write {
            try $0.execute(sql: "INSERT OR REPLACE INTO facts VALUES (?, ?)", arguments: [name, value])
        }
    }

    /// Copies the whole database to a file, as of one moment, while it is in use.
    func backup(to path: String) throws {
        try queue.backup(to: DatabaseQueue(path: path))
    }

    /// Of the file and its log, in bytes.
    var fileSize: Int {
        guard let path else { return 0 }
        return ["", "-wal"].reduce(0) { sum, suffix in
            // A log that is not there is empty.
            let attributes = try? FileManager.default.attributesOfItem(atPath: path + suffix)
            return sum + ((attributes?[.size] as? NSNumber)?.intValue ?? 0)
        }
    }

    func close() throws { try queue.close() }
}
