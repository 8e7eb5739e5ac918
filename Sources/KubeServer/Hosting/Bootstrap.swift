import KubeModel

/// Makes the objects that every cluster begins with: namespaces, roles and their bindings, priority classes, the service
/// of the API itself.
struct Bootstrap {
    /// Rises when objects are added, so that clusters of an earlier release get them.
    private static let revision = "2"

    let registry: ResourceRegistry
    let store: ClusterStore
    let network: ServiceNetwork

    /// Does nothing for a cluster that has them already.
    func run() async throws {
        guard try store.fact("bootstrap") != Self.revision else { return }
        for objects in [Self.namespaces, Self.roles, others] { try await create(objects) }
        try store.setFact("bootstrap", Self.revision)
        store.compact()
    }

    private func create(_ objects: [(GroupVersionResource, KubeObject)]) async throws {
        let context = WriteContext(user: .admin, fieldManager: "kube-apiserver")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (resource, object) in objects {
                guard let definition = registry.definition(of: resource) else { continue }
                group.addTask {
                    do {
                        _ = try await registry.create(
                            definition,
                            namespace: object.namespace,
                            name: nil,
                            subresource: nil,
                            body: object.json,
                            context
                        )
                    } catch let error as StatusError where error.isAlreadyExists {
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private static let namespaces = ["default", "kube-system", "kube-public", "kube-node-lease"].map { name in
        (
            GroupVersionResource(version: "v1", resource: "namespaces"),
            KubeObject(apiVersion: "v1", kind: "Namespace", name: name)
        )
    }

    private static let roles: [(GroupVersionResource, KubeObject)] =
        BootstrapRoles.clusterRoles.map { (rbac("clusterroles"), $0) }
        + BootstrapRoles.clusterRoleBindings.map { (rbac("clusterrolebindings"), $0) }

    private static func rbac(_ resource: String) -> GroupVersionResource {
        GroupVersionResource(group: "rbac.authorization.k8s.io", version: "v1", resource: resource)
    }

    private var others: [(GroupVersionResource, KubeObject)] {
        let classes = GroupVersionResource(
            group: "scheduling.k8s.io",
            version: "v1",
            resource: "priorityclasses"
        )
        var service = KubeObject(apiVersion: "v1", kind: "Service", namespace: "default", name: "kubernetes")
        service.labels = ["component": "apiserver", "provider": "kubernetes"]
        service.spec = [
            "type": "ClusterIP", "clusterIP": .string(network.first), "sessionAffinity": "None",
            "ports": [["name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443]],
        ]
        return [
            (
                classes,
                Self.priorityClass(
                    "system-cluster-critical",
                    2_000_000_000,
                    "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary."
                )
            ),
            (
                classes,
                Self.priorityClass(
                    "system-node-critical",
                    2_000_001_000,
                    "Used for system critical pods that must not be moved from their current node."
                )
            ),
            (GroupVersionResource(version: "v1", resource: "services"), service),
        ] + Self.endpoints
    }

    /// Where the service of the API leads: an address kept for documentation, since nothing in the cluster could use it.
    private static let endpoints: [(GroupVersionResource, KubeObject)] = {
        let port: JSON = ["name": "https", "port": 6443, "protocol": "TCP"]
        var endpoints = KubeObject(
            apiVersion: "v1",
            kind: "Endpoints",
            namespace: "default",
            name: "kubernetes"
        )
        endpoints.labels = ["endpointslice.kubernetes.io/skip-mirror": "true"]
        endpoints["subsets"] = [["addresses": [["ip": "192.0.2.1"]], "ports": [port]]]
        var slice = KubeObject(
            apiVersion: "discovery.k8s.io/v1",
            kind: "EndpointSlice",
            namespace: "default",
            name: "kubernetes"
        )
        slice.labels = ["kubernetes.io/service-name": "kubernetes"]
        slice["addressType"] = "IPv4"
        slice["endpoints"] = [["addresses": ["192.0.2.1"], "conditions": ["ready": true]]]
        slice["ports"] = [port]
        let slices = GroupVersionResource(
            group: "discovery.k8s.io",
            version: "v1",
            resource: "endpointslices"
        )
        return [(GroupVersionResource(version: "v1", resource: "endpoints"), endpoints), (slices, slice)]
    }()

    private static func priorityClass(_ name: String, _ value: Int64, _ description: String) -> KubeObject {
        var object = KubeObject(apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", name: name)
        object["value"] = .integer(value)
        object["description"] = .string(description)
        object["preemptionPolicy"] = "PreemptLowerPriority"
        return object
    }
}
