package import KubeModel

/// A change of an object that is there: what PUT, patches and apply have in common.
struct ObjectUpdate {
    /// The changed object, decoded and with defaults; its metadata as the client left it.
    var object: KubeObject
    var warnings: [String] = []
    /// What the client knows the object's version to be; `nil` for any.
    var expectedVersion: UInt64?
    /// Whether managedFields are settled already, as after an apply.
    var isTracked = false
}

extension ResourceRegistry {
    package func replace(
        _ definition: ResourceDefinition,
        _ name: ObjectName,
        subresource: String?,
        body: JSON,
        _ context: WriteContext
    ) async throws -> VerbResult {
        let resource = try required(definition)
        if subresource == "scale" { return try await replaceScale(resource, name, body, context) }
        var object: KubeObject
        let warnings: [String]
        do {
            (object, warnings) = try BodyDecoding(resource: resource).decode(body, context)
        } catch let refusal as BodyDecoding.WrongVersion {
            return refusal.result
        }
        try checkName(object, name)
        try settleNamespace(&object, resource, name.namespace)
        let given = object.resourceVersion
        guard let version = UInt64(given.isEmpty ? "0" : given) else {
            throw StatusError.plain("strconv.ParseUint: parsing \(given.goQuoted): invalid syntax")
        }
        if version == 0, resource.strategy.update == .needsVersion, store.get(resource.key(name)) != nil {
            throw StatusError.invalidObject(
                group: resource.gvr.group,
                kind: resource.gvr.resource,
                name: name.name,
                [.invalid(FieldPath("metadata", "resourceVersion"), 0, "must be specified for an update")]
            )
        }
        if store.get(resource.key(name)) == nil, resource.strategy.creation == .alsoByPut, subresource == nil
        {
            if version != 0 { throw StatusError.conflict(resource.gvr, name.name, StatusError.modified) }
            return try await insert(object, resource, context, warnings) { object, time in
                resource.ownership.update(object, from: nil, manager: context.fieldManager, time: time)
            }
        }
        let update = ObjectUpdate(
            object: object,
            warnings: warnings,
            expectedVersion: version == 0 ? nil : version
        )
        return try await change(resource, name, subresource, context) { live in
            if !object.uid.isEmpty, object.uid != live.uid {
                throw StatusError.conflict(
                    resource.gvr,
                    name.name,
                    "StorageError: invalid object, Code: 4, Key: /registry/\(resource.definition.storageKey)/"
                        + "\(name), ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: "
                        + "\(object.uid), UID in object meta: \(live.uid)"
                )
            }
            return update
        }
    }

    func checkName(_ object: KubeObject, _ name: ObjectName) throws {
        if object.name.isEmpty {
            throw StatusError.badRequest(
                "the name of the object (\(name.name) based on URL) was undeterminable: name must be provided"
            )
        }
        if object.name != name.name {
            throw StatusError.badRequest(
                "the name of the object (\(object.name)) does not match the name on the URL (\(name.name))"
            )
        }
    }

    /// Computes a change from the live object and commits it; again, when another write came first.
    ///
    /// - Parameter compute: From the live object in the served version; may run more than once.
    func change(
        _ resource: ServedResource,
        _ name: ObjectName,
        _ subresource: String?,
        _ context: WriteContext,
        compute: (KubeObject) throws -> ObjectUpdate
    ) async throws -> VerbResult {
        while true {
            guard let stored = store.get(resource.key(name)) else {
                throw StatusError.notFound(resource.gvr, name.name)
            }
            let live = resource.served(stored)
            var update = try compute(live)
            let version = UInt64(stored.resourceVersion)
            if let expected = update.expectedVersion, expected != version {
                throw StatusError.conflict(resource.gvr, name.name, StatusError.modified)
            }
            if update.object.json == live.json {
                return VerbResult(object: live, warnings: update.warnings)
            }
            update.warnings += MetadataValidation.dropRepeatedOwners(&update.object)
            var object = try settle(update, live, resource, subresource, context)
            let warnings =
                update.warnings
                + (subresource == nil
                    ? resource.strategy.warnings(object)
                        + admission.warnings(object, resource, replacing: live)
                    : [])
            if object.json == live.json { return VerbResult(object: live, warnings: warnings) }
            let allocation = try addresses.allocate(&object, resource, replacing: live)
            defer { allocation?.release() }
            if context.isDryRun {
                let shown = resource.served(resource.stored(object))
                return VerbResult(body: shown.json, warnings: warnings)
            }
            do {
                let change: ClusterStore.Change =
                    isFinished(object) ? .remove(resource.stored(object)) : .put(resource.stored(object))
                let result = try await store.commit(
                    resource.key(name),
                    expecting: version,
                    change,
                    order: resource.order
                )
                if case .put = change { try await afterWrite(result, resource) }
                if case .remove = change { try await afterRemoval(result, resource) }
                return VerbResult(object: resource.served(result), warnings: warnings)
            } catch is ClusterStore.Stale {
                if update.expectedVersion != nil {
                    throw StatusError.conflict(resource.gvr, name.name, StatusError.modified)
                }
            }
        }
    }

