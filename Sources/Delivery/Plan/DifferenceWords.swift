package import KubeModel

/// Says in words how an object differs, and who made it so; never the values of Secrets.
package enum DifferenceWords {
    /// For example `spec.replicas is 5 (set by kubectl), not 2`.
    package static func reason(for differences: [FieldComparison.Difference], live: KubeObject) -> String {
        guard let first = differences.first else { return "differs" }
        let isSecret = live.kind == "Secret" && live.gvk.group.isEmpty
        let owner = FieldOwnership(live).owner(of: first.fields, besides: Planner.manager)?.manager
        var text = first.path
        if isSecret, first.path.hasPrefix("data") {
            text += " differs"
        } else {
            switch (short(first.live), short(first.desired)) {
            case (let live?, let desired?): text += " is \(live), not \(desired)"
            case (nil, let desired?) where first.live == nil: text += " is not set to \(desired)"
            case (_, nil) where first.desired == nil: text += " is to be removed"
            default: text += " differs"
            }
        }
        if let owner, !owner.isEmpty, owner != Planner.manager { text += " (set by \(owner))" }
        if differences.count > 1 { text += ", and more" }
        return text
    }

    private static func short(_ value: JSON?) -> String? {
        switch value {
        case .string(let text): text.count <= 60 ? "\"\(text)\"" : nil
        case .integer, .double, .bool: value?.text
        default: nil
        }
    }
}
