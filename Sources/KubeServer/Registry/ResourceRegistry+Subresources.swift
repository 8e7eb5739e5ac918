import KubeModel

/// Subresources that are posted to: bindings and evictions.
extension ResourceRegistry {
    func createSubresource(
        _ resource: ServedResource,
        _ name: ObjectName,
        _ subresource: String,
        _ body: JSON,
        _ context: WriteContext
    ) async throws -> VerbResult {
        switch (resource.definition.storageKey, subresource) {
        case ("pods", "binding"): try await bind(resource, name, body, context)
        case ("pods", "eviction"): try await evict(resource, name, body, context)
        default: throw StatusError.methodNotAllowed
        }
    }

    private static var success: JSON {
        ["kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "code": 201]
    }

    // MARK: Binding

    /// The old way to bind: the pod is the one that the binding names.
    func createBinding(_ namespace: String, _ body: JSON, _ context: WriteContext) async throws -> VerbResult
    {
        let pods = GroupVersionResource(group: "", version: "v1", resource: "pods")
        guard let resource = resource(pods) else { throw StatusError.methodNotAllowed }
        let name = ObjectName(namespace: namespace, name: body.at("metadata", "name")?.string ?? "")
        return try await bind(resource, name, body, context)
    }

    private func bind(
        _ resource: ServedResource,
        _ name: ObjectName,
        _ binding: JSON,
        _ context: WriteContext
    ) async throws -> VerbResult {
        if binding.at("metadata", "name")?.string ?? "" != name.name {
            throw StatusError.badRequest("name in URL does not match name in Binding object")
        }
        let node = binding.at("target", "name")?.string ?? ""
        let path = FieldPath("target")
        var errors: [FieldError] = []
        if let kind = binding.at("target", "kind"), kind != "", kind != "Node" {
            errors.append(.notSupported(path["kind"], kind, ["Node", "<empty>"]))
        }
        if node.isEmpty { errors.append(.required(path["name"])) }
        if !errors.isEmpty {
            // Kubernetes has no better answer here.
            let texts = errors.map(\.description)
            let message = texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ", "))]"
            throw StatusError(code: 500, reason: "", message: message)
        }
        _ = try await change(resource, name, "binding", context) { live in
            let subject = GroupVersionResource(version: "v1", resource: "pods/binding")
            if live.isBeingDeleted {
                throw StatusError.conflict(
                    subject,
                    name.name,
                    "pod \(name.name) is being deleted, cannot be assigned to a host"
                )
            }
            if let current = live.at("spec", "nodeName")?.string, !current.isEmpty {
                throw StatusError.conflict(
                    subject,
                    name.name,
                    "pod \(name.name) is already assigned to node \(current.goQuoted)"
                )
            }
            var object = live
            object.set(.string(node), at: "spec", "nodeName")
            for (key, value) in binding.at("metadata", "annotations")?.object ?? [:] {
                object.set(value, at: "metadata", "annotations", key)
            }
            let condition: JSON = [
                "type": "PodScheduled", "status": "True", "lastProbeTime": .null,
                "lastTransitionTime": .string(WireTime.now().text()),
            ]
            var conditions = object.at("status", "conditions")?.array ?? []
            conditions.removeAll { $0["type"] == "PodScheduled" }
            conditions.append(condition)
            object.set(.array(conditions), at: "status", "conditions")
            return ObjectUpdate(object: object, isTracked: true)
        }
        return VerbResult(status: 201, body: Self.success)
    }

    // MARK: Eviction

    private func evict(
        _ resource: ServedResource,
        _ name: ObjectName,
        _ eviction: JSON,
        _ context: WriteContext
    ) async throws -> VerbResult {
        let given = eviction.at("metadata", "name")?.string ?? name.name
        guard given == name.name else {
            throw StatusError.badRequest("name in URL does not match name in Eviction object")
        }
        guard let pod = store.get(resource.key(name)) else {
            throw StatusError.notFound(resource.gvr, name.name)
        }
        let options = eviction["deleteOptions"] ?? [:]
        var context = context
        if !options.elements(of: "dryRun").isEmpty { context.isDryRun = true }
        if Disruption.asksBudgets(pod) { try await disrupt(pod, context) }
        if !context.isDryRun, !pod.nodeName.isEmpty, !pod.isBeingDeleted {
            try await markEvicted(resource, name, context)
        }
        _ = try await delete(resource.definition, name, options: options, context)
        return VerbResult(status: 201, body: Self.success)
    }

    /// Notes on a pod that it is deleted because of an eviction.
    private func markEvicted(
        _ resource: ServedResource,
        _ name: ObjectName,
        _ context: WriteContext
    ) async throws {
        _ = try await change(resource, name, "status", context) { live in
            var object = live
            let condition: JSON = [
                "type": "DisruptionTarget", "status": "True", "reason": "EvictionByEvictionAPI",
                "message": "Eviction API: evicting", "lastProbeTime": .null,
                "lastTransitionTime": .string(WireTime.now().text()),
            ]
            var conditions = object.at("status", "conditions")?.array ?? []
            conditions.removeAll { $0["type"] == "DisruptionTarget" }
            object.set(.array(conditions + [condition]), at: "status", "conditions")
            return ObjectUpdate(object: object, isTracked: true)
        }
    }

    /// Takes one disruption from the budget of a pod, if it has one.
    private func disrupt(_ pod: KubeObject, _ context: WriteContext) async throws {
        let budgets = GroupVersionResource(group: "policy", version: "v1", resource: "poddisruptionbudgets")
        guard let resource = resource(budgets) else { return }
        while true {
            let matching = store.list(budgets.groupResource, namespace: pod.namespace).items.filter {
                budget in
                LabelSelection.matches(budget.at("spec", "selector"), pod.at("metadata", "labels") ?? [:])
            }
            guard let budget = matching.first else { return }
            if matching.count > 1 {
                throw StatusError(
                    code: 500,
                    reason: "InternalError",
                    message:
                        "Internal error occurred: This pod has more than one PodDisruptionBudget, which the "
                        + "eviction subresource does not support."
                )
            }
            guard let changed = try Disruption.taken(from: budget, for: pod, now: WireTime.now().text())
            else { return }
            if context.isDryRun { return }
            do {
                _ = try await store.commit(
                    resource.key(budget.objectName),
                    expecting: UInt64(budget.resourceVersion),
                    .put(changed)
                )
                return
            } catch is ClusterStore.Stale {
                continue
            }
        }
    }
}

