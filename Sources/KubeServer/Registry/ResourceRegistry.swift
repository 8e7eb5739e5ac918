package import KubeModel

/// One served resource in one version: what discovery, storage, schemas and strategies know of it.
package struct ResourceDefinition: Sendable {
    package var gvr: GroupVersionResource
    package var kind: String
    package var singular: String
    package var isNamespaced: Bool
    package var verbs: Set<String>
    package var shortNames: [String]
    package var categories: [String]
    /// Served subresources: `status`, `scale`, `log`, `eviction` …
    package var subresources: Set<String>
    /// Whether it comes from a CustomResourceDefinition.
    package var isCustom: Bool

    package var gvk: GroupVersionKind { GroupVersionKind(group: gvr.group, version: gvr.version, kind: kind) }
    /// The store's key: group-resource, the same for all versions.
    package var storageKey: String { gvr.groupResource }
}

/// The verbs that write, with everything that happens between a decoded request and the store: defaulting, validation,
/// admission, patching, server-side apply, generation, finalizers and graceful deletion.
///
/// The pipeline (Serving) has authenticated and authorized the request and found the ``ResourceDefinition``.
package final class ResourceRegistry: Sendable {
    let store: ClusterStore

    package init(store: ClusterStore) { self.store = store }

    /// Served resources: built-in ones from the data files, and those of established CustomResourceDefinitions.
    package func definition(of gvr: GroupVersionResource) -> ResourceDefinition? { fatalError("H3 implements") }
    package var definitions: [ResourceDefinition] { fatalError("H3 implements") }

    /// An object as stored, converted to a served version (defaults of that version applied).
    package func convert(_ object: KubeObject, to definition: ResourceDefinition) -> KubeObject { fatalError("H3 implements") }

    package func create(_ definition: ResourceDefinition, namespace: String, name: String?, subresource: String?, body: JSON, _ context: WriteContext) async throws -> VerbResult {
        fatalError("H3 implements")
    }
    package func replace(_ definition: ResourceDefinition, _ name: ObjectName, subresource: String?, body: JSON, _ context: WriteContext) async throws -> VerbResult {
        fatalError("H3 implements")
    }

    package enum PatchType: Sendable { case json, merge, strategic, apply }

    package func patch(_ definition: ResourceDefinition, _ name: ObjectName, subresource: String?, type: PatchType, patch: JSON, _ context: WriteContext) async throws -> VerbResult {
        fatalError("H3 implements")
    }
    /// - Parameter options: The `DeleteOptions` of the body or made from the query.
    package func delete(_ definition: ResourceDefinition, _ name: ObjectName, options: JSON, _ context: WriteContext) async throws -> VerbResult {
        fatalError("H3 implements")
    }
    package func deleteCollection(_ definition: ResourceDefinition, namespace: String?, labelSelector: String?, fieldSelector: String?, options: JSON, _ context: WriteContext) async throws -> VerbResult {
        fatalError("H3 implements")
    }
}
