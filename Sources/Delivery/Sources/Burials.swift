/// Decides what becomes of directories that a revision no longer has.
package enum Burials {
    /// So many directories of one tenant in one cluster may vanish with one revision without approval.
    package static let limit = 3

    /// The tombstones of directories that vanished together.
    package static func tombstones(
        _ vanished: [ApplicationID],
        commit: String,
        now: Double
    ) -> [ApplicationID: Tombstone] {
        let byCluster = Dictionary(grouping: vanished, by: \.cluster)
        var result: [ApplicationID: Tombstone] = [:]
        for (_, ids) in byCluster {
            for id in ids { result[id] = Tombstone(since: now, commit: commit, isHeld: ids.count > limit) }
        }
        return result
    }
}
