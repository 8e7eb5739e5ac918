import Delivery
import Foundation
import KubeModel
import Synchronization

/// One thing that a person asked for, and what came of it.
struct AuditEntry: Sendable, Hashable {
    /// Seconds since 1970.
    var time: Double
    var person: String
    var application: String
    var action: String
    var object: String?
    /// What else was said: the number of replicas, the reason of a pin.
    var detail: String
    /// Why it was not done; empty when it was.
    var failure: String

    var answer: JSON {
        [
            "time": .time(time), "person": .string(person), "application": .string(application),
            "action": .string(action), "object": .optional(object), "detail": .string(detail),
            "failure": .string(failure),
        ]
    }
}

/// Who asked for what: kept in a file, a line of JSON each, and the newest in memory.
///
/// A file that has grown to its limit becomes `<path>.1`, in the place of the one before: at most twice the limit is kept.
/// A file that cannot be written is told on the log of the program by its owner's next look; asking goes on.
package final class AuditLog: Sendable {
    private struct Content {
        var entries: [AuditEntry] = []
        var file: FileHandle?
        /// Of the file, in bytes.
        var size: UInt64 = 0
    }

    private static let kept = 2_000
    private let path: String?
    private let limit: UInt64
    private let content: Mutex<Content>

    /// - Parameters:
    ///   - path: Appended to, and read first; `nil` keeps entries in memory only.
    ///   - limit: How many bytes a file may have before the next one is begun.
    package init(path: String? = nil, limit: UInt64 = 8 << 20) {
        self.path = path
        self.limit = limit
        var content = Content()
        if let path {
            content.entries = (Self.read(path + ".1") + Self.read(path)).suffix(Self.kept)
            Self.open(path, in: &content)
        }
        self.content = Mutex(content)
    }

    private static func open(_ path: String, in content: inout Content) {
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(
                atPath: path,
                contents: nil,
                attributes: [.posixPermissions: 0o600]
            )
        }
        content.file = FileHandle(forUpdatingAtPath: path)
        // A file that cannot be extended is only not written to.
        content.size = (try? content.file?.seekToEnd()) ?? 0
    }

    /// Puts a full file aside, and begins the next.
    private func turn(_ content: inout Content) {
        guard let path, content.size >= limit else { return }
        // Whatever of this fails, what comes next is written to the file that there is.
        try? content.file?.close()
        rename(path, path + ".1")
        Self.open(path, in: &content)
    }

    func record(_ entry: AuditEntry) {
        content.withLock { content in
            content.entries.append(entry)
            if content.entries.count > Self.kept * 2 {
                content.entries.removeFirst(content.entries.count - Self.kept)
            }
            // The action itself was done or refused already; a full disk must not undo that.
            turn(&content)
            let line = entry.answer.encoded() + [0x0A]
            try? content.file?.write(contentsOf: Data(line))
            content.size += UInt64(line.count)
        }
    }

    /// The newest first.
    func entries(limit: Int, where isWanted: (AuditEntry) -> Bool = { _ in true }) -> [AuditEntry] {
        let all = content.withLock { $0.entries }
        return Array(all.reversed().lazy.filter(isWanted).prefix(limit))
    }

    private static func read(_ path: String) -> [AuditEntry] {
        guard let handle = FileHandle(forReadingAtPath: path) else { return [] }
        defer { try? handle.close() }
        // What cannot be read is only not shown; a line cut at the start of the last megabyte is passed over.
        let end = (try? handle.seekToEnd()) ?? 0
        try? handle.seek(toOffset: end > 1 << 20 ? end - 1 << 20 : 0)
        let data = (try? handle.readToEnd()) ?? Data()
        return data.split(separator: 0x0A).suffix(kept).compactMap { line -> AuditEntry? in
            guard let json = try? JSON.parse(Array(line)), let action = json["action"]?.string else {
                return nil
            }
            return AuditEntry(
                time: json["time"]?.string.flatMap { Timestamp(parsing: $0)?.sinceEpoch } ?? 0,
                person: json["person"]?.string ?? "",
                application: json["application"]?.string ?? "",
                action: action,
                object: json["object"]?.string,
                detail: json["detail"]?.string ?? "",
                failure: json["failure"]?.string ?? ""
            )
        }
    }
}
