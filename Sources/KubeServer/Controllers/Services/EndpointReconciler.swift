import KubeClient
import KubeModel
import KubeRuntime

/// Keeps the Endpoints and EndpointSlices of Services with a selector.
struct EndpointReconciler: Reconciler {
    let cluster: WorkloadCluster

    private static let trigger = "endpoints.kubernetes.io/last-change-trigger-time"
    static let serviceLabel = "kubernetes.io/service-name"
    static let managedBy = "endpointslice.kubernetes.io/managed-by"
    private static let slicesManager = "endpointslice-controller.k8s.io"

    static func controller(_ cluster: WorkloadCluster) -> Controller<EndpointReconciler> {
        let queue = WorkQueue<ObjectName>(backoff: .workloads)
        let services = cluster.informer(.services)
        queue.feed(from: services)
        cluster.informer(.pods).onChange { change in
            let pods: [KubeObject]
            switch change {
            case .added(let pod), .removed(let pod): pods = [pod]
            case .updated(let old, let new):
                if Self.aspect(of: old) == Self.aspect(of: new) { return }
                pods = old.labels == new.labels ? [new] : [old, new]
            case .synced: return
            }
            guard let namespace = pods.first?.namespace else { return }
            for service in services.list(namespace: namespace) {
                guard let map = service.at("spec", "selector") else { continue }
                let selector = ObjectSelector(map: map)
                // Pods of one rollout change together: they make one update.
                if pods.contains(where: selector.selects) {
                    queue.enqueue(service.objectName, after: .milliseconds(20))
                }
            }
        }
        cluster.informer(.endpoints).onEvery { endpoints in
            // Somebody's own; those that this controller writes need no second look.
            guard services.get(endpoints.objectName)?.at("spec", "selector") == nil else { return }
            queue.enqueue(endpoints.objectName)
        }
        for resource in [APIResource.endpointSlices, .endpoints] {
            cluster.informer(resource).onChange { change in
                guard case .removed(let object) = change else { return }
                queue.enqueue(
                    ObjectName(namespace: object.namespace, name: object.label(serviceLabel) ?? object.name)
                )
            }
        }
        return Controller(
            name: "endpoints",
            queue: queue,
            reconciler: Self(cluster: cluster),
            workers: 2,
            logger: cluster.logger
        )
    }

    private struct Aspect: Equatable {
        var labels: JSON?
        var address: JSON?
        var isReady: Bool
        var isLeaving: Bool
        var isFinished: Bool
    }

    private static func aspect(of pod: KubeObject) -> Aspect {
        Aspect(
            labels: pod.at("metadata", "labels"),
            address: pod.at("status", "podIP"),
            isReady: pod.isPodReady,
            isLeaving: pod.isBeingDeleted,
            isFinished: pod.isPodFinished
        )
    }

    func reconcile(_ name: ObjectName) async throws -> ReconcileResult {
        let slices = cluster.informer(.endpointSlices).list(namespace: name.namespace).filter {
            $0.label(Self.serviceLabel) == name.name && $0.label(Self.managedBy) == Self.slicesManager
        }
        guard let service = cluster.informer(.services).get(name), !service.isBeingDeleted else {
            for slice in slices { try await cluster.delete(.endpointSlices, slice) }
            if let endpoints = cluster.informer(.endpoints).get(name),
                endpoints.label("endpoints.kubernetes.io/managed-by") != nil
            {
                try await cluster.delete(.endpoints, endpoints)
            }
            return .settled
        }
        if service.at("spec", "type")?.string == "ExternalName" { return .settled }
        do {
            guard service.at("spec", "selector")?.object?.isEmpty == false else {
                try await mirror(service)
                return .settled
            }
            let zones = cluster.informer(.nodes).list().compactMap { node in
                node.labels["topology.kubernetes.io/zone"].map { (node.name, $0) }
            }
            let decision = EndpointDecision(
                service,
                pods: cluster.informer(.pods).list(namespace: name.namespace),
                zones: Dictionary(zones, uniquingKeysWith: { first, _ in first })
            )
            try await write(decision, of: service, over: slices)
            let trigger = decision.triggerTime ?? service.creationTimestamp
            try await write(decision.subsets(), trigger: trigger, of: service)
        } catch let error as StatusError where error.isForbidden || error.isNotFound {
            // The namespace is on its way out.
        }
        return .settled
    }

