import Foundation
import GRDBSQLite
import Synchronization

/// A directory on a disk that remembers, when the power is cut, only what SQLite asked it to keep.
///
/// SQLite's own file layer is wrapped, for the files of such a directory only: writes go to the real files, and what of them
/// was not yet followed by a sync is noted. ``cutPower(losing:)`` writes the files as they would be found afterwards.
final class ForgetfulDisk: Sendable {
    /// What happens to writes that nobody waited for: a disk may have made any of them durable, in any order.
    enum Loss: CaseIterable, Sendable { case all, some, none }

    let directory: Directory

    init() throws {
        directory = try Directory()
        Self.install()
        Self.disks.withLock { $0[directory.path] = [:] }
    }

    deinit { _ = Self.disks.withLock { $0.removeValue(forKey: directory.path) } }

    /// Copies the files, as they are found when the power is cut now, to another directory.
    func cutPower(losing loss: Loss) throws -> Directory {
        let files = Self.disks.withLock { $0[directory.path] ?? [:] }
        let found = try Directory()
        for (name, file) in files where !name.hasSuffix("-shm") {
            var bytes = file.kept
            for write in file.pending where loss == .none || (loss == .some && Bool.random()) {
                write.apply(to: &bytes)
            }
            try Data(bytes).write(to: URL(filePath: found.file(name)))
        }
        return found
    }

    // MARK: SQLite's file layer

    private enum Change: Sendable {
        case write([UInt8], at: Int)
        case truncate(Int)

        func apply(to bytes: inout [UInt8]) {
            switch self {
            case .write(let new, let place):
                let missing = place + new.count - bytes.count
                if missing > 0 { bytes += [UInt8](repeating: 0, count: missing) }
                bytes.replaceSubrange(place..<(place + new.count), with: new)
            case .truncate(let size): if size < bytes.count { bytes.removeSubrange(size...) }
            }
        }
    }

    private struct File: Sendable {
        var kept: [UInt8] = []
        var pending: [Change] = []
    }

    private struct OpenFile: @unchecked Sendable {
        let directory: String
        let name: String
        let methods: UnsafePointer<sqlite3_io_methods>
    }

    /// By directory, and by name of the file therein.
    private static let disks = Mutex<[String: [String: File]]>([:])
    private static let open = Mutex<[Int: OpenFile]>([:])
    private static let original = Mutex<OpenFunction?>(nil)

    private struct OpenFunction: @unchecked Sendable {
        let open:
            @convention(c) (
                UnsafeMutablePointer<sqlite3_vfs>?, sqlite3_filename?, UnsafeMutablePointer<sqlite3_file>?,
                Int32,
                UnsafeMutablePointer<Int32>?
            ) -> Int32
    }

    private static let deletion = Mutex<DeleteFunction?>(nil)

    private struct DeleteFunction: @unchecked Sendable {
        let delete: @convention(c) (UnsafeMutablePointer<sqlite3_vfs>?, UnsafePointer<CChar>?, Int32) -> Int32
    }

    private static func install() {
        original.withLock { original in
            guard original == nil, let layer = sqlite3_vfs_find(nil), let open = layer.pointee.xOpen else {
                return
            }
            original = OpenFunction(open: open)
            let delete = layer.pointee.xDelete
            deletion.withLock { $0 = delete.map(DeleteFunction.init) }
            layer.pointee.xDelete = { ForgetfulDisk.delete($0, $1, $2) }
            layer.pointee.xOpen = { layer, name, file, flags, outFlags in
                ForgetfulDisk.open(layer, name, file, flags, outFlags)
            }
        }
    }

    private static func open(
        _ layer: UnsafeMutablePointer<sqlite3_vfs>?,
        _ name: sqlite3_filename?,
        _ file: UnsafeMutablePointer<sqlite3_file>?,
        _ flags: Int32,
        _ outFlags: UnsafeMutablePointer<Int32>?
    ) -> Int32 {
        guard let function = original.withLock({ $0 }) else { return SQLITE_ERROR }
        let result = function.open(layer, name, file, flags, outFlags)
        guard result == SQLITE_OK, let name, let file, let methods = file.pointee.pMethods else {
            return result
        }
        let path = URL(filePath: String(cString: name))
        let directory = path.deletingLastPathComponent().path
        let isWatched = disks.withLock { disks in
            guard disks[directory] != nil else { return false }
            // A file may be opened again, or was there before: what it holds then was kept.
            if disks[directory]?[path.lastPathComponent] == nil {
                let kept = FileManager.default.contents(atPath: path.path) ?? Data()
                disks[directory]?[path.lastPathComponent] = File(kept: [UInt8](kept))
            }
            return true
        }
        guard isWatched else { return result }
        let known = OpenFile(directory: directory, name: path.lastPathComponent, methods: methods)
        open.withLock { $0[Int(bitPattern: file)] = known }
        // As long as the process lives: SQLite keeps the pointer.
        let wrapped = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
        wrapped.initialize(to: methods.pointee)
        wrapped.pointee.xWrite = { file, bytes, count, place in
            ForgetfulDisk.change(file, .write(ForgetfulDisk.copy(bytes, count), at: Int(place))) {
                $0.xWrite?(file, bytes, count, place)
            }
        }
        wrapped.pointee.xTruncate = { file, size in
            ForgetfulDisk.change(file, .truncate(Int(size))) { $0.xTruncate?(file, size) }
        }
        wrapped.pointee.xSync = { file, flags in ForgetfulDisk.change(file, nil) { $0.xSync?(file, flags) } }
        file.pointee.pMethods = UnsafePointer(wrapped)
        return result
    }

    /// Names are taken for kept at once: SQLite syncs the directory where it matters.
    private static func delete(
        _ layer: UnsafeMutablePointer<sqlite3_vfs>?,
        _ name: UnsafePointer<CChar>?,
        _ sync: Int32
    ) -> Int32 {
        guard let function = deletion.withLock({ $0 }), let name else { return SQLITE_ERROR }
        let path = URL(filePath: String(cString: name))
        disks.withLock { disks in
            _ = disks[path.deletingLastPathComponent().path]?.removeValue(forKey: path.lastPathComponent)
        }
        return function.delete(layer, name, sync)
    }

    private static func copy(_ bytes: UnsafeRawPointer?, _ count: Int32) -> [UInt8] {
        [UInt8](UnsafeRawBufferPointer(start: bytes, count: Int(count)))
    }

    /// - Parameter change: `nil` is a sync.
    private static func change(
        _ file: UnsafeMutablePointer<sqlite3_file>?,
        _ change: Change?,
        _ call: (sqlite3_io_methods) -> Int32?
    ) -> Int32 {
        guard let known = open.withLock({ $0[Int(bitPattern: file)] }) else { return SQLITE_IOERR }
        let result = call(known.methods.pointee) ?? SQLITE_IOERR
        guard result == SQLITE_OK else { return result }
        disks.withLock { disks in
            if let change {
                disks[known.directory]?[known.name]?.pending.append(change)
            } else if var file = disks[known.directory]?.removeValue(forKey: known.name) {
                for write in file.pending { write.apply(to: &file.kept) }
                file.pending = []
                disks[known.directory]?[known.name] = file
            }
        }
        return result
    }
}
