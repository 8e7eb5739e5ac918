import KubeModel

/// What follows from changes of CustomResourceDefinitions and of their objects.
extension ResourceRegistry {
    private static let gvr = GroupVersionResource(
        group: "apiextensions.k8s.io",
        version: "v1",
        resource: "customresourcedefinitions"
    )

    /// Gives a definition that was written its conditions, so that it is served when the writer has its answer.
    func settleDefinition(_ written: KubeObject) async throws {
        var definition = written
        while true {
            let others = store.list(CustomResources.definitions, namespace: nil).items
            let now = WireTime.now().text()
            guard let settled = DefinitionNaming.settled(definition, among: others, now: now) else { return }
            do {
                _ = try await store.commit(
                    key(definition.name),
                    expecting: UInt64(definition.resourceVersion),
                    .put(settled)
                )
                return
            } catch is ClusterStore.Stale {
                guard let current = store.get(key(definition.name)) else { return }
                definition = current
            }
        }
    }

    private func key(_ name: String) -> ClusterStore.Key {
        ClusterStore.Key(resource: CustomResources.definitions, name: ObjectName(name: name))
    }

    /// Deletes the objects of a definition that is being deleted, and the definition once they are gone.
    func removeInstances(of definition: KubeObject, _ context: WriteContext) async throws {
        try await tellDeletion(of: definition)
        for resource in CustomResources.resources(of: definition).prefix(1) {
            for object in store.list(resource.definition.storageKey, namespace: nil).items {
                do {
                    _ = try await delete(resource.definition, object.objectName, options: [:], context)
                } catch let error as StatusError where error.isNotFound {
                    continue
                }
            }
        }
        try await removeDefinitionIfEmpty(definition.name)
    }

    private func tellDeletion(of definition: KubeObject) async throws {
        let told = DefinitionTermination.inProgress(definition, now: WireTime.now().text())
        do {
            _ = try await store.commit(
                key(definition.name),
                expecting: UInt64(definition.resourceVersion),
                .put(told)
            )
        } catch is ClusterStore.Stale {
            // Someone else's change; the deletion goes on without the word.
        }
    }

    /// Called when an object is gone: names and addresses become free, a dying definition may go.
    func afterRemoval(_ object: KubeObject, _ resource: ServedResource) async throws {
        if let custom = resource.custom {
            try await removeDefinitionIfEmpty(custom.definitionName)
        } else if resource.definition.storageKey == CustomResources.definitions {
            try await definitionIsGone(object)
        }
    }

    private func removeDefinitionIfEmpty(_ name: String) async throws {
        while true {
            guard let definition = store.get(key(name)), definition.isBeingDeleted,
                definition.finalizers.contains(CustomResources.cleanupFinalizer)
            else { return }
            guard store.count(Self.storageKey(of: definition)) == 0 else { return }
            var released = definition
            let rest = definition.finalizers.filter { $0 != CustomResources.cleanupFinalizer }
            released.set(rest.isEmpty ? nil : .array(rest.map(JSON.string)), at: "metadata", "finalizers")
            let change: ClusterStore.Change = rest.isEmpty ? .remove(released) : .put(released)
            do {
                let gone = try await store.commit(
                    key(name),
                    expecting: UInt64(definition.resourceVersion),
                    change
                )
                if rest.isEmpty { try await definitionIsGone(gone) }
                return
            } catch is ClusterStore.Stale {
                continue
            }
        }
    }

    /// Refuses new objects of a definition that is being deleted.
    func checkTakesNew(_ resource: GroupVersionResource) throws {
        if customVersion(of: resource)?.isTerminating == true { throw StatusError.terminating(resource) }
    }

    /// Takes a new object back, and refuses it, where its definition went while it was written: nobody would remove it with
    /// the others.
    func takeBackUnwanted(_ written: KubeObject, _ resource: ServedResource) async throws {
        guard resource.custom != nil, customVersion(of: resource.gvr)?.isTerminating ?? true else { return }
        do {
            let key = resource.key(written.objectName)
            let version = UInt64(written.resourceVersion)
            let removed = try await store.commit(key, expecting: version, .remove(written))
            try await afterRemoval(removed, resource)
        } catch is ClusterStore.Stale {
            // It was removed with the others after all.
        }
        throw StatusError.terminating(resource.gvr)
    }

    private static func storageKey(of definition: KubeObject) -> String {
        let plural = definition.at("spec", "names", "plural")?.string ?? ""
        return "\(plural).\(definition.at("spec", "group")?.string ?? "")"
    }

    /// Nothing is served any more that could be watched; names that the definition leaves may be what another waits for.
    private func definitionIsGone(_ gone: KubeObject) async throws {
        store.endWatches(of: Self.storageKey(of: gone))
        for other in store.list(CustomResources.definitions, namespace: nil).items
        where other.at("spec", "group") == gone.at("spec", "group") {
            try await settleDefinition(other)
        }
    }
}
