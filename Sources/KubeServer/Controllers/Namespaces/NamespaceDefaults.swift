import KubeClient
import KubeModel
import KubeRuntime

/// Gives every namespace its `default` ServiceAccount and the ConfigMap with the cluster's certificate authority.
struct NamespaceDefaults: Reconciler {
    let cluster: WorkloadCluster

    static func controller(_ cluster: WorkloadCluster) -> Controller<NamespaceDefaults> {
        let queue = WorkQueue<ObjectName>(backoff: .workloads)
        queue.feed(from: cluster.informer(.namespaces))
        for resource in [APIResource.serviceAccounts, .configMaps] {
            cluster.informer(resource).onChange { change in
                switch change {
                case .removed(let object) where ["default", rootCertificate].contains(object.name),
                    .updated(_, let object) where object.name == rootCertificate:
                    queue.enqueue(ObjectName(name: object.namespace))
                default: break
                }
            }
        }
        return Controller(
            name: "namespace-defaults",
            queue: queue,
            reconciler: Self(cluster: cluster),
            workers: 2,
            logger: cluster.logger
        )
    }

    private static let rootCertificate = "kube-root-ca.crt"

    func reconcile(_ name: ObjectName) async throws -> ReconcileResult {
        guard let namespace = cluster.informer(.namespaces).get(name), !namespace.isBeingDeleted else {
            return .settled
        }
        let account = KubeObject(
            apiVersion: "v1",
            kind: "ServiceAccount",
            namespace: name.name,
            name: "default"
        )
        try await ensure(.serviceAccounts, account)
        var certificate = KubeObject(
            apiVersion: "v1",
            kind: "ConfigMap",
            namespace: name.name,
            name: Self.rootCertificate
        )
        certificate.annotations = [
            "kubernetes.io/description":
                "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as "
                + "the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of "
                + "Kubernetes clusters."
        ]
        certificate["data"] = ["ca.crt": .string(cluster.certificateAuthority)]
        try await ensure(.configMaps, certificate)
        // Nobody else may say which authority this is.
        if let known = cluster.informer(.configMaps).get(certificate.objectName), !known.isBeingDeleted,
            known["data"] != certificate["data"]
        {
            try await cluster.patch(.configMaps, known.objectName, ["data": certificate["data"] ?? [:]])
        }
        return .settled
    }

    private func ensure(_ resource: APIResource, _ object: KubeObject) async throws {
        if cluster.informer(resource).get(object.objectName) != nil { return }
        do {
            try await cluster.create(resource, object)
        } catch let error as StatusError where error.isAlreadyExists || error.isForbidden || error.isNotFound
        {
            // Somebody was faster, or the namespace is on its way out.
        }
    }
}
