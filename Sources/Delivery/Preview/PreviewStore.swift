import Foundation
package import KubeModel
import Synchronization

/// The newest plans that were asked for, for those who follow a link to one; on disk, too, so that a restart keeps links.
package final class PreviewStore: Sendable {
    private struct Entry {
        var id: String
        var repository: String
        var commit: String
        var madeAt: Double
        var size: Int
        var summary: JSON
        var text: [UInt8]
    }

    private let entries = Mutex<[Entry]>([])
    private let directory: String?
    private let mostPlans: Int
    private let mostBytes: Int

    /// - Parameter directory: Where they are kept; only in memory when `nil`.
    package init(directory: String?, mostPlans: Int = 200, mostBytes: Int = 64 << 20) {
        self.directory = directory
        self.mostPlans = mostPlans
        self.mostBytes = mostBytes
        guard let directory else { return }
        // A plan that cannot be read is one that nobody finds: it can be asked for again.
        try? FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        let found = names.compactMap { name -> Entry? in
            guard name.hasSuffix(".json"),
                let data = try? Data(contentsOf: URL(filePath: "\(directory)/\(name)")),
                let json = try? JSON.parse([UInt8](data))
            else { return nil }
            return Self.entry(json, [UInt8](data))
        }
        entries.withLock { $0 = found.sorted { $0.madeAt < $1.madeAt } }
    }

    /// Keeps a plan in place of an older one of the same id; the oldest go when there are too many.
    package func keep(_ preview: Preview) {
        let json = preview.json
        let text = json.encoded()
        guard let entry = Self.entry(json, text) else { return }
        let dropped = entries.withLock { entries -> [String] in
            entries.removeAll { $0.id == entry.id }
            entries.append(entry)
            var dropped: [String] = []
            var total = entries.reduce(0) { $0 + $1.size }
            while entries.count > 1, entries.count > mostPlans || total > mostBytes {
                let oldest = entries.removeFirst()
                total -= oldest.size
                dropped.append(oldest.id)
            }
            return dropped
        }
        guard let directory else { return }
        // Only the link after a restart is lost when this fails.
        try? Data(text).write(to: URL(filePath: "\(directory)/\(entry.id).json"), options: .atomic)
        for id in dropped { try? FileManager.default.removeItem(atPath: "\(directory)/\(id).json") }
    }

    /// A plan as JSON; `nil` if there is none of that id any more.
    package subscript(id: String) -> JSON? {
        let text = entries.withLock { entries in entries.first { $0.id == id }?.text }
        return text.flatMap { try? JSON.parse($0) }
    }

    /// Summaries, newest first.
    package func list(repository: String? = nil, commit: String? = nil) -> [JSON] {
        entries.withLock { entries in
            entries.reversed().filter { entry in
                (repository.map { $0 == entry.repository } ?? true)
                    && (commit.map { !$0.isEmpty && entry.commit.hasPrefix($0) } ?? true)
            }.map(\.summary)
        }
    }

    private static func entry(_ json: JSON, _ text: [UInt8]) -> Entry? {
        guard let id = json["id"]?.string, !id.isEmpty, id.allSatisfy({ $0.isHexDigit }) else { return nil }
        var summary = json.object ?? [:]
        summary["applications"] = nil
        return Entry(
            id: id,
            repository: json["repository"]?.string ?? "",
            commit: json.at("revision", "commit")?.string ?? "",
            madeAt: json["madeAt"]?.number ?? 0,
            size: text.count + 512,
            summary: .object(summary),
            text: text
        )
    }
}
