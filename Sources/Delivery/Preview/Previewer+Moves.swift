import Synchronization

extension Previewer {
    /// Directories that the commit moves between clusters or tenants.
    struct Moves: Sendable {
        var targets: [ApplicationID: ApplicationID] = [:]
        var origins: [ApplicationID: ApplicationID] = [:]
    }

    /// As discovery will find them, branch by branch.
    func moves(in candidates: [Candidate]) -> Moves {
        var moves = Moves()
        for candidates in Dictionary(grouping: candidates, by: \.source.branch).values {
            let sorted = candidates.sorted { $0.id < $1.id }
            let found = Burials.moves(
                of: sorted.filter { $0.trees.isEmpty }.map { ($0.id, $0.baseTrees) },
                to: sorted.filter { $0.baseTrees.isEmpty && !isDelivered($0.id) }.map { ($0.id, $0.trees) }
            )
            for (old, new) in found {
                moves.targets[old] = new
                moves.origins[new] = old
            }
        }
        return moves
    }

    private func isDelivered(_ id: ApplicationID) -> Bool {
        environment.registry[id].map { $0.progress.withLock { $0.snapshot.applied != nil } } ?? false
    }
}
