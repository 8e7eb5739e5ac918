package import KubeModel

/// What keeps a namespace that is being deleted.
package enum NamespaceRemains {
    /// By how much they explain: what keeps the cluster from looking inside comes before what is still inside.
    private static let conditions = [
        "NamespaceDeletionDiscoveryFailure", "NamespaceDeletionGroupVersionParsingFailure",
        "NamespaceDeletionContentFailure", "NamespaceFinalizersRemaining", "NamespaceContentRemaining",
    ]

    /// In the cluster's own words; `nil` where it says nothing.
    package static func sentence(of namespace: KubeObject) -> String? {
        guard namespace.isBeingDeleted else { return nil }
        let reason = conditions.lazy.compactMap { namespace.condition($0) }.first { $0.status == "True" }
        guard let message = reason?.message, !message.isEmpty else { return nil }
        return message
    }
}
