package import KubeModel

/// A field that another manager owns and that an apply would change.
package struct FieldConflict: Sendable, Hashable {
    package var manager: String
    package var field: String

    package init(manager: String, field: String) {
        self.manager = manager
        self.field = field
    }

    /// The conflicts that a server-side apply was refused for; empty for other conflicts.
    package static func all(in error: StatusError) -> [FieldConflict] {
        (error.details?["causes"]?.array ?? []).compactMap { cause in
            guard cause["reason"]?.string == "FieldManagerConflict", let message = cause["message"]?.string
            else {
                return nil
            }
            // conflict with "kubectl-client-side-apply" using apps/v1
            let parts = message.split(separator: "\"", omittingEmptySubsequences: false)
            let manager = parts.count > 1 ? String(parts[1]) : message
            var field = cause["field"]?.string ?? ""
            if field.hasPrefix(".") { field.removeFirst() }
            return FieldConflict(manager: manager, field: field)
        }
    }

    /// Whether the manager is a person's tool or a deployer that Varde follows, not a controller that will write again.
    package var isAdoptable: Bool {
        manager.hasPrefix("kubectl") || Self.deployers.contains(manager)
    }

    private static let deployers: Set<String> = [
        "before-first-apply", "argocd-controller", "argocd-application-controller", "argocd",
        "kustomize-controller",
        "helm-controller", "flux-client-side-apply", "flux", "helm", "Helm", "configsync.gke.io",
        "configsync",
        "OpenAPI-Generator", "Terraform", "HashiCorp", "kapp-controller", "k9s", "Mozilla", "curl", "unknown",
        consoleManager,
    ]

    /// As whom a person's actions in the console write.
    package static let consoleManager = "varde-console"

    package func sentence(besides others: Int) -> String {
        let more = others > 0 ? " and \(others) more \(others == 1 ? "field" : "fields")" : ""
        return
            "\(field)\(more) is set by \"\(manager)\", too; remove it from the manifest, leave it to others with "
            + "ignoreDifferences, or let Varde take it with the annotation varde.dev/force: \"true\"."
    }
}
