package import KubeModel

/// One served resource in one version: what discovery, storage, schemas and strategies know of it.
package struct ResourceDefinition: Hashable, Sendable {
    package var gvr: GroupVersionResource
    package var kind: String
    package var singular: String
    package var isNamespaced: Bool
    package var verbs: Set<String>
    package var shortNames: [String]
    package var categories: [String]
    /// Served subresources: `status`, `scale`, `log`, `eviction` ….
    package var subresources: Set<String>
    /// Whether it comes from a CustomResourceDefinition.
    package var isCustom: Bool
    /// The store's key: group-resource, the same for all versions.
    package var storageKey: String

    package init(
        gvr: GroupVersionResource,
        kind: String,
        singular: String,
        isNamespaced: Bool,
        verbs: Set<String>,
        shortNames: [String],
        categories: [String],
        subresources: Set<String>,
        isCustom: Bool
    ) {
        self.gvr = gvr
        self.kind = kind
        self.singular = singular
        self.isNamespaced = isNamespaced
        self.verbs = verbs
        self.shortNames = shortNames
        self.categories = categories
        self.subresources = subresources
        self.isCustom = isCustom
        storageKey = gvr.groupResource
    }

    package var gvk: GroupVersionKind { GroupVersionKind(group: gvr.group, version: gvr.version, kind: kind) }
}
