package import KubeModel

/// Takes over what another deployer applied before: its fields become Varde's, so that those which the commit does not have
/// go away with the next apply, and nothing else changes.
package enum OwnershipMigration {
    /// Tools that applied whole manifests; what people edited by hand stays theirs.
    private static let deployers: Set<String> = [
        "kubectl-client-side-apply", "kubectl-last-applied", "argocd-controller",
        "argocd-application-controller", "argocd",
        "kustomize-controller", "helm-controller", "flux", "flux-client-side-apply", "helm", "Helm",
        "configsync.gke.io",
        "configsync", "before-first-apply",
    ]

    /// The managedFields with the deployers' entries merged into the manager's own; `nil` when there are none.
    package static func managedFields(of object: KubeObject, for manager: String) -> JSON? {
        guard let entries = object.at("metadata", "managedFields")?.array, entries.contains(where: isDeployer)
        else {
            return nil
        }
        guard var own = entries.first(where: { isOwn($0, manager) }) else { return nil }
        var others: [JSON] = []
        for entry in entries where !isOwn(entry, manager) {
            if isDeployer(entry) {
                own["fieldsV1"] = union(own["fieldsV1"] ?? [:], entry["fieldsV1"] ?? [:])
            } else {
                others.append(entry)
            }
        }
        return .array([own] + others)
    }

    private static func isDeployer(_ entry: JSON) -> Bool {
        guard (entry["subresource"]?.string ?? "").isEmpty, let manager = entry["manager"]?.string else {
            return false
        }
        // `kubectl apply --server-side`; what kubectl updates is edited by hand.
        return deployers.contains(manager) || (manager == "kubectl" && entry["operation"]?.string == "Apply")
    }

    private static func isOwn(_ entry: JSON, _ manager: String) -> Bool {
        (entry["subresource"]?.string ?? "").isEmpty && entry["manager"]?.string == manager
            && entry["operation"]?.string == "Apply"
    }

    private static func union(_ left: JSON, _ right: JSON) -> JSON {
        guard var members = left.object, let others = right.object else { return left }
        for (key, value) in others { members[key] = members[key].map { union($0, value) } ?? value }
        return .object(members)
    }
}
