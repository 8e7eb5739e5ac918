package import GitSource

/// Decides what becomes of directories that a revision no longer has.
package enum Burials {
    /// So many directories of one tenant in one cluster may vanish with one revision without approval.
    package static let limit = 3
    /// For so long a directory is remembered that vanished while its cluster was not in the fleet.
    package static let patience = Duration.seconds(7 * 86_400)

    /// The tombstones of directories that vanished together.
    package static func tombstones(
        _ vanished: [ApplicationID],
        commit: String,
        now: Double
    ) -> [ApplicationID: Tombstone] {
        let together = Dictionary(grouping: vanished) { [$0.tenant, $0.cluster] }
        var result: [ApplicationID: Tombstone] = [:]
        for ids in together.values {
            for id in ids { result[id] = Tombstone(since: now, commit: commit, isHeld: ids.count > limit) }
        }
        return result
    }

    /// Where directories that vanished went: to the same namespace of another cluster or tenant, or, with the same content, to
    /// another namespace; both in one commit.
    package static func moves(
        of vanished: [(id: ApplicationID, content: [ObjectID])],
        to new: [(id: ApplicationID, content: [ObjectID])]
    ) -> [ApplicationID: ApplicationID] {
        var free = new
        var moves: [ApplicationID: ApplicationID] = [:]
        func take(_ old: ApplicationID, _ fits: ((id: ApplicationID, content: [ObjectID])) -> Bool) {
            guard moves[old] == nil,
                let index = free.firstIndex(where: {
                    ($0.id.cluster != old.cluster || $0.id.tenant != old.tenant) && fits($0)
                })
            else { return }
            moves[old] = free.remove(at: index).id
        }
        let sorted = vanished.sorted { $0.id < $1.id }
        for old in sorted {
            take(old.id) { $0.id.namespace == old.id.namespace && $0.content == old.content }
        }
        for old in sorted { take(old.id) { $0.id.namespace == old.id.namespace } }
        for old in sorted where !old.content.isEmpty { take(old.id) { $0.content == old.content } }
        return moves
    }
}
