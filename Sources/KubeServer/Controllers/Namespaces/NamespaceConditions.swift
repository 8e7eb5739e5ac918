import KubeModel

/// What is left in a namespace that is being deleted, and the conditions that say so.
struct NamespaceRemains: Sendable, Hashable {
    /// Objects by `resource.group`, with the dot also where the group is empty, as Kubernetes writes it.
    var resources: [String: Int] = [:]
    /// Objects by finalizer.
    var finalizers: [String: Int] = [:]
    /// Failures to list or delete.
    var failures: [String] = []

    mutating func add(_ objects: [KubeObject], of resource: String) {
        guard !objects.isEmpty else { return }
        resources[resource, default: 0] += objects.count
        for finalizer in objects.flatMap(\.finalizers) { finalizers[finalizer, default: 0] += 1 }
    }

    var isEmpty: Bool { resources.isEmpty && failures.isEmpty }

    func conditions(of namespace: KubeObject, now: Timestamp) -> [JSON] {
        var list = ConditionList(namespace.status)
        func set(_ type: String, _ status: String, _ reason: String, _ message: String) {
            list.set(type, status, reason: reason, message: message, at: now)
        }
        set(
            "NamespaceDeletionDiscoveryFailure",
            "False",
            "ResourcesDiscovered",
            "All resources successfully discovered"
        )
        set(
            "NamespaceDeletionGroupVersionParsingFailure",
            "False",
            "ParsedGroupVersions",
            "All legacy kube types successfully parsed"
        )
        if failures.isEmpty {
            set(
                "NamespaceDeletionContentFailure",
                "False",
                "ContentDeleted",
                "All content successfully deleted, may be waiting on finalization"
            )
        } else {
            set(
                "NamespaceDeletionContentFailure",
                "True",
                "ContentDeletionFailed",
                "Failed to delete all resource types, \(failures.count) remaining: \(failures.sorted().joined(separator: ", "))"
            )
        }
        if resources.isEmpty {
            set("NamespaceContentRemaining", "False", "ContentRemoved", "All content successfully removed")
        } else {
            let parts = resources.sorted { $0.key < $1.key }.map {
                "\($0.key) has \($0.value) resource instances"
            }
            set(
                "NamespaceContentRemaining",
                "True",
                "SomeResourcesRemain",
                "Some resources are remaining: \(parts.joined(separator: ", "))"
            )
        }
        if finalizers.isEmpty {
            set(
                "NamespaceFinalizersRemaining",
                "False",
                "ContentHasNoFinalizers",
                "All content-preserving finalizers finished"
            )
        } else {
            let parts = finalizers.sorted { $0.key < $1.key }.map {
                "\($0.key) in \($0.value) resource instances"
            }
            set(
                "NamespaceFinalizersRemaining",
                "True",
                "SomeFinalizersRemain",
                "Some content in the namespace has finalizers remaining: \(parts.joined(separator: ", "))"
            )
        }
        return list.conditions
    }
}