    private func labels(of service: KubeObject) -> [String: String] {
        var labels = service.labels
        if service.at("spec", "clusterIP")?.string == "None" { labels["service.kubernetes.io/headless"] = "" }
        return labels
    }

    private func write(
        _ decision: EndpointDecision,
        of service: KubeObject,
        over known: [KubeObject]
    ) async throws {
        var wanted = decision.slices()
        if wanted.isEmpty { wanted = [([], [])] }
        var unused = known.sorted { $0.name < $1.name }
        var labels = labels(of: service)
        labels[Self.serviceLabel] = service.name
        labels[Self.managedBy] = Self.slicesManager
        for content in wanted {
            // The slice that has these ports is kept, so that readers see as little change as possible.
            let place =
                unused.firstIndex { $0["ports"]?.array ?? [] == content.ports } ?? unused.indices.first
            guard let place else {
                try await create(content, labels, service, trigger: decision.triggerTime)
                continue
            }
            let slice = unused.remove(at: place)
            var target = slice
            target["endpoints"] = .array(content.endpoints)
            target["ports"] = .array(content.ports)
            target.labels = labels
            target.annotations[Self.trigger] = decision.triggerTime
            if let patch = slice.json.mergePatch(to: target.json), !Self.isEmptyChange(slice, target) {
                try await cluster.patch(.endpointSlices, slice.objectName, patch)
            }
        }
        for slice in unused { try await cluster.delete(.endpointSlices, slice) }
    }

    /// `null` and an empty list are the same here.
    private static func isEmptyChange(_ old: KubeObject, _ new: KubeObject) -> Bool {
        old["endpoints"]?.array ?? [] == new["endpoints"]?.array ?? []
            && old["ports"]?.array ?? [] == new["ports"]?.array ?? []
            && old.labels == new.labels
    }

    private func create(
        _ content: (endpoints: [JSON], ports: [JSON]),
        _ labels: [String: String],
        _ service: KubeObject,
        trigger: String?
    ) async throws {
        var slice = KubeObject([
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
            "metadata": [
                "generateName": .string("\(service.name)-"), "namespace": .string(service.namespace),
                "ownerReferences": [OwnerReference(controlledBy: service).json],
            ],
            "endpoints": .array(content.endpoints), "ports": .array(content.ports),
        ])
        slice.labels = labels
        if let trigger { slice.annotations = [Self.trigger: trigger] }
        try await cluster.create(.endpointSlices, slice)
    }

    private func write(_ subsets: [JSON], trigger: String?, of service: KubeObject) async throws {
        var labels = labels(of: service)
        labels["endpoints.kubernetes.io/managed-by"] = "endpoint-controller"
        guard let known = cluster.informer(.endpoints).get(service.objectName) else {
            var endpoints = KubeObject(
                apiVersion: "v1",
                kind: "Endpoints",
                namespace: service.namespace,
                name: service.name
            )
            endpoints.labels = labels
            if !subsets.isEmpty { endpoints["subsets"] = .array(subsets) }
            if let trigger { endpoints.annotations = [Self.trigger: trigger] }
            do {
                try await cluster.create(.endpoints, endpoints)
            } catch let error as StatusError where error.isAlreadyExists {
                // The informer is about to see it.
            }
            return
        }
        if known["subsets"]?.array ?? [] == subsets, known.labels == labels { return }
        let patch: JSON = [
            "subsets": subsets.isEmpty ? .null : .array(subsets),
            "metadata": [
                "labels": JSON.strings(labels),
                "annotations": [Self.trigger: trigger.map(JSON.string) ?? .null],
            ],
        ]
        try await cluster.patch(.endpoints, service.objectName, patch)
    }
}
