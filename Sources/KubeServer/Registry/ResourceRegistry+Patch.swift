package import KubeModel

extension ResourceRegistry {
    package enum PatchType: Sendable { case json, merge, strategic, apply }

    /// - Parameter complaints: What is wrong with the fields of the patch itself, such as two of one name.
    package func patch(
        _ definition: ResourceDefinition,
        _ name: ObjectName,
        subresource: String?,
        type: PatchType,
        patch: JSON,
        complaints: [String] = [],
        _ context: WriteContext
    ) async throws -> VerbResult {
        let resource = try required(definition)
        if type == .strategic, resource.custom != nil {
            throw StatusError(
                code: 415,
                reason: "UnsupportedMediaType",
                message: "the body of the request was in an unknown format - accepted media types include: "
                    + "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"
            )
        }
        if subresource == "scale" { return try await patchScale(resource, name, type, patch, context) }
        if type == .apply {
            return try await apply(resource, name, subresource, patch, complaints, context)
        }
        return try await change(resource, name, subresource, context) { live in
            let patched = try PatchEngines.patched(live.json, with: patch, type, resource.schema)
            let (object, warnings) = try decode(patched, resource, type, patch, complaints, context)
            try checkName(object, name)
            var settled = object
            try settleNamespace(&settled, resource, name.namespace)
            var update = ObjectUpdate(object: settled, warnings: warnings)
            update.expectedVersion = try Self.expectedVersion(object, live)
            return update
        }
    }

    /// The version that a patch itself speaks of, if it is not the live one.
    static func expectedVersion(_ object: KubeObject, _ live: KubeObject) throws -> UInt64? {
        let given = object.resourceVersion
        guard !given.isEmpty, given != "0", given != live.resourceVersion else { return nil }
        guard let version = UInt64(given) else {
            throw StatusError.plain("strconv.ParseUint: parsing \(given.goQuoted): invalid syntax")
        }
        return version
    }

    /// The result of a patch as an object of the kind; one that is none is the patch's fault.
    private func decode(
        _ patched: JSON,
        _ resource: ServedResource,
        _ type: PatchType,
        _ patch: JSON,
        _ complaints: [String],
        _ context: WriteContext
    ) throws -> (KubeObject, [String]) {
        func refusal(_ message: String) -> StatusError {
            let shown = PatchEngines.shown(patched, type, patch)
            return .invalidObject(
                group: "",
                kind: "",
                name: "",
                [.invalid(FieldPath("patch"), .string(shown), message)]
            )
        }
        let decoded: BodyDecoding.Decoded
        do {
            decoded = try BodyDecoding(resource: resource).read(patched)
        } catch let error as WireError {
            // A strategic patch is not read from JSON, and fails in other words.
            let isListFromMap =
                type == .strategic && error.message.contains("unmarshal object into")
                && error.message.contains("of type []")
            throw refusal(isListFromMap ? "cannot restore slice from map" : error.message)
        } catch let wrong as BodyDecoding.WrongVersion {
            throw wrong.error
        } catch let error as StatusError where error.code == 400 && resource.custom == nil {
            throw refusal(error.message)
        }
        let unknown = complaints + decoded.unknownFields.map { "unknown field \($0.goQuoted)" }
        switch context.fieldValidation {
        case .strict where !unknown.isEmpty:
            throw refusal("strict decoding error: " + unknown.joined(separator: ", "))
        case .strict, .ignore: return (decoded.object, [])
        case .warn: return (decoded.object, unknown)
        }
    }

    // MARK: Apply

