import Foundation
import GRDB
import KubeModel
import Logging
import Synchronization

/// The last syncs of each application, step by step, on disk: one SQLite database.
///
/// A file for each sync took longer to create than the sync's first request. What cannot be read is passed over, and a
/// database that is damaged is put aside for a new one: history is never worth stopping for. Nobody waits for the disk; a
/// power failure loses the last minutes.
final class HistoryStore: Sendable {
    private let directory: String
    private let path: String
    private let logger: Logger
    /// `nil` until it is needed, or where it could not be opened: that is tried again each time.
    private let queue = Mutex<DatabaseQueue?>(nil)
    /// Hashes of the syncs as they are kept, by number: what is kept already is not written again.
    private let kept = Mutex<[ApplicationID: [Int: Int]]>([:])

    /// - Parameter directory: Made with the first sync that is written.
    init(directory: String, logger: Logger) {
        self.directory = directory
        path = directory + "/syncs.sqlite"
        self.logger = logger
    }

    /// Writes a sync as it is now, unless that is kept already; those that are older than the last ``Board/historyLimit`` go.
    ///
    /// A sync that has, or had, nothing to do is not kept: the `Application` object has all there is to say of it.
    func write(_ record: SyncRecord, of id: ApplicationID) throws {
        guard !record.steps.isEmpty || record.result != .running && record.result != .succeeded else {
            return
        }
        guard !keeps(record, of: id) else { return }
        let bytes = Data(record.json.encoded())
        try access { database in
            try database.cachedStatement(sql: "INSERT OR REPLACE INTO syncs VALUES (?, ?, ?)")
                .execute(arguments: [id.description, record.number, bytes])
            guard record.number > Board.historyLimit else { return }
            try database.cachedStatement(
                sql: """
                    DELETE FROM syncs WHERE application = ?1 AND number <=
                    (SELECT number FROM syncs WHERE application = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)
                    """
            ).execute(arguments: [id.description, Board.historyLimit])
        }
        note([record], of: id)
    }

    /// Whether a sync is kept as it is now.
    func keeps(_ record: SyncRecord, of id: ApplicationID) -> Bool {
        kept.withLock { $0[id]?[record.number] } == record.hashValue
    }

    private func note(_ records: [SyncRecord], of id: ApplicationID) {
        kept.withLock { kept in
            for record in records { kept[id, default: [:]][record.number] = record.hashValue }
            guard let numbers = kept[id]?.keys, numbers.count > Board.historyLimit else { return }
            for old in numbers.sorted().dropLast(Board.historyLimit) { kept[id]?[old] = nil }
        }
    }

    /// The syncs that are kept, oldest first.
    func read(_ id: ApplicationID) -> [SyncRecord] {
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        let texts = try? access { database in
            try Data.fetchAll(
                database.cachedStatement(
                    sql: "SELECT record FROM syncs WHERE application = ? ORDER BY number"
                ),
                arguments: [id.description]
            )
        }
        let records = (texts ?? []).suffix(Board.historyLimit).compactMap { text in
            (try? JSON.parse(text)).flatMap { SyncRecord($0) }
        }
        note(records, of: id)
        return records
    }

    func remove(_ id: ApplicationID) {
        kept.withLock { $0[id] = nil }
        // It may never have been synced.
        guard FileManager.default.fileExists(atPath: path) else { return }
        try? access { database in
            try database.execute(sql: "DELETE FROM syncs WHERE application = ?", arguments: [id.description])
        }
    }

    /// Why a sync could not be written, for the log.
    static func words(of error: any Error) -> String {
        (error as? DatabaseError)?.resultCode == .SQLITE_FULL
            || (error as? CocoaError)?.code == .fileWriteOutOfSpace
            ? "the disk is full" : "\(error)"
    }

    // MARK: The database

    private func access<Value>(_ body: (Database) throws -> Value) throws -> Value {
        var used: DatabaseQueue?
        do {
            let queue = try open()
            used = queue
            return try queue.write(body)
        } catch let error as DatabaseError where Self.damages.contains(error.resultCode) {
            try putAside(used, error)
            return try open().write(body)
        }
    }

    private static let damages: [ResultCode] = [.SQLITE_CORRUPT, .SQLITE_NOTADB]

    private func open() throws -> DatabaseQueue {
        try queue.withLock { queue in
            if let queue { return queue }
            let opened = try make()
            queue = opened
            return opened
        }
    }

    private func make() throws -> DatabaseQueue {
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        var configuration = Configuration()
        configuration.label = "varde.history"
        configuration.journalMode = .wal
        configuration.prepareDatabase { database in
            // The threads that write have syncs to go on with: the disk is waited for once in some thousand syncs.
            try database.execute(sql: "PRAGMA cache_size = -512; PRAGMA wal_autocheckpoint = 8000")
        }
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.write { database in
            try database.execute(
                sql: """
                    CREATE TABLE IF NOT EXISTS syncs (
                        application TEXT NOT NULL, number INTEGER NOT NULL, record BLOB NOT NULL,
                        PRIMARY KEY (application, number)
                    )
                    """
            )
        }
        return queue
    }

    /// Puts a damaged database aside, unless somebody has by now: the next access makes a new one.
    private func putAside(_ damaged: DatabaseQueue?, _ error: DatabaseError) throws {
        try queue.withLock { queue in
            guard queue === damaged else { return }
            try queue?.close()
            queue = nil
            kept.withLock { $0 = [:] }
            let files = FileManager.default
            for end in ["-wal", "-shm"] { try? files.removeItem(atPath: path + end) }
            try? files.removeItem(atPath: path + ".damaged")
            try files.moveItem(atPath: path, toPath: path + ".damaged")
        }
        logger.warning(
            "history is damaged, begun anew",
            metadata: ["old": "\(path).damaged", "error": "\(error)"]
        )
    }
}
