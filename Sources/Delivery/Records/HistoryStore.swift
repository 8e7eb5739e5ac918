import Foundation
import KubeModel
import SystemPackage

/// The last syncs of each application, step by step, on disk: one file a sync.
///
/// A file is replaced in one step, so that a reader finds the old content or the new one. What cannot be read is passed
/// over: history is never worth stopping for.
struct HistoryStore: Sendable {
    let directory: String

    private func folder(_ id: ApplicationID) -> URL {
        URL(filePath: directory, directoryHint: .isDirectory)
            .appending(path: id.tenant).appending(path: id.objectName)
    }

    private static func name(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 9 - digits.count)) + digits + ".json"
    }

    /// Writes a sync; those that are older than the last ``Board/historyLimit`` go.
    func write(_ record: SyncRecord, of id: ApplicationID) throws {
        let folder = folder(id)
        let file = folder.appending(path: Self.name(record.number))
        let bytes = record.json.encoded()
        do {
            try replace(file, with: bytes)
        } catch Errno.noSuchFileOrDirectory {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try replace(file, with: bytes)
        }
        guard record.number > Board.historyLimit else { return }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))
            .filter { $0.hasSuffix(".json") }.sorted()
        for name in names.dropLast(Board.historyLimit) {
            try FileManager.default.removeItem(at: folder.appending(path: name))
        }
    }

    /// Why a sync could not be written, for the log.
    static func words(of error: any Error) -> String {
        (error as? CocoaError)?.code == .fileWriteOutOfSpace || error as? Errno == .noSpace
            ? "the disk is full" : "\(error)"
    }

    /// Replaces a file in one step, without waiting for the disk: only a power failure loses the last seconds of history.
    private func replace(_ file: URL, with bytes: [UInt8]) throws {
        let new = FilePath(file.path(percentEncoded: false) + ".new")
        let target = try FileDescriptor.open(
            new,
            .writeOnly,
            options: [.create, .truncate, .closeOnExec],
            permissions: .ownerReadWrite
        )
        do {
            try target.closeAfter { _ = try target.writeAll(bytes) }
        } catch {
            _ = unlink(new.string)
            throw error
        }
        guard rename(new.string, file.path(percentEncoded: false)) == 0 else { throw Errno(rawValue: errno) }
    }

    /// The syncs that are kept, oldest first.
    func read(_ id: ApplicationID) -> [SyncRecord] {
        let folder = folder(id)
        // Most applications are new or have a few: a folder that is not there is the usual case of the first start.
        let names =
            (try? FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))) ?? []
        return names.filter { $0.hasSuffix(".json") }.sorted().suffix(Board.historyLimit).compactMap { name in
            guard let data = try? Data(contentsOf: folder.appending(path: name)),
                let json = try? JSON.parse(data)
            else { return nil }
            return SyncRecord(json)
        }
    }

    func remove(_ id: ApplicationID) {
        // It may never have been synced.
        try? FileManager.default.removeItem(at: folder(id))
    }
}
