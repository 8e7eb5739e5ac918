package import KubeModel

/// Which other deployer an object was applied by before, as its marks and managedFields say.
package struct AdoptedFrom: Sendable, Hashable {
    package var deployer: String
    /// What that deployer calls the application, where the object says.
    package var application: String?

    /// `nil` when no deployer has fields of the object.
    package init?(_ object: KubeObject, manager: String) {
        guard OwnershipMigration.managedFields(of: object, for: manager) != nil else { return nil }
        let managers = FieldOwnership(object).owners.map(\.manager)
        if let id = object.annotation("argocd.argoproj.io/tracking-id") {
            deployer = "Argo CD"
            application = id.split(separator: ":").first.map(String.init)
        } else if managers.contains(where: { $0.hasPrefix("argocd") }) {
            deployer = "Argo CD"
            application = object.label("app.kubernetes.io/instance")
        } else if managers.contains("kustomize-controller") || managers.contains("helm-controller") {
            deployer = "Flux"
            application =
                object.label("kustomize.toolkit.fluxcd.io/name")
                ?? object.label("helm.toolkit.fluxcd.io/name")
        } else if managers.contains(where: { $0.hasPrefix("configsync") }) {
            deployer = "Config Sync"
        } else if managers.contains(where: { $0.lowercased() == "helm" }) {
            deployer = "Helm"
            application = object.annotation("meta.helm.sh/release-name")
        } else if managers.contains(where: { $0.hasPrefix("kubectl") }) {
            deployer = "kubectl apply"
        } else {
            deployer = "what was there before"
        }
    }

    package var sentence: String {
        "adopted from \(deployer)" + (application.map { " (\($0))" } ?? "")
    }
}
