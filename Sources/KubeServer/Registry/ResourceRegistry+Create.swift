package import KubeModel

extension ResourceRegistry {
    package func create(
        _ definition: ResourceDefinition,
        namespace: String,
        name: String?,
        subresource: String?,
        body: JSON,
        _ context: WriteContext
    ) async throws -> VerbResult {
        let resource = try required(definition)
        if let subresource {
            let target = ObjectName(namespace: namespace, name: name ?? "")
            return try await createSubresource(resource, target, subresource, body, context)
        }
        if definition.storageKey == "bindings" { return try await createBinding(namespace, body, context) }
        var object: KubeObject
        var warnings: [String]
        do {
            (object, warnings) = try BodyDecoding(resource: resource).decode(body, context)
        } catch let refusal as BodyDecoding.WrongVersion {
            return refusal.result
        }
        try settleNamespace(&object, resource, namespace)
        if !object.resourceVersion.isEmpty {
            throw StatusError.plain("resourceVersion should not be set on objects to be created")
        }
        object.json.set(nil, at: ["metadata", "managedFields"])
        warnings += MetadataValidation.dropRepeatedOwners(&object)
        return try await insert(object, resource, context, warnings) { object, time in
            resource.ownership.update(object, from: nil, manager: context.fieldManager, time: time)
        }
    }

    /// The body's namespace must be the path's, or none.
    func settleNamespace(_ object: inout KubeObject, _ resource: ServedResource, _ namespace: String) throws {
        let given = object.namespace
        guard resource.definition.isNamespaced else {
            if !given.isEmpty { object.namespace = "" }
            return
        }
        guard given != namespace else { return }
        guard given.isEmpty else {
            throw StatusError.badRequest(
                "the namespace of the provided object does not match the namespace sent on the request"
            )
        }
        object.namespace = namespace
    }

    /// The common way of all new objects, however they came: by POST, by PUT, by apply.
    ///
    /// - Parameter track: Notes who owns what (object, time).
    func insert(
        _ given: KubeObject,
        _ resource: ServedResource,
        _ context: WriteContext,
        _ warnings: [String],
        track: (KubeObject, String) -> KubeObject
    ) async throws -> VerbResult {
        await admission.settle(given, resource)
        let gate = admission.gate(given)
        if let gate { await admission.quotas.enter(gate) }
        defer { if let gate { admission.quotas.leave(gate) } }
        let strategy = resource.strategy
        let generates = given.name.isEmpty && !(given.metadata["generateName"]?.string ?? "").isEmpty
        var attempts = 0
        while true {
            var object = given
            let now = WireTime.now().text()
            prepareMetadata(&object, strategy, now)
            if resource.hasStatus, strategy.newStatus == .reset, let status = strategy.initialStatus {
                object["status"] = status.isNull ? nil : status
            }
            object = track(object, now)
            let request = AdmissionRequest(
                resource: resource,
                operation: .create,
                name: object.objectName,
                user: context.user,
                isDryRun: context.isDryRun
            )
            try admission.admit(&object, request)
            strategy.prepareForCreate(&object)
            try validateNew(object, resource)
            try admission.validate(object, request)
            try authorizer?.checkEscalation(
                by: context.user,
                resource: resource.definition.storageKey,
                object: object,
                replacing: nil
            )
            let allocation = try addresses.allocate(&object, resource, replacing: nil)
            defer { allocation?.release() }
            try checkTakesNew(resource.gvr)
            let all =
                warnings + strategy.warnings(object)
                + admission.warnings(object, resource, replacing: nil)
            if context.isDryRun {
                if store.get(resource.key(object.objectName)) != nil {
                    throw StatusError.alreadyExists(resource.gvr, object.name)
                }
                return VerbResult(
                    status: 201,
                    body: resource.served(resource.stored(object)).json,
                    warnings: all
                )
            }
            do {
                let stored = try await store.commit(
                    resource.key(object.objectName),
                    expecting: nil,
                    .put(resource.stored(object)),
                    order: resource.order
                )
                try await takeBackUnwanted(stored, resource)
                try await afterWrite(stored, resource)
                return VerbResult(status: 201, object: resource.served(stored), warnings: all)
            } catch is ClusterStore.Stale {
                attempts += 1
                // A generated name that is taken is rolled again, a given one is the client's affair.
                guard generates, attempts < 8 else {
                    throw StatusError.alreadyExists(resource.gvr, object.name)
                }
            }
        }
    }

    /// What the server owns of a new object's metadata.
    private func prepareMetadata(_ object: inout KubeObject, _ strategy: KindStrategy, _ now: String) {
        var metadata = object.metadata
        for key in ["selfLink", "deletionTimestamp", "deletionGracePeriodSeconds", "resourceVersion"] {
            metadata[key] = nil
        }
        metadata["uid"] = .string(Identifiers.uid())
        metadata["creationTimestamp"] = .string(now)
        if metadata.lacks("name"), let prefix = metadata["generateName"]?.string, !prefix.isEmpty {
            metadata["name"] = .string(Identifiers.name(prefix))
        }
        switch strategy.generation {
        case .untracked: break
        case .content, .contentAndAnnotations: metadata["generation"] = 1
        }
        object.metadata = metadata
    }

    private func validateNew(_ object: KubeObject, _ resource: ServedResource) throws {
        let errors =
            MetadataValidation.validate(
                object,
                names: resource.strategy.names,
                isNamespaced: resource.definition.isNamespaced
            ) + settings.relevant(resource.strategy.validate(object)) + resource.strategy.validateNew(object)
        if !errors.isEmpty { throw resource.invalid(object.name, errors) }
    }
}

/// Identifiers that the server makes up.
enum Identifiers {
    /// Without vowels and look-alikes, as Kubernetes' names.
    private static let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")

    static func name(_ prefix: String) -> String {
        let suffix = String((0..<5).map { _ in alphabet[Int.random(in: alphabet.indices)] })
        return String(prefix.prefix(58)) + suffix
    }

    static func uid() -> String {
        var high = UInt64.random(in: .min ... .max)
        var low = UInt64.random(in: .min ... .max)
        high = high & 0xffff_ffff_ffff_0fff | 0x4000
        low = low & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000
        let digits = hex(high) + hex(low)
        return [8, 12, 16, 20].reversed().reduce(into: digits) { text, place in
            text.insert("-", at: text.index(text.startIndex, offsetBy: place))
        }
    }

    private static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
