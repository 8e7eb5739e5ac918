package import KubeModel

extension ResourceRegistry {
    /// - Parameter options: The `DeleteOptions` of the body or made from the query.
    package func delete(
        _ definition: ResourceDefinition,
        _ name: ObjectName,
        options: JSON,
        _ context: WriteContext
    ) async throws -> VerbResult {
        let resource = try required(definition)
        try checkKind(of: options)
        while true {
            guard let stored = store.get(resource.key(name)) else {
                throw StatusError.notFound(resource.gvr, name.name)
            }
            let live = resource.served(stored)
            try checkPreconditions(options["preconditions"] ?? [:], live)
            try admission.admitDeletion(
                AdmissionRequest(
                    resource: resource,
                    operation: .delete,
                    name: name,
                    user: context.user,
                    isDryRun: context.isDryRun,
                    old: live
                )
            )
            let plan = DeletionPlan(live, options, resource, now: WireTime.now())
            let warnings = Self.warnings(resource, options)
            if context.isDryRun { return answer(plan, live, resource, warnings) }
            let version = UInt64(stored.resourceVersion)
            do {
                switch plan {
                case .nothing: return answer(plan, live, resource, warnings)
                case .mark(let object):
                    let marked = try await store.commit(
                        resource.key(name),
                        expecting: version,
                        .put(resource.stored(object)),
                        order: resource.order
                    )
                    if resource.definition.storageKey == CustomResources.definitions {
                        try await removeInstances(of: marked, context)
                    }
                    return answer(.mark(resource.served(marked)), live, resource, warnings)
                case .remove(let object):
                    let removed = try await store.commit(
                        resource.key(name),
                        expecting: version,
                        .remove(resource.stored(object)),
                        order: resource.order
                    )
                    try await afterRemoval(removed, resource)
                    return answer(.remove(resource.served(removed)), live, resource, warnings)
                }
            } catch is ClusterStore.Stale {
                continue
            }
        }
    }

    /// Clients that leave it to the server what becomes of a Job's pods are told what that is.
    private static func warnings(_ resource: ServedResource, _ options: JSON) -> [String] {
        guard resource.definition.storageKey == "jobs.batch", options["propagationPolicy"] == nil,
            options["orphanDependents"] == nil
        else { return [] }
        return [
            "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them "
                + "or set propagationPolicy=Orphan to suppress this warning"
        ]
    }

    private func answer(
        _ plan: DeletionPlan,
        _ live: KubeObject,
        _ resource: ServedResource,
        _ warnings: [String]
    ) -> VerbResult {
        switch plan {
        case .nothing: return VerbResult(body: live.json, warnings: warnings)
        case .mark(let object): return VerbResult(body: object.json, warnings: warnings)
        case .remove(let object):
            if resource.strategy.deleteAnswer == .object {
                return VerbResult(body: object.json, warnings: warnings)
            }
            var details = StatusError.details(
                name: live.name,
                group: resource.gvr.group,
                kind: resource.gvr.resource
            )
            details["uid"] = .string(live.uid)
            return VerbResult(
                body: [
                    "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success",
                    "details": details,
                ],
                warnings: warnings
            )
        }
    }

    /// A body of another kind does not delete anything.
    private func checkKind(of options: JSON) throws {
        let given = GroupVersionKind(
            apiVersion: options["apiVersion"]?.string ?? "v1",
            kind: options["kind"]?.string ?? "DeleteOptions"
        )
        guard given.kind != "DeleteOptions" else { return }
        throw StatusError.badRequest(
            "no kind \(given.kind.goQuoted) is registered for version \(given.apiVersion.goQuoted) in scheme "
                + "\"k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30\""
        )
    }

    private func checkPreconditions(_ preconditions: JSON, _ live: KubeObject) throws {
        let kind = GroupVersionResource(group: live.gvk.group, version: "", resource: live.kind)
        if let uid = preconditions["uid"]?.string, uid != live.uid {
            throw StatusError.conflict(
                kind,
                live.name,
                "the UID in the precondition (\(uid)) does not match the UID in record (\(live.uid)). The object might "
                    + "have been deleted and then recreated"
            )
        }
        if let version = preconditions["resourceVersion"]?.string, version != live.resourceVersion {
            throw StatusError.conflict(
                kind,
                live.name,
                "the ResourceVersion in the precondition (\(version)) does not match the ResourceVersion in record "
                    + "(\(live.resourceVersion)). The object might have been modified"
            )
        }
    }

    // MARK: Collections

    /// - Parameter limit: How many objects at most; 0 for all.
    package func deleteCollection(
        _ definition: ResourceDefinition,
        namespace: String?,
        labelSelector: String?,
        fieldSelector: String?,
        limit: Int = 0,
        options: JSON,
        _ context: WriteContext
    ) async throws -> VerbResult {
        let resource = try required(definition)
        let selection = try ObjectSelection(
            labelSelector: labelSelector,
            fieldSelector: fieldSelector,
            resource: definition.storageKey,
            selectableFields: resource.custom?.selectableFields ?? []
        )
        let (stored, version) = store.list(definition.storageKey, namespace: namespace)
        let matching = stored.lazy.map(resource.served).filter(selection.matches)
        let items = limit > 0 ? Array(matching.prefix(limit)) : Array(matching)
        for item in items {
            do {
                _ = try await delete(definition, item.objectName, options: options, context)
            } catch let error as StatusError where error.isNotFound {
                // Gone in the meantime: that was the wish.
                continue
            }
        }
        var metadata: JSON = ["resourceVersion": .string(String(version))]
        if limit > 0, matching.count > limit, let last = items.last {
            metadata["continue"] = .string(Base64Text.encoded("\(version)/\(last.objectName)"))
        }
        let shown = items.map { item in
            var json = item.json
            if !definition.isCustom {
                json["kind"] = nil
                json["apiVersion"] = nil
            }
            return json
        }
        return VerbResult(
            body: [
                "kind": .string("\(definition.kind)List"), "apiVersion": .string(definition.gvr.apiVersion),
                "metadata": metadata, "items": .array(shown),
            ]
        )
    }
}
