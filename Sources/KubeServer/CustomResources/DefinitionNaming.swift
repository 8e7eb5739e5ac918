import KubeModel

/// Decides whether a definition's names are free, and whether it is served: its conditions.
enum DefinitionNaming {
    /// The definition with its conditions and accepted names; `nil` when they are right already.
    ///
    /// - Parameter others: All definitions of the cluster.
    static func settled(_ definition: KubeObject, among others: [KubeObject], now: String) -> KubeObject? {
        guard !definition.isBeingDeleted else { return nil }
        let requested = definition.at("spec", "names") ?? [:]
        let accepted = definition.at("status", "acceptedNames") ?? [:]
        var taken = Taken()
        for other in others
        where other.name != definition.name && other.at("spec", "group") == definition.at("spec", "group") {
            taken.add(other.at("status", "acceptedNames") ?? [:])
        }
        var names: JSON = ["kind": "", "plural": ""]
        var conflict: (reason: String, message: String)?
        for (key, reason) in [("plural", "PluralConflict"), ("singular", "SingularConflict")] {
            guard let name = requested[key]?.string, !name.isEmpty else { continue }
            if taken.resources.contains(name) {
                conflict = (reason, "\"\(name)\" is already in use")
                names[key] = accepted[key] ?? names[key]
            } else {
                names[key] = .string(name)
            }
        }
        let shortNames = requested.elements(of: "shortNames").compactMap(\.string)
        let held = Set(accepted.elements(of: "shortNames").compactMap(\.string))
        let used = shortNames.filter { !held.contains($0) && taken.resources.contains($0) }
        if used.isEmpty {
            if !shortNames.isEmpty { names["shortNames"] = requested["shortNames"] }
        } else {
            let list = used.map { "\"\($0)\" is already in use" }
            conflict = (
                "ShortNamesConflict", list.count == 1 ? list[0] : "[" + list.joined(separator: ", ") + "]"
            )
            names["shortNames"] = accepted["shortNames"]
        }
        for (key, reason) in [("kind", "KindConflict"), ("listKind", "ListKindConflict")] {
            guard let name = requested[key]?.string, !name.isEmpty else { continue }
            if taken.kinds.contains(name) {
                conflict = (reason, "\"\(name)\" is already in use")
                names[key] = accepted[key] ?? names[key]
            } else {
                names[key] = .string(name)
            }
        }
        if let categories = requested["categories"] { names["categories"] = categories }
        return apply(names, conflict, to: definition, now: now)
    }

    private struct Taken {
        var resources: Set<String> = []
        var kinds: Set<String> = []

        mutating func add(_ names: JSON) {
            for key in ["plural", "singular"] {
                if let name = names[key]?.string, !name.isEmpty { resources.insert(name) }
            }
            resources.formUnion(names.elements(of: "shortNames").compactMap(\.string))
            for key in ["kind", "listKind"] {
                if let name = names[key]?.string, !name.isEmpty { kinds.insert(name) }
            }
        }
    }

    private static func apply(
        _ names: JSON,
        _ conflict: (reason: String, message: String)?,
        to definition: KubeObject,
        now: String
    ) -> KubeObject? {
        var result = definition
        result.set(names, at: "status", "acceptedNames")
        var conditions = DefinitionConditions(definition)
        func set(_ type: String, _ isTrue: Bool, _ reason: String, _ message: String) {
            conditions.set(type, isTrue, reason, message, now: now)
        }
        if let conflict {
            set("NamesAccepted", false, conflict.reason, conflict.message)
            if definition.condition("Established")?.isTrue != true {
                set("Established", false, "NotAccepted", "not all names are accepted")
            }
        } else {
            set("NamesAccepted", true, "NoConflicts", "no conflicts found")
            set("Established", true, "InitialNamesAccepted", "the initial names have been accepted")
        }
        approve(definition, &conditions, now)
        result.set(conditions.json, at: "status", "conditions")
        return result == definition ? nil : result
    }

    /// Says of an API below `k8s.io` whether it was approved.
    private static func approve(
        _ definition: KubeObject,
        _ conditions: inout DefinitionConditions,
        _ now: String
    ) {
        let type = "KubernetesAPIApprovalPolicyConformant"
        guard DefinitionValidation.isProtected(definition.at("spec", "group")?.string ?? "") else {
            return conditions.remove(type)
        }
        let annotation = definition.annotation(DefinitionValidation.approvalAnnotation) ?? ""
        let state = DefinitionValidation.Approval(annotation)
        let reason =
            switch state {
            case .approved: "ApprovedAnnotation"
            case .bypassed: "UnapprovedAnnotation"
            case .missing: "MissingAnnotation"
            case .invalid: "InvalidAnnotation"
            }
        conditions.set(type, state == .approved, reason, state.detail(annotation), now: now)
    }
}
