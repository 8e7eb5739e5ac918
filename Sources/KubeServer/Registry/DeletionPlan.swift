import KubeModel

/// What a DELETE does to an object: finalizers, propagation and grace decide.
enum DeletionPlan: Sendable {
    /// The object is on its way out already, and this request does not hasten it.
    case nothing
    /// It stays, marked as being deleted, until its finalizers are gone or its grace is over.
    case mark(KubeObject)
    case remove(KubeObject)

    init(_ live: KubeObject, _ options: JSON, _ resource: ServedResource, now: WireTime) {
        let finalizers = Self.finalizers(of: live, options, resource.strategy.dependents)
        var object = live
        if finalizers != live.finalizers {
            object.set(
                finalizers.isEmpty ? nil : .array(finalizers.map(JSON.string)),
                at: "metadata",
                "finalizers"
            )
        }
        switch resource.definition.storageKey {
        case "namespaces": self = Self.namespace(object, live, now)
        case "pods": self = Self.pod(object, live, options, now)
        case CustomResources.definitions: self = Self.definition(object, live, now)
        default: self = Self.plain(object, live, finalizers, now)
        }
    }

    private static func plain(
        _ object: KubeObject,
        _ live: KubeObject,
        _ finalizers: [String],
        _ now: WireTime
    ) -> DeletionPlan {
        guard !finalizers.isEmpty else { return .remove(object) }
        var marked = object
        if !live.isBeingDeleted { mark(&marked, now, grace: 0) }
        return marked == live ? .nothing : .mark(marked)
    }

    private static func pod(
        _ object: KubeObject,
        _ live: KubeObject,
        _ options: JSON,
        _ now: WireTime
    ) -> DeletionPlan {
        let phase = live.at("status", "phase")?.string ?? ""
        let own = live.at("spec", "terminationGracePeriodSeconds")?.int ?? 30
        var grace = options["gracePeriodSeconds"]?.int ?? own
        let isAssigned = !(live.at("spec", "nodeName")?.string ?? "").isEmpty
        // Where nothing runs nobody has to stop anything.
        if !isAssigned || phase == "Succeeded" || phase == "Failed" { grace = 0 }
        if grace < 0 { grace = 1 }
        if live.isBeingDeleted {
            let current = live.at("metadata", "deletionGracePeriodSeconds")?.int ?? 0
            guard options["gracePeriodSeconds"] != nil, grace < current else {
                return current == 0 && object.finalizers.isEmpty ? .remove(object) : .nothing
            }
            if grace == 0 && object.finalizers.isEmpty { return .remove(ending(object, now)) }
            var hastened = object
            let end = WireTime(seconds: deletionTime(live, now).seconds - current + grace)
            hastened.set(.string(max(end, now).text()), at: "metadata", "deletionTimestamp")
            hastened.set(.integer(Int64(grace)), at: "metadata", "deletionGracePeriodSeconds")
            return .mark(hastened)
        }
        if grace == 0, object.finalizers.isEmpty { return .remove(ending(object, now)) }
        var marked = object
        mark(&marked, now, grace: grace)
        return .mark(marked)
    }

    private static func deletionTime(_ live: KubeObject, _ now: WireTime) -> WireTime {
        guard let text = live.deletionTimestamp else { return now }
        do { return try WireTime(text) } catch { return now }
    }

    /// The last state of a pod that goes at once.
    private static func ending(_ object: KubeObject, _ now: WireTime) -> KubeObject {
        var object = object
        object.set(.string(now.text()), at: "metadata", "deletionTimestamp")
        object.set(0, at: "metadata", "deletionGracePeriodSeconds")
        return object
    }

    private static func namespace(_ object: KubeObject, _ live: KubeObject, _ now: WireTime) -> DeletionPlan {
        let isHeld =
            !object.finalizers.isEmpty || !(object.at("spec", "finalizers")?.array?.isEmpty ?? true)
        guard isHeld else { return .remove(object) }
        var marked = object
        if !live.isBeingDeleted {
            marked.set(.string(now.text()), at: "metadata", "deletionTimestamp")
            marked.set("Terminating", at: "status", "phase")
        }
        return marked == live ? .nothing : .mark(marked)
    }

    /// A definition goes after its objects.
    private static func definition(_ object: KubeObject, _ live: KubeObject, _ now: WireTime) -> DeletionPlan
    {
        var marked = object
        guard !live.isBeingDeleted else { return marked == live ? .nothing : .mark(marked) }
        marked.set(.string(now.text()), at: "metadata", "deletionTimestamp")
        let finalizers = marked.finalizers + [CustomResources.cleanupFinalizer]
        if !marked.finalizers.contains(CustomResources.cleanupFinalizer) {
            marked.set(.array(finalizers.map(JSON.string)), at: "metadata", "finalizers")
        }
        return .mark(DefinitionTermination.pending(marked, now: now.text()))
    }

    private static func mark(_ object: inout KubeObject, _ now: WireTime, grace: Int?) {
        object.set(.string(now.adding(seconds: grace ?? 0).text()), at: "metadata", "deletionTimestamp")
        if let grace { object.set(.integer(Int64(grace)), at: "metadata", "deletionGracePeriodSeconds") }
        if object.generation > 0 {
            object.set(.integer(Int64(object.generation + 1)), at: "metadata", "generation")
        }
    }

    /// The finalizers that the propagation policy leaves an object with.
    private static func finalizers(
        of live: KubeObject,
        _ options: JSON,
        _ dependents: KindStrategy.Dependents
    ) -> [String] {
        let current = live.finalizers
        let policy: String
        if let given = options["propagationPolicy"]?.string {
            policy = given
        } else if let orphans = options["orphanDependents"]?.bool {
            policy = orphans ? "Orphan" : "Background"
        } else if dependents == .orphaned, !current.contains("orphan"),
            !current.contains("foregroundDeletion")
        {
            policy = "Orphan"
        } else {
            return current
        }
        let rest = current.filter { $0 != "orphan" && $0 != "foregroundDeletion" }
        return switch policy {
        case "Orphan": rest + ["orphan"]
        case "Foreground": rest + ["foregroundDeletion"]
        default: rest
        }
    }
}
