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
            return try await write(request, definition, subresource, context) { [registry] body, context in
                try await registry.create(
                    definition,
                    namespace: name.namespace,
                    name: name.name.isEmpty ? nil : name.name,
                    subresource: subresource,
                    body: body,
                    context
                )
            }
        case "update":
            let context = try WriteOptions.context(request, user, kind: "UpdateOptions")
            return try await write(request, definition, subresource, context) { [registry] body, context in
                try await registry.replace(definition, name, subresource: subresource, body: body, context)
            }
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

    /// Writes an object that a body holds, complaining about the body's fields in its order.
    private func write(
        _ request: ServerRequest,
        _ definition: ResourceDefinition,
        _ subresource: String?,
        _ context: WriteContext,
        _ verb: (JSON, WriteContext) async throws -> VerbResult
    ) async throws -> VerbResult {
        let body = RequestBody(request)
        let object = try body.object(for: definition, subresource: subresource)
        guard context.fieldValidation != .ignore, let complaints = FieldComplaints(body, definition) else {
            return try await verb(object, context)
        }
        var check = context
        check.isDryRun = true
        return try await complaints.complete(context.fieldValidation) {
            try await verb(object, check)
        } write: {
            try await verb(object, context)
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
            complaints: context.fieldValidation == .ignore ? [] : body.patchComplaints(type, patch),
            context
        )
    }
}
