import KubeModel

/// The `scale` subresource: a view of the replicas of an object.
extension ResourceRegistry {
    private static let scaleKind = GroupVersionKind(group: "autoscaling", version: "v1", kind: "Scale")

    private func view(_ resource: ServedResource) -> ScaleView { resource.custom?.scale ?? ScaleView() }

    func replaceScale(
        _ resource: ServedResource,
        _ name: ObjectName,
        _ body: JSON,
        _ context: WriteContext
    ) async throws -> VerbResult {
        let scale = try decodedScale(body)
        try checkName(scale, name)
        return try await setScale(resource, name, context) { live in
            let given = scale.resourceVersion
            if !given.isEmpty, given != "0", given != live.resourceVersion {
                throw StatusError.conflict(resource.gvr, name.name, StatusError.modified)
            }
            return scale
        }
    }

    func patchScale(
        _ resource: ServedResource,
        _ name: ObjectName,
        _ type: PatchType,
        _ patch: JSON,
        _ context: WriteContext
    ) async throws -> VerbResult {
        if type == .apply { return try await applyScale(resource, name, patch, context) }
        let view = view(resource)
        return try await setScale(resource, name, context) { live in
            let patched = try PatchEngines.patched(view.json(of: live), with: patch, type, .deduced)
            do {
                return try decodedScale(patched)
            } catch let error as StatusError where patched["kind"] == "Scale" && error.code == 400 {
                let start = "Scale in version \"v1\" cannot be handled as a Scale: "
                let shown = PatchEngines.shown(patched, type, patch)
                let detail = String(error.message.dropFirst(start.count))
                throw StatusError.invalidObject(
                    group: "",
                    kind: "",
                    name: "",
                    [.invalid(FieldPath("patch"), .string(shown), detail)]
                )
            }
        }
    }

    private func setScale(
        _ resource: ServedResource,
        _ name: ObjectName,
        _ context: WriteContext,
        compute: (KubeObject) throws -> KubeObject
    ) async throws -> VerbResult {
        let view = view(resource)
        let engine = ServerSideApply(
            schema: resource.schema,
            gvk: resource.definition.gvk,
            subresource: "scale",
            ignoring: ServerSideApply.resetFields(of: resource.schema, subresource: "")
        )
        var result = try await change(resource, name, "scale", context) { live in
            let scale = try compute(live)
            let replicas = scale.at("spec", "replicas")?.int ?? 0
            try checkReplicas(replicas, name)
            var object = live
            object.json.set(.integer(Int64(replicas)), at: view.specReplicas)
            object = engine.update(
                object,
                from: live,
                manager: context.fieldManager,
                time: WireTime.now().text()
            )
            return ObjectUpdate(object: object, isTracked: true)
        }
        result.body = view.json(of: KubeObject(result.body))
        return result
    }

    private func applyScale(
        _ resource: ServedResource,
        _ name: ObjectName,
        _ patch: JSON,
        _ context: WriteContext
    ) async throws -> VerbResult {
        let view = view(resource)
        let given = KubeObject(patch)
        guard given.gvk == Self.scaleKind else {
            let gvk = given.gvk
            throw StatusError.badRequest("invalid object type: \(gvk.group)/\(gvk.version), Kind=\(gvk.kind)")
        }
        var config = KubeObject(
            apiVersion: resource.gvr.apiVersion,
            kind: resource.definition.kind,
            namespace: name.namespace,
            name: name.name
        )
        let replicas = given.at("spec", "replicas")?.int
        if let replicas {
            try checkReplicas(replicas, name)
            config.json.set(.integer(Int64(replicas)), at: view.specReplicas)
        }
        let engine = ServerSideApply(
            schema: resource.schema,
            gvk: resource.definition.gvk,
            subresource: "scale",
            ignoring: ServerSideApply.resetFields(of: resource.schema, subresource: "")
        )
        var result = try await change(resource, name, "scale", context) { live in
            let outcome = try Self.outcome { () throws(ApplyError) in
                try engine.apply(
                    config,
                    to: live,
                    manager: context.fieldManager,
                    conflicts: context.isForced ? .force : .refuse,
                    time: WireTime.now().text()
                )
            }
            // An entry that comes by way of the view has no time, as in Kubernetes.
            var object = outcome.object
            object.json.edit("metadata") { metadata in
                metadata.editElements(of: "managedFields") { entry in
                    guard entry["manager"]?.string == context.fieldManager, entry["operation"] == "Apply",
                        entry["subresource"] == "scale"
                    else { return }
                    entry["time"] = nil
                }
            }
            return ObjectUpdate(object: object, isTracked: true)
        }
        result.body = view.json(of: KubeObject(result.body))
        return result
    }

    private func checkReplicas(_ replicas: Int, _ name: ObjectName) throws {
        guard replicas < 0 else { return }
        throw StatusError.invalidObject(
            group: Self.scaleKind.group,
            kind: Self.scaleKind.kind,
            name: name.name,
            [.invalid(FieldPath("spec", "replicas"), .integer(Int64(replicas)), Rules.nonNegative)]
        )
    }

    private func decodedScale(_ body: JSON) throws -> KubeObject {
        let given = GroupVersionKind(
            apiVersion: body["apiVersion"]?.string ?? "autoscaling/v1",
            kind: body["kind"]?.string ?? "Scale"
        )
        let start = "\(given.kind) in version \(given.version.goQuoted) cannot be handled as a Scale: "
        guard given == Self.scaleKind else {
            throw StatusError.badRequest(
                start
                    + "converting (\(given.version).\(given.kind)) to (autoscaling.Scale): unknown conversion"
            )
        }
        let wire = BuiltInResources.shared.wire
        guard let index = wire.byKind[Self.scaleKind] else { return KubeObject(body) }
        var decoder = WireDecoder(schema: wire)
        do {
            return KubeObject(try decoder.object(body, as: index))
        } catch {
            throw StatusError.badRequest(start + error.message)
        }
    }
}
