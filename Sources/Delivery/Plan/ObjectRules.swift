package import KubeModel

/// What an object's annotations ask for: Varde's own, and those that repositories already carry for other tools.
package struct ObjectRules: Sendable, Hashable {
    package enum Removal: Sendable, Hashable {
        case allowed
        /// Kept always; says which annotation asks for it.
        case kept(String)
        /// Held until a person approves.
        case confirmed(String)
    }

    package enum Writing: Sendable, Hashable {
        case always
        /// Made if it is missing, never changed.
        case onlyCreate
        /// Not applied at all; says which annotation asks for it.
        case never(String)
    }

    package enum Hook: String, Sendable, Hashable {
        case preSync, sync, postSync, syncFail, skip
    }

    package var wave = 0
    package var removal = Removal.allowed
    package var writing = Writing.always
    package var hook: Hook?
    /// Take fields that other managers own.
    package var takesOwnership = false
    package var countsForHealth = true

    package var phase: SyncPhase {
        switch hook {
        case .preSync: .preSync
        case .postSync: .postSync
        case .sync, .syncFail, .skip, nil: .sync
        }
    }

    package init() {}

    package init(_ object: KubeObject) {
        guard let annotations = object.at("metadata", "annotations")?.object, !annotations.isEmpty else {
            return
        }
        func text(_ key: String) -> String? { annotations[key]?.string }

        for key in ["varde.dev/wave", "argocd.argoproj.io/sync-wave", "helm.sh/hook-weight"] {
            guard let number = text(key).flatMap(Int.init) else { continue }
            wave = number
            break
        }
        takesOwnership = text("varde.dev/force") == "true"
        countsForHealth = text("argocd.argoproj.io/ignore-healthcheck") != "true"
        hook = Self.hook(text("argocd.argoproj.io/hook"), helm: text("helm.sh/hook"))
        removal = Self.removal(text)
        writing = Self.writing(text)
    }

    private static func removal(_ text: (String) -> String?) -> Removal {
        let keeping = [
            ("helm.sh/resource-policy", "keep"), ("kustomize.toolkit.fluxcd.io/prune", "disabled"),
            ("client.lifecycle.config.k8s.io/deletion", "detach"),
            ("cli-utils.sigs.k8s.io/on-remove", "keep"),
            ("configmanagement.gke.io/managed", "disabled"),
        ]
        for (key, value) in keeping where text(key) == value { return .kept("\(key): \(value)") }
        let options = Self.options(text("argocd.argoproj.io/sync-options"))
        for option in ["Prune=false", "Delete=false"] where options.contains(option) {
            return .kept("argocd.argoproj.io/sync-options: \(option)")
        }
        for option in ["Prune=confirm", "Delete=confirm"] where options.contains(option) {
            return .confirmed("argocd.argoproj.io/sync-options: \(option)")
        }
        return .allowed
    }

    private static func writing(_ text: (String) -> String?) -> Writing {
        if text("config.kubernetes.io/local-config") == "true" {
            return .never("config.kubernetes.io/local-config")
        }
        if text("configmanagement.gke.io/managed") == "disabled" {
            return .never("configmanagement.gke.io/managed")
        }
        switch text("kustomize.toolkit.fluxcd.io/ssa") {
        case "IfNotPresent": return .onlyCreate
        case "Ignore": return .never("kustomize.toolkit.fluxcd.io/ssa: Ignore")
        default: break
        }
        return text("client.lifecycle.config.k8s.io/mutation") == "ignore" ? .onlyCreate : .always
    }

    private static func hook(_ argo: String?, helm: String?) -> Hook? {
        let names = (argo ?? helm ?? "").split(separator: ",").map { $0.trimmingSpaces() }
        for name in names {
            switch name {
            case "PreSync", "pre-install", "pre-upgrade": return .preSync
            case "Sync": return .sync
            case "PostSync", "post-install", "post-upgrade": return .postSync
            case "SyncFail": return .syncFail
            case "Skip", "test", "test-success", "pre-delete", "post-delete", "pre-rollback", "post-rollback",
                "PreDelete",
                "PostDelete":
                return .skip
            default: continue
            }
        }
        return nil
    }

    private static func options(_ text: String?) -> Set<String> {
        Set((text ?? "").split(separator: ",").map { $0.trimmingSpaces() })
    }
}

extension Substring {
    fileprivate func trimmingSpaces() -> String {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
