import Synchronization

/// What one run of a tool asked for in vain.
final class ProxyJournal: Sendable {
    private static let limit = 8
    private let entries = Mutex([String]())

    func note(_ sentence: String) {
        entries.withLock { entries in
            guard entries.count < Self.limit, !entries.contains(sentence) else { return }
            entries.append(sentence)
        }
    }

    /// In the order in which they happened, each once.
    var sentences: [String] { entries.withLock(\.self) }
}
