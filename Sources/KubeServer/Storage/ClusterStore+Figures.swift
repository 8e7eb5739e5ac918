import Synchronization

extension ClusterStore {
    /// How much there is, for metrics.
    struct Figures: Sendable {
        var objects: [(resource: String, count: Int)]
        var watches: [(resource: String, count: Int)]
        var changes: Int
        var changesSize: Int
        var version: UInt64
        /// In bytes, with the write-ahead log; 0 for a store in memory.
        var databaseSize: Int
    }

    var figures: Figures {
        let size = database.fileSize
        return state.withLock { state in
            Figures(
                objects: state.collections.map { ($0.key, $0.value.count) }.sorted { $0.0 < $1.0 },
                watches: state.watches.filter { !$0.value.isEmpty }.map { ($0.key, $0.value.count) }
                    .sorted { $0.0 < $1.0 },
                changes: state.log.count,
                changesSize: state.log.size,
                version: state.version,
                databaseSize: size
            )
        }
    }
}
