import GitSource
import KubeModel
import Synchronization

/// Parsed YAML files by the id of their content, for all repositories.
final class DocumentCache: Sendable {
    typealias Parsed = Result<[YAML.Document], SyntaxError>

    private struct Entry {
        var parsed: Parsed
        var size: Int
    }

    private let entries = Mutex(RecentlyUsed<ObjectID, Entry>(limit: 48 << 20) { $0.size + 512 })

    subscript(id: ObjectID) -> Parsed? { entries.withLock { $0[id]?.parsed } }

    func parse(_ bytes: [UInt8], id: ObjectID) -> Parsed {
        if let known = self[id] { return known }
        let parsed = Result { () throws(SyntaxError) in try YAML.documents(bytes) }
        entries.withLock { $0[id] = Entry(parsed: parsed, size: bytes.count) }
        return parsed
    }
}