    private func apply(
        _ resource: ServedResource,
        _ name: ObjectName,
        _ subresource: String?,
        _ patch: JSON,
        _ complaints: [String],
        _ context: WriteContext
    ) async throws -> VerbResult {
        // What does not count for the object is only said after all else was right.
        func complained(_ result: VerbResult) -> VerbResult {
            guard let text = complaints.first, context.fieldValidation != .ignore else { return result }
            var result = result
            result.warnings += text.split(separator: "\n").dropFirst().map { String($0).trimmed }
            return result
        }
        if context.fieldValidation == .strict, let text = complaints.first, !context.isDryRun {
            var check = context
            check.isDryRun = true
            _ = try await apply(resource, name, subresource, patch, [], check)
            throw StatusError.badRequest("error strict decoding YAML: error converting YAML to JSON: \(text)")
        }
        let config = try applied(patch, resource, name)
        let engine = subresource == "status" ? resource.statusOwnership : resource.ownership
        let conflicts: ServerSideApply.ConflictMode = context.isForced ? .force : .refuse
        while true {
            guard store.get(resource.key(name)) != nil else {
                guard subresource == nil else { throw StatusError.notFound(resource.gvr, name.name) }
                do {
                    let result = try await applyNew(
                        config,
                        name.namespace,
                        resource,
                        engine,
                        conflicts,
                        context
                    )
                    return complained(result)
                } catch let error as StatusError where error.isAlreadyExists && !context.isDryRun {
                    // Somebody else was first: apply to what is there now.
                    continue
                }
            }
            do {
                let result = try await change(resource, name, subresource, context) { live in
                    let outcome = try Self.outcome { () throws(ApplyError) in
                        try engine.apply(
                            config,
                            to: live,
                            manager: context.fieldManager,
                            conflicts: conflicts,
                            time: WireTime.now().text()
                        )
                    }
                    if !config.uid.isEmpty, config.uid != live.uid {
                        throw StatusError.conflict(
                            resource.gvr,
                            name.name,
                            "Precondition failed: UID in precondition: \(config.uid), UID in object meta: \(live.uid)"
                        )
                    }
                    var update = ObjectUpdate(object: live, isTracked: true)
                    update.expectedVersion = try Self.expectedVersion(config, live)
                    if case .none = outcome.change { return update }
                    update.object = try read(outcome.object, resource)
                    return update
                }
                return complained(result)
            } catch let error as StatusError where error.isNotFound {
                if store.get(resource.key(name)) == nil, subresource == nil { continue }
                throw error
            }
        }
    }

    private func applyNew(
        _ config: KubeObject,
        _ namespace: String,
        _ resource: ServedResource,
        _ engine: ServerSideApply,
        _ conflicts: ServerSideApply.ConflictMode,
        _ context: WriteContext
    ) async throws -> VerbResult {
        if !config.uid.isEmpty {
            throw StatusError.conflict(
                resource.gvr,
                config.name,
                "uid mismatch: the provided object specified uid \(config.uid), and no existing object was found"
            )
        }
        let outcome = try Self.outcome { () throws(ApplyError) in
            try engine.apply(
                config,
                to: nil,
                manager: context.fieldManager,
                conflicts: conflicts,
                time: WireTime.now().text()
            )
        }
        var object = try read(outcome.object, resource)
        try settleNamespace(&object, resource, namespace)
        object.json.set(nil, at: ["metadata", "resourceVersion"])
        return try await insert(object, resource, context, []) { object, _ in object }
    }

    /// The configuration: of the right kind, with the name of the path, in its namespace.
    private func applied(_ patch: JSON, _ resource: ServedResource, _ name: ObjectName) throws -> KubeObject {
        let config = KubeObject(patch)
        let given = config.gvk
        guard given == resource.definition.gvk else {
            throw StatusError.badRequest(
                "invalid object type: \(given.group)/\(given.version), Kind=\(given.kind)"
            )
        }
        try checkName(config, name)
        // The configuration stays as it was sent; only what is made of it gets the namespace of the path.
        var settled = config
        try settleNamespace(&settled, resource, name.namespace)
        return config
    }

    private func read(_ object: KubeObject, _ resource: ServedResource) throws -> KubeObject {
        do {
            return try BodyDecoding(resource: resource).read(object.json).object
        } catch let error as WireError {
            throw StatusError.plain(error.message)
        }
    }

    static func outcome(
        _ apply: () throws(ApplyError) -> ServerSideApply.Outcome
    ) throws -> ServerSideApply.Outcome {
        do throws(ApplyError) {
            return try apply()
        } catch {
            throw error.status
        }
    }
}
