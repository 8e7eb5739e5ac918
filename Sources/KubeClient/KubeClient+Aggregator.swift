import KubeModel

extension KubeClient {
    /// Whether the part of the API server that serves a group may know no field managers.
    ///
    /// That is so for APIServices up to Kubernetes 1.20: an apply of one ends its connection (kubernetes/kubernetes#89264).
    package static func mayLackFieldManagers(group: String) -> Bool { group == "apiregistration.k8s.io" }

    /// What ``apply(_:_:force:dryRun:subresource:)`` does there: makes the object, or merges the manifest into it.
    ///
    /// Nobody owns fields on such a server, so nothing is taken from others, and what a manifest no longer sets stays.
    func applyWithoutFieldManagers(
        _ resource: APIResource,
        _ object: KubeObject,
        dryRun: Bool
    ) async throws -> KubeObject {
        var query = [(name: "fieldManager", value: fieldManager)]
        if dryRun { query.append((name: "dryRun", value: "All")) }
        let isThere = try await find(resource, object.objectName) != nil
        let request = APIRequest(
            isThere ? .patch : .post,
            isThere ? resource.path(object.objectName) : resource.path(inNamespace: nil),
            query: query,
            body: .json(object.json),
            contentType: isThere ? "application/merge-patch+json" : "application/json"
        )
        return KubeObject(try await send(request))
    }
}