    /// The object as it will be written: fields that this endpoint does not set are the live ones', ownership is noted,
    /// strategies, validation and admission have had their say.
    private func settle(
        _ update: ObjectUpdate,
        _ live: KubeObject,
        _ resource: ServedResource,
        _ subresource: String?,
        _ context: WriteContext
    ) throws -> KubeObject {
        let strategy = resource.strategy
        var object = update.object
        keepServerFields(&object, live)
        resetFields(&object, live, resource, subresource)
        let now = WireTime.now().text()
        if !update.isTracked {
            let engine = subresource == "status" ? resource.statusOwnership : resource.ownership
            object = engine.update(object, from: live, manager: context.fieldManager, time: now)
        }
        let request = AdmissionRequest(
            resource: resource,
            operation: .update,
            name: live.objectName,
            user: context.user,
            isDryRun: context.isDryRun,
            old: live,
            subresource: subresource
        )
        if subresource == nil {
            try admission.admit(&object, request)
            strategy.prepareForUpdate(&object, live)
        }
        if subresource == "status" { strategy.prepareForStatusUpdate(&object, live) }
        moveGeneration(&object, live, resource, subresource)
        object = ServerSideApply.keepingTimes(object, of: live)
        if object.json == live.json { return live }
        let metadata = MetadataValidation.validateUpdate(object, live)
        // Kubernetes looks at the metadata twice, and says so twice.
        var errors = metadata + metadata
        switch subresource {
        case nil:
            if strategy.revalidatesOnUpdate { errors += settings.relevant(strategy.validate(object)) }
            errors += settings.relevant(strategy.validateUpdate(object, live))
        case "status":
            if resource.custom != nil { errors += strategy.validate(object) }
            errors += strategy.validateStatus(object, live)
        case "finalize": errors += StatusValidation.finalizers(object)
        case "ephemeralcontainers": errors += PodValidation.ephemeralContainersUpdate(object, live)
        default: break
        }
        if !errors.isEmpty { throw resource.invalid(object.name, errors) }
        try admission.validate(object, request)
        try authorizer?.checkEscalation(
            by: context.user,
            resource: resource.definition.storageKey,
            object: object,
            replacing: live
        )
        return object
    }

    /// What clients cannot change is as it was, however they sent it; what they may not try to change stays for validation.
    private func keepServerFields(_ object: inout KubeObject, _ live: KubeObject) {
        var metadata = object.metadata
        let before = live.metadata
        metadata["selfLink"] = nil
        metadata["resourceVersion"] = before["resourceVersion"]
        metadata["creationTimestamp"] = before["creationTimestamp"]
        metadata["generation"] = before["generation"]
        if metadata.lacks("uid") { metadata["uid"] = before["uid"] }
        if before["deletionTimestamp"] != nil {
            metadata["deletionTimestamp"] = before["deletionTimestamp"]
            metadata["deletionGracePeriodSeconds"] = before["deletionGracePeriodSeconds"]
        }
        object.metadata = metadata
    }

    private func resetFields(
        _ object: inout KubeObject,
        _ live: KubeObject,
        _ resource: ServedResource,
        _ subresource: String?
    ) {
        switch subresource {
        case "status", "approval":
            let status = object["status"]
            var metadata = object.metadata
            if resource.custom != nil {
                let fields = metadata["managedFields"]
                metadata = live.metadata
                metadata["managedFields"] = fields
            } else if resource.gvr.group == "apps" || resource.gvr.group == "batch" {
                metadata["labels"] = live.metadata["labels"]
            }
            object = live
            object.metadata = metadata
            object["status"] = status
            resource.strategy.completeStatus(&object, live)
        case "ephemeralcontainers": keep(&object, live, at: ["spec", "ephemeralContainers"])
        case "finalize": keep(&object, live, at: ["spec", "finalizers"])
        case "resize":
            let sizes = object.at("spec", "containers")?.array?.map { $0["resources"] } ?? []
            object = live
            var index = 0
            object.json.edit("spec") { spec in
                spec.editElements(of: "containers") { container in
                    if sizes.indices.contains(index) { container["resources"] = sizes[index] }
                    index += 1
                }
            }
        case nil:
            if resource.hasStatus, resource.strategy.initialStatus != nil {
                object["status"] = live["status"]
            }
        default: break
        }
    }

    /// Everything but one field is as it was.
    private func keep(_ object: inout KubeObject, _ live: KubeObject, at path: [String]) {
        let value = object.json.at(path)
        let fields = object.metadata["managedFields"]
        object = live
        object.json.set(fields, at: ["metadata", "managedFields"])
        object.json.set(value, at: path)
    }

    private func moveGeneration(
        _ object: inout KubeObject,
        _ live: KubeObject,
        _ resource: ServedResource,
        _ subresource: String?
    ) {
        guard subresource != "status" else { return }
        let isChanged: Bool
        switch resource.strategy.generation {
        case .untracked: return
        case .content: isChanged = content(object, resource) != content(live, resource)
        case .contentAndAnnotations:
            isChanged =
                content(object, resource) != content(live, resource)
                || object.at("metadata", "annotations") != live.at("metadata", "annotations")
        }
        if isChanged { object.set(.integer(Int64(live.generation + 1)), at: "metadata", "generation") }
    }

    private func content(_ object: KubeObject, _ resource: ServedResource) -> JSON {
        var json = object.json
        json["metadata"] = nil
        if resource.hasStatus { json["status"] = nil }
        return json
    }

    /// Whether an object that is being deleted has nothing left that holds it.
    func isFinished(_ object: KubeObject) -> Bool {
        guard object.isBeingDeleted, object.finalizers.isEmpty else { return false }
        if (object.at("metadata", "deletionGracePeriodSeconds")?.int ?? 0) != 0 { return false }
        if object.kind == "Namespace", object.apiVersion == "v1" {
            return object.at("spec", "finalizers")?.array?.isEmpty ?? true
        }
        return true
    }

    /// What follows from a write before its answer: definitions get their conditions.
    func afterWrite(_ stored: KubeObject, _ resource: ServedResource) async throws {
        guard resource.definition.storageKey == CustomResources.definitions else { return }
        try await settleDefinition(stored)
    }
}
