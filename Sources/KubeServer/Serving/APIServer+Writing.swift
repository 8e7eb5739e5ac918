import KubeModel

extension APIServer {
    /// Decodes a request that writes and hands it to the registry.
    func write(
        _ request: ServerRequest,
        _ info: RequestInfo,
        _ definition: ResourceDefinition,
        _ user: UserInfo
    ) async throws -> VerbResult {
        let name = ObjectName(namespace: definition.isNamespaced ? info.namespace : "", name: info.name)
        let subresource = info.subresource.isEmpty ? nil : info.subresource
        switch info.verb {
        case "create":
            let context = try WriteOptions.context(request, user, kind: "CreateOptions")
            let body = try RequestBody(request).object(for: definition, subresource: subresource)
            return try await registry.create(
                definition,
                namespace: name.namespace,
                name: name.name.isEmpty ? nil : name.name,
                subresource: subresource,
                body: body,
                context
            )
        case "update":
            let context = try WriteOptions.context(request, user, kind: "UpdateOptions")
            let body = try RequestBody(request).object(for: definition, subresource: subresource)
            return try await registry.replace(definition, name, subresource: subresource, body: body, context)
        case "patch": return try await patch(request, info, definition, name, user)
        case "delete":
            let options = try WriteOptions.deletion(request)
            let context = try WriteOptions.context(request, user, deletion: options)
            return try await registry.delete(definition, name, options: options, context)
        case "deletecollection":
            let options = try WriteOptions.deletion(request)
            let context = try WriteOptions.context(request, user, deletion: options)
            _ = try selection(request, definition)
            return try await registry.deleteCollection(
                definition,
                namespace: definition.isNamespaced ? info.namespace : nil,
                labelSelector: request.parameter("labelSelector"),
                fieldSelector: request.parameter("fieldSelector"),
                limit: max(try ListOptions.integer(request, "limit") ?? 0, 0),
                options: options,
                context
            )
        default: throw StatusError.methodNotAllowed
        }
    }

    private func patch(
        _ request: ServerRequest,
        _ info: RequestInfo,
        _ definition: ResourceDefinition,
        _ name: ObjectName,
        _ user: UserInfo
    ) async throws -> VerbResult {
        let body = RequestBody(request)
        guard let type = body.patchType else {
            throw StatusError(
                code: 415,
                reason: "UnsupportedMediaType",
                message: "415: Unsupported Media Type",
                details: [:]
            )
        }
        let context = try WriteOptions.context(request, user, patch: type)
        if type == .apply, store.get(ClusterStore.Key(resource: definition.storageKey, name: name)) == nil {
            // Applying what is not there creates it, which takes the right to.
            var creation = info
            creation.verb = "create"
            try authorizer.require(user, creation)
        }
        let patch = try body.patch(type)
        let subresource = info.subresource.isEmpty ? nil : info.subresource
        return try await registry.patch(
            definition,
            name,
            subresource: subresource,
            type: type,
            patch: patch,
            context
        )
    }
}
