import KubeClient
import KubeModel
import KubeRuntime
import Synchronization

extension LiveView {
    /// Watches what the health of a kind depends on beside the object itself.
    func watchSurroundings(of watched: APIResource) {
        let resource: APIResource
        switch watched.kind {
        case "PersistentVolumeClaim": resource = .storageClasses
        case "Ingress": resource = .ingressClasses
        // Up to 1.20 `policy/v1` is not served.
        case "PodDisruptionBudget" where watched.gvr.group == "policy": resource = watched
        default: return
        }
        let key = GroupKind(resource)
        let (informer, former) = state.withLock { state -> (Informer?, Informer?) in
            let former = state.surroundings[key]
            guard former?.resource.gvr != resource.gvr else { return (nil, nil) }
            let informer = Informer(client: client, resource: resource, logger: logger)
            state.surroundings[key] = informer
            return (informer, former)
        }
        former?.stop()
        guard let informer else { return }
        informer.onChange { [weak self, weak informer] change in
            guard let self, informer?.hasSynced ?? false else { return }
            switch change {
            case .synced: wake(.everything)
            case .updated(let old, let new) where old.spec == new.spec: break
            case .added(let budget), .updated(_, let budget), .removed(let budget):
                // A budget may overlap one of an application in the same namespace.
                if budget.kind == "PodDisruptionBudget" { wake(.surroundings(namespace: budget.namespace)) }
            }
        }
        begin(informer)
    }

    /// What is known of the cluster around an application's objects.
    func circumstances(now: Double) -> Circumstances {
        let (classes, ingressClasses, addressed) = state.withLock { state in
            (
                state.surroundings[GroupKind(.storageClasses)],
                state.surroundings[GroupKind(.ingressClasses)],
                state.addressedKinds
            )
        }
        var circumstances = Circumstances(now: now)
        for item in classes?.list() ?? [] where item["volumeBindingMode"]?.string == "WaitForFirstConsumer" {
            circumstances.waitingClasses.insert(item.name)
            let isDefault = item.annotation("storageclass.kubernetes.io/is-default-class") == "true"
            if isDefault { circumstances.waitingClasses.insert("") }
        }
        if let ingressClasses, ingressClasses.hasSynced {
            let classes = ingressClasses.list()
            if classes.isEmpty { circumstances.withoutController.insert("Ingress") }
            let hasDefault = classes.contains {
                $0.annotation("ingressclass.kubernetes.io/is-default-class") == "true"
            }
            circumstances.ingressClasses = Set(classes.map(\.name)).union(hasDefault ? [""] : [])
        }
        circumstances.controllers.formUnion(addressed)
        return circumstances
    }
}

extension APIResource {
    private static func surrounding(_ group: String, _ resource: String, _ kind: String) -> APIResource {
        APIResource(
            gvr: GroupVersionResource(group: group, version: "v1", resource: resource),
            kind: kind,
            isNamespaced: false,
            verbs: ["get", "list", "watch"]
        )
    }

    fileprivate static let storageClasses = surrounding("storage.k8s.io", "storageclasses", "StorageClass")
    fileprivate static let ingressClasses = surrounding(
        "networking.k8s.io",
        "ingressclasses",
        "IngressClass"
    )
}

extension LiveView {
    /// The disruption budgets of these namespaces, whoever made them.
    func budgets(in namespaces: Set<String>) -> [KubeObject] {
        let informer = state.withLock {
            $0.surroundings[GroupKind(.podDisruptionBudgets)]
        }
        return (informer?.list() ?? []).filter { namespaces.contains($0.namespace) }
            .sorted { $0.objectName < $1.objectName }
    }

    /// The labels of the pods that are in these namespaces, as far as pods are watched.
    func podLabels(in namespaces: Set<String>) -> [(namespace: String, labels: [String: String])] {
        let informer = state.withLock { $0.children[GroupKind(.pods)] }
        return namespaces.flatMap { namespace in
            (informer?.list(namespace: namespace) ?? []).map { (namespace, $0.labels) }
        }
    }

    /// The labels of the pods that an object makes, from its template.
    func podLabels(below object: KubeObject) -> [[String: String]] {
        if object.kind == "Pod" { return [object.labels] }
        guard let labels = object.at("spec", "template", "metadata", "labels")?.object else { return [] }
        return [
            Dictionary(
                labels.compactMap { key, value in value.string.map { (key, $0) } },
                uniquingKeysWith: { first, _ in first }
            )
        ]
    }
}
