import KubeModel

/// Nothing is made in a namespace that is not there or on its way out; some namespaces stay.
struct NamespaceLifecycle: Sendable {
    let store: ClusterStore

    private static let namespaces = GroupVersionResource(version: "v1", resource: "namespaces")
    private static let protected: Set<String> = ["default", "kube-system", "kube-public"]

    func admit(_ request: AdmissionRequest) throws {
        let name = request.name.namespace
        guard request.resource.definition.isNamespaced, !name.isEmpty else { return }
        let key = ClusterStore.Key(resource: "namespaces", name: ObjectName(name: name))
        guard let namespace = store.get(key) else { throw StatusError.notFound(Self.namespaces, name) }
        guard namespace.at("status", "phase") == "Terminating" || namespace.isBeingDeleted else { return }
        throw request.forbidden(
            "unable to create new content in namespace \(name) because it is being terminated",
            causes: [
                [
                    "reason": "NamespaceTerminating",
                    "message": .string("namespace \(name) is being terminated"),
                    "field": "metadata.namespace",
                ]
            ]
        )
    }

    func admitDeletion(_ request: AdmissionRequest) throws {
        guard request.storageKey == "namespaces", Self.protected.contains(request.name.name) else { return }
        throw request.forbidden("this namespace may not be deleted")
    }
}
