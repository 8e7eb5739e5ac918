import KubeModel

/// How many objects an application had before the first object of a revision was applied.
///
/// Deletions come after creations, also after a restart: counted then, what the revision adds would enlarge its budget.
package struct ObjectsBefore: Sendable, Hashable {
    package var commit: String
    package var count: Int
    /// Whether the commit's deletions were over the budget once: what is left of them waits, though it alone would not be.
    package var isOverBudget = false

    package init(commit: String, count: Int) {
        self.commit = commit
        self.count = count
    }

    init?(_ json: JSON) {
        guard let commit = json["commit"]?.string, let count = json["objects"]?.int else { return nil }
        self.init(commit: commit, count: count)
        isOverBudget = json["overBudget"]?.bool ?? false
    }

    var json: JSON {
        var json: JSON = ["commit": .string(commit), "objects": .integer(Int64(count))]
        if isOverBudget { json["overBudget"] = true }
        return json
    }
}