/// Whether pods may be disturbed, by their budget.
enum Disruption {
    /// Pods that do not run, or go anyway, may always be evicted.
    static func asksBudgets(_ pod: KubeObject) -> Bool {
        if pod.isBeingDeleted { return false }
        return !["Pending", "Succeeded", "Failed"].contains(pod.at("status", "phase")?.string ?? "")
    }

    /// The budget with one disruption less; `nil` if the pod costs none.
    ///
    /// - Throws: 429 when there is none left.
    static func taken(from budget: KubeObject, for pod: KubeObject, now: String) throws -> KubeObject? {
        let status = budget["status"] ?? [:]
        if !(pod.condition("Ready")?.isTrue ?? false) {
            let healthy = status["currentHealthy"]?.int ?? 0
            let desired = status["desiredHealthy"]?.int ?? 0
            if budget.at("spec", "unhealthyPodEvictionPolicy") == "AlwaysAllow" { return nil }
            if desired > 0, healthy >= desired { return nil }
        }
        if status["observedGeneration"]?.int ?? 0 < budget.generation {
            throw refusal(
                "The disruption budget \(budget.name) is still being processed by the server.",
                retryAfter: 10
            )
        }
        let allowed = status["disruptionsAllowed"]?.int ?? 0
        guard allowed > 0 else {
            let desired = status["desiredHealthy"]?.int ?? 0
            let healthy = status["currentHealthy"]?.int ?? 0
            if let condition = budget.condition("DisruptionAllowed"), condition.reason == "SyncFailed" {
                throw refusal(
                    "The disruption budget \(budget.name) does not allow evicting pods because it failed sync: "
                        + condition.message
                )
            }
            throw refusal(
                "The disruption budget \(budget.name) needs \(desired) healthy pods and has \(healthy) currently"
            )
        }
        var changed = budget
        changed.set(.integer(Int64(allowed - 1)), at: "status", "disruptionsAllowed")
        changed.set(.string(now), at: "status", "disruptedPods", pod.name)
        return changed
    }

    /// - Parameter retryAfter: Seconds after which clients try again by themselves.
    private static func refusal(_ cause: String, retryAfter: Int64? = nil) -> StatusError {
        var details: JSON = ["causes": [["reason": "DisruptionBudget", "message": .string(cause)]]]
        if let retryAfter { details["retryAfterSeconds"] = .integer(retryAfter) }
        return StatusError(
            code: 429,
            reason: "TooManyRequests",
            message: "Cannot evict pod as it would violate the pod's disruption budget.",
            details: details
        )
    }
}
