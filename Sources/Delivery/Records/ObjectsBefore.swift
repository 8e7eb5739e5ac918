import KubeModel

/// How many objects an application had before the first object of a revision was applied.
///
/// Deletions come after creations, also after a restart: counted then, what the revision adds would enlarge its budget.
package struct ObjectsBefore: Sendable, Hashable {
    package var commit: String
    package var count: Int

    package init(commit: String, count: Int) {
        self.commit = commit
        self.count = count
    }

    init?(_ json: JSON) {
        guard let commit = json["commit"]?.string, let count = json["objects"]?.int else { return nil }
        self.init(commit: commit, count: count)
    }

    var json: JSON { ["commit": .string(commit), "objects": .integer(Int64(count))] }
}
