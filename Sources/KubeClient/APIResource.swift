package import KubeModel

/// A resource that a server serves: its paths, kind and scope.
package struct APIResource: Sendable, Hashable {
    package var gvr: GroupVersionResource
    package var kind: String
    package var isNamespaced: Bool
    package var verbs: Set<String>
    package var shortNames: [String]
    package var categories: [String]
    package var subresources: Set<String>

    package init(
        gvr: GroupVersionResource,
        kind: String,
        isNamespaced: Bool,
        verbs: Set<String> = [],
        shortNames: [String] = [],
        categories: [String] = [],
        subresources: Set<String> = []
    ) {
        self.gvr = gvr
        self.kind = kind
        self.isNamespaced = isNamespaced
        self.verbs = verbs
        self.shortNames = shortNames
        self.categories = categories
        self.subresources = subresources
    }

    package var gvk: GroupVersionKind { GroupVersionKind(group: gvr.group, version: gvr.version, kind: kind) }
    /// Whether objects of it can be listed and watched.
    package var isWatchable: Bool { verbs.contains("list") && verbs.contains("watch") }

    /// The path of the collection; `nil` for all namespaces, or for a cluster-scoped resource.
    package func path(inNamespace namespace: String?) -> String {
        let root = gvr.group.isEmpty ? "/api/\(gvr.version)" : "/apis/\(gvr.group)/\(gvr.version)"
        guard isNamespaced, let namespace, !namespace.isEmpty else { return "\(root)/\(gvr.resource)" }
        return "\(root)/namespaces/\(namespace)/\(gvr.resource)"
    }

    /// The path of one object.
    package func path(_ name: ObjectName, subresource: String? = nil) -> String {
        let path = path(inNamespace: name.namespace) + "/" + APIResource.escape(name.name)
        return subresource.map { "\(path)/\($0)" } ?? path
    }

    /// Percent-encodes what may stand in the name of an RBAC object but not in a path segment.
    private static func escape(_ segment: String) -> String {
        var result = ""
        for byte in segment.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"),
                UInt8(ascii: ":"), UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = Array("0123456789ABCDEF")
                result += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
        return result
    }
}

extension APIResource {
    private static func builtIn(
        _ group: String,
        _ version: String,
        _ resource: String,
        _ kind: String,
        namespaced: Bool = true
    ) -> APIResource {
        APIResource(
            gvr: GroupVersionResource(group: group, version: version, resource: resource),
            kind: kind,
            isNamespaced: namespaced,
            verbs: ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
        )
    }

    // What every Kubernetes server has; other resources come from discovery.
    package static let namespaces = builtIn("", "v1", "namespaces", "Namespace", namespaced: false)
    package static let nodes = builtIn("", "v1", "nodes", "Node", namespaced: false)
    package static let persistentVolumes = builtIn(
        "",
        "v1",
        "persistentvolumes",
        "PersistentVolume",
        namespaced: false
    )
    package static let persistentVolumeClaims = builtIn(
        "",
        "v1",
        "persistentvolumeclaims",
        "PersistentVolumeClaim"
    )
    package static let pods = builtIn("", "v1", "pods", "Pod")
    package static let services = builtIn("", "v1", "services", "Service")
    package static let endpoints = builtIn("", "v1", "endpoints", "Endpoints")
    package static let configMaps = builtIn("", "v1", "configmaps", "ConfigMap")
    package static let secrets = builtIn("", "v1", "secrets", "Secret")
    package static let serviceAccounts = builtIn("", "v1", "serviceaccounts", "ServiceAccount")
    package static let events = builtIn("", "v1", "events", "Event")
    package static let resourceQuotas = builtIn("", "v1", "resourcequotas", "ResourceQuota")
    package static let limitRanges = builtIn("", "v1", "limitranges", "LimitRange")
    package static let deployments = builtIn("apps", "v1", "deployments", "Deployment")
    package static let replicaSets = builtIn("apps", "v1", "replicasets", "ReplicaSet")
    package static let statefulSets = builtIn("apps", "v1", "statefulsets", "StatefulSet")
    package static let daemonSets = builtIn("apps", "v1", "daemonsets", "DaemonSet")
    package static let controllerRevisions = builtIn(
        "apps",
        "v1",
        "controllerrevisions",
        "ControllerRevision"
    )
    package static let jobs = builtIn("batch", "v1", "jobs", "Job")
    package static let cronJobs = builtIn("batch", "v1", "cronjobs", "CronJob")
    package static let endpointSlices = builtIn("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice")
    package static let ingresses = builtIn("networking.k8s.io", "v1", "ingresses", "Ingress")
    package static let podDisruptionBudgets = builtIn(
        "policy",
        "v1",
        "poddisruptionbudgets",
        "PodDisruptionBudget"
    )
    package static let horizontalPodAutoscalers =
        builtIn("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler")
    package static let leases = builtIn("coordination.k8s.io", "v1", "leases", "Lease")
    package static let roles = builtIn("rbac.authorization.k8s.io", "v1", "roles", "Role")
    package static let roleBindings = builtIn(
        "rbac.authorization.k8s.io",
        "v1",
        "rolebindings",
        "RoleBinding"
    )
    package static let clusterRoles =
        builtIn("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", namespaced: false)
    package static let clusterRoleBindings =
        builtIn(
            "rbac.authorization.k8s.io",
            "v1",
            "clusterrolebindings",
            "ClusterRoleBinding",
            namespaced: false
        )
    package static let customResourceDefinitions =
        builtIn(
            "apiextensions.k8s.io",
            "v1",
            "customresourcedefinitions",
            "CustomResourceDefinition",
            namespaced: false
        )

    // Varde's own, installed in the admin cluster.
    package static let clusters = builtIn("varde.dev", "v1alpha1", "clusters", "Cluster", namespaced: false)
    package static let tenants = builtIn("varde.dev", "v1alpha1", "tenants", "Tenant", namespaced: false)
    package static let applications = builtIn("varde.dev", "v1alpha1", "applications", "Application")
}
