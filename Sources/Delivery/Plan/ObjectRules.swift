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
        /// What the manifest sets is forced, and what others added beside it is left to them, whoever they are.
        case merge
        /// Made if it is missing, never changed.
        case onlyCreate
        /// Not applied at all; says which annotation asks for it.
        case never(String)
    }

    /// How an object is written, besides being applied.
    package enum Option: String, Sendable, Hashable, CaseIterable {
        /// The live object is replaced as a whole.
        case replace = "Replace=true"
        /// Deleted and made again where it cannot be changed.
        case force = "Force=true"
        /// Deleted only when everything else of the commit is healthy.
        case pruneLast = "PruneLast=true"
        /// Fields that the cluster does not know are left out.
        case noValidation = "Validate=false"
        /// Waits for a missing kind without a word of warning.
        case skipMissing = "SkipDryRunOnMissingResource=true"
    }

    package enum Hook: String, Sendable, Hashable {
        case preSync, sync, postSync, syncFail, skip
    }

    package enum HookDeletion: String, Sendable, Hashable {
        case beforeCreation = "BeforeHookCreation"
        case succeeded = "HookSucceeded"
        case failed = "HookFailed"
    }

    package var wave = 0
    package var removal = Removal.allowed
    package var writing = Writing.always
    package var options: Set<Option> = []
    package var hook: Hook?
    /// All phases that a hook names, in their order.
    package var hooks: [Hook] = []
    package var hookDeletion: Set<HookDeletion> = [.beforeCreation]
    /// Take fields that other managers own.
    package var takesOwnership = false
    package var countsForHealth = true
    /// Whether the object does not count as a difference when no commit has it.
    package var ignoresExtraneous = false
    /// Objects that must be there and healthy first.
    package var dependencies: [ObjectReference] = []
    /// What is meant to name such an object, and cannot.
    var malformedDependency: String?

    package var phase: SyncPhase {
        switch hook {
        case .preSync: .preSync
        case .postSync: .postSync
        case .syncFail: .syncFail
        case .sync, .skip, nil: .sync
        }
    }

    package init() {}

    /// - Parameter defaults: Sync options that hold for all objects of the application.
    package init(_ object: KubeObject, defaults: [String] = []) {
        let annotations = object.at("metadata", "annotations")?.object ?? [:]
        let fluxLabel = object.label(Self.fluxPrune)
        guard !annotations.isEmpty || !defaults.isEmpty || fluxLabel != nil else { return }
        func text(_ key: String) -> String? { annotations[key]?.string }

        for key in ["varde.dev/wave", "argocd.argoproj.io/sync-wave", "helm.sh/hook-weight"] {
            guard let number = text(key).flatMap(Self.number) else { continue }
            wave = number
            break
        }
        takesOwnership = text("varde.dev/force") == "true"
        countsForHealth = text("argocd.argoproj.io/ignore-healthcheck") != "true"
        ignoresExtraneous = Self.list(text("argocd.argoproj.io/compare-options")).contains("IgnoreExtraneous")
        hooks = Self.hooks(text("argocd.argoproj.io/hook"), helm: text("helm.sh/hook"))
        hook = hooks.first
        hookDeletion = Self.hookDeletion(text)
        let syncOptions = Self.list(text("argocd.argoproj.io/sync-options")).union(defaults)
        options = Set(Option.allCases.filter { syncOptions.contains($0.rawValue) })
        removal = Self.removal(text, syncOptions)
        // Flux takes a label for it, too.
        if case .allowed = removal, fluxLabel?.lowercased() == "disabled" {
            removal = .kept("\(Self.fluxPrune): disabled")
        }
        writing = Self.writing(text)
        if case .merge = writing { takesOwnership = true }
        dependencies = Dependency.all(in: text(Dependency.annotation))
        malformedDependency = Dependency.malformed(in: text(Dependency.annotation))
    }

    private static let fluxPrune = "kustomize.toolkit.fluxcd.io/prune"

    /// `-5`, `+5`, `5`.
    private static func number(_ text: String) -> Int? {
        let text = text.trimmingPrefix { $0 == " " }
        return Int(text.last == " " ? text.prefix { $0 != " " } : text)
    }

    private static func removal(_ text: (String) -> String?, _ options: Set<String>) -> Removal {
        // As the tools themselves read them: helm and Flux in any case, helm with spaces around.
        let keeping = [
            ("helm.sh/resource-policy", "keep"), (fluxPrune, "disabled"),
            ("client.lifecycle.config.k8s.io/deletion", "detach"),
            ("cli-utils.sigs.k8s.io/on-remove", "keep"),
            ("configmanagement.gke.io/managed", "disabled"),
        ]
        for (key, value) in keeping where text(key)?[...].trimmingSpaces().lowercased() == value {
            return .kept("\(key): \(value)")
        }
        for option in ["Prune=false", "Delete=false"] where options.contains(option) {
            return .kept("argocd.argoproj.io/sync-options: \(option)")
        }
        for option in ["Prune=confirm", "Delete=confirm"] where options.contains(option) {
            return .confirmed("argocd.argoproj.io/sync-options: \(option)")
        }
        return .allowed
    }

    private static func writing(_ text: (String) -> String?) -> Writing {
        if text("config.kubernetes.io/local-config").map({ $0 != "false" }) ?? false {
            return .never("config.kubernetes.io/local-config")
        }
        if text("configmanagement.gke.io/managed") == "disabled" {
            return .never("configmanagement.gke.io/managed: disabled")
        }
        switch text("kustomize.toolkit.fluxcd.io/ssa")?.lowercased() {
        case "ifnotpresent": return .onlyCreate
        case "ignore": return .never("kustomize.toolkit.fluxcd.io/ssa: Ignore")
        case "merge": return .merge
        default: break
        }
        return text("client.lifecycle.config.k8s.io/mutation") == "ignore" ? .onlyCreate : .always
    }

    private static func hooks(_ argo: String?, helm: String?) -> [Hook] {
        let names = (argo ?? helm ?? "").split(separator: ",").map { $0.trimmingSpaces() }
        let named = Set(names.compactMap(hook))
        // Of phases that do not concern a sync, and others that do, the others count.
        let order: [Hook] = [.preSync, .sync, .postSync, .syncFail]
        let phases = order.filter(named.contains)
        return phases.isEmpty && named.contains(.skip) ? [.skip] : phases
    }

    private static func hook(_ name: String) -> Hook? {
        switch name {
        case "PreSync", "pre-install", "pre-upgrade": .preSync
        case "Sync": .sync
        case "PostSync", "post-install", "post-upgrade": .postSync
        case "SyncFail": .syncFail
        case "Skip", "test", "test-success", "test-failure", "pre-delete", "post-delete", "pre-rollback",
            "post-rollback", "PreDelete", "PostDelete":
            .skip
        default: nil
        }
    }

    private static func hookDeletion(_ text: (String) -> String?) -> Set<HookDeletion> {
        var found: Set<HookDeletion> = []
        let names = list(text("argocd.argoproj.io/hook-delete-policy"))
            .union(list(text("helm.sh/hook-delete-policy")))
        for name in names {
            switch name {
            case "BeforeHookCreation", "before-hook-creation": found.insert(.beforeCreation)
            case "HookSucceeded", "hook-succeeded": found.insert(.succeeded)
            case "HookFailed", "hook-failed": found.insert(.failed)
            default: continue
            }
        }
        return found.isEmpty ? [.beforeCreation] : found
    }

    /// The pages that annotations name: `link.argocd.argoproj.io/graphs: https://…` or `Graphs | https://…`.
    package static func pages(of object: KubeObject) -> [PageLink] {
        (object.at("metadata", "annotations")?.object ?? [:]).compactMap { key, value in
            guard let prefix = pagePrefixes.first(where: key.hasPrefix), let text = value.string else {
                return nil
            }
            let parts = text.split(separator: "|", maxSplits: 1).map { $0.trimmingSpaces() }
            guard let url = parts.last, url.hasPrefix("https://") || url.hasPrefix("http://") else {
                return nil
            }
            let title = parts.count == 2 ? parts[0] : String(key.dropFirst(prefix.count))
            return PageLink(title: title, url: url)
        }
    }

    private static let pagePrefixes = ["link.argocd.argoproj.io/", "varde.dev/link."]

    /// Whether an annotation names a page.
    static func namesPage(_ annotation: String) -> Bool { pagePrefixes.contains(where: annotation.hasPrefix) }

    private static func list(_ text: String?) -> Set<String> {
        Set((text ?? "").split(separator: ",").map { $0.trimmingSpaces() })
    }
}

extension Substring {
    func trimmingSpaces() -> String {
        var text = self
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
