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
/// A file that cannot be written is told on the log of the program by its owner's next look; asking goes on.
package final class AuditLog: Sendable {
    private struct Content {
        var entries: [AuditEntry] = []
        var file: FileHandle?
    }

    private static let kept = 2_000
    private let content: Mutex<Content>

    /// - Parameter path: Appended to, and read first; `nil` keeps entries in memory only.
    package init(path: String? = nil) {
        var content = Content()
        if let path {
            content.entries = Self.read(path)
            if !FileManager.default.fileExists(atPath: path) {
                _ = FileManager.default.createFile(
                    atPath: path,
                    contents: nil,
                    attributes: [.posixPermissions: 0o600]
                )
            }
            content.file = FileHandle(forUpdatingAtPath: path)
            // A file that cannot be extended is only not written to.
            _ = try? content.file?.seekToEnd()
        }
        self.content = Mutex(content)
    }

    func record(_ entry: AuditEntry) {
        content.withLock { content in
            content.entries.append(entry)
            if content.entries.count > Self.kept * 2 {
                content.entries.removeFirst(content.entries.count - Self.kept)
            }
            // The action itself was done or refused already; a full disk must not undo that.
            try? content.file?.write(contentsOf: Data(entry.answer.encoded() + [0x0A]))
        }
    }

    /// The newest first.
    func entries(of application: String?, limit: Int) -> [AuditEntry] {
        let all = content.withLock { $0.entries }
        return Array(
            all.reversed().lazy.filter { application == nil || $0.application == application }.prefix(limit)
        )
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
