package import KubeModel

/// One field that applying a manifest would change, and who set it as it is.
package struct FieldChange: Sendable, Hashable {
    /// `spec.template.spec.containers[name=web].image`.
    package var path: String
    package var live: JSON?
    package var desired: JSON?
    /// Who set the live value last; `nil` where nobody is known.
    package var manager: String?
    /// RFC 3339.
    package var time: String?
    /// Whether it may be the server's own doing, which a dry run would tell.
    package var isDoubtful = false
}

/// What applying a manifest to a live object would do.
package struct FieldChanges: Sendable {
    package var changes: [FieldChange] = []
    /// Whether the values are right, but the manager does not own all of them, or owns more.
    package var isOwnershipOnly = false
    package var isNone: Bool { changes.isEmpty && !isOwnershipOnly }

    /// - Parameter schema: With it the answer is the server's own; without, a close guess from managedFields.
    package init(of desired: DesiredObject, on live: KubeObject, schema: Schema?) {
        let manifest = desired.manifest(over: live)
        let ownership = FieldOwnership(live)
        // Cheap, and never blind to what an apply of Varde's would set right.
        let guess = FieldComparison.differences(
            desired: manifest,
            live: live,
            owned: ownership.applied(by: Planner.manager)
        )
        if guess.isEmpty { return }
        // In another version fields may have other names, and only the server knows them.
        let isOtherVersion = live.gvk != manifest.gvk
        // What does not fit the schema is the server's to refuse.
        if let schema, !isOtherVersion,
            let preview = try? ApplyPreview(of: manifest, on: live, manager: Planner.manager, schema: schema)
        {
            isOwnershipOnly = preview.change == .ownership
            changes = preview.differences.map { difference in
                let isOurs = difference.owner.map { $0.manager == Planner.manager } ?? true
                return FieldChange(
                    path: difference.path,
                    live: difference.live,
                    desired: difference.desired,
                    manager: difference.owner?.manager,
                    time: difference.owner?.time,
                    isDoubtful: difference.certainty == .mayBeDefaults || isOurs
                )
            }
            return
        }
        changes = guess.map { difference in
            let owner = ownership.owner(of: difference.fields, besides: Planner.manager)
            return FieldChange(
                path: difference.path,
                live: difference.live,
                desired: difference.desired,
                manager: owner?.manager,
                time: owner?.time,
                isDoubtful: owner == nil || isOtherVersion
            )
        }
    }

    /// For example `spec.replicas is 5 (set by kubectl), not 2`; never the values of Secrets.
    package func reason(_ live: KubeObject) -> String {
        guard let first = changes.first else {
            return isOwnershipOnly ? "its fields are not Varde's yet" : "differs"
        }
        var text = first.path
        if Secrecy.isSecret(live), first.path.hasPrefix("data") {
            text += " differs"
        } else {
            switch (Self.short(first.live), Self.short(first.desired)) {
            case (let live?, let desired?): text += " is \(live), not \(desired)"
            case (nil, let desired?) where first.live == nil: text += " is not set to \(desired)"
            case (_, nil) where first.desired == nil: text += " is to be removed"
            default: text += " differs"
            }
        }
        if let manager = first.manager, !manager.isEmpty, manager != Planner.manager {
            text += " (set by \(manager))"
        }
        if changes.count > 1 { text += ", and more" }
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
