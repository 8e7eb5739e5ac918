package import KubeModel

/// What Varde writes on a namespace that it makes for a tenant, and beside it so that the tenant may use it.
package struct NamespaceClaim: Sendable, Hashable {
    package static let tenantLabel = "varde.dev/tenant"
    package static let clusterAnnotation = "varde.dev/cluster"
    package static let claimAnnotation = "varde.dev/claim-uid"
    /// Set by the platform team on a namespace that exists already, with the tenant's name: Varde may take it over.
    package static let adoptAnnotation = "varde.dev/adopt"
    /// The ClusterRole that is bound in each claimed namespace: everything inside of it, nothing outside.
    package static let role = "varde:tenant"

    package var tenant: Tenant
    package var cluster: String
    package var namespace: String

    package init(tenant: Tenant, cluster: String, namespace: String) {
        self.tenant = tenant
        self.cluster = cluster
        self.namespace = namespace
    }

    /// As whom a tenant's objects are applied.
    package static func user(of tenant: String) -> String { "varde:tenant:\(tenant)" }

    /// The labels that the platform decides; a tenant's own come first, so that they cannot replace these.
    private var labels: [String: String] {
        var labels = tenant.namespaceLabels
        labels[Self.tenantLabel] = tenant.name
        labels["pod-security.kubernetes.io/enforce"] = tenant.podSecurity
        return labels
    }

    /// The namespace as it should be.
    package func namespaceObject(uid: String) -> KubeObject {
        var object = KubeObject(apiVersion: "v1", kind: "Namespace", name: namespace)
        object.labels = labels
        object.annotations = [
            Self.tenantLabel: tenant.name, Self.clusterAnnotation: cluster, Self.claimAnnotation: uid,
        ]
        return object
    }

    /// What lets the tenant's identity work inside of the namespace.
    package var roleBinding: KubeObject {
        var object = KubeObject(
            apiVersion: "rbac.authorization.k8s.io/v1",
            kind: "RoleBinding",
            namespace: namespace,
            name: Self.role
        )
        object.labels = [Self.tenantLabel: tenant.name]
        object["roleRef"] = [
            "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": .string(Self.role),
        ]
        object["subjects"] = [
            [
                "apiGroup": "rbac.authorization.k8s.io", "kind": "User",
                "name": .string(Self.user(of: tenant.name)),
            ]
        ]
        return object
    }

    package static var clusterRole: KubeObject {
        var object = KubeObject(apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", name: role)
        object["rules"] = [["apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]]]
        return object
    }

    /// What a live namespace is to this claim.
    package enum Standing: Sendable, Hashable {
        /// Ours, and as it should be.
        case claimed
        /// Ours or ours to take, but it needs to be written.
        case toWrite(uid: String?)
        case terminating
        case foreign(owner: String?)
    }

    package func standing(of live: KubeObject?) -> Standing {
        guard let live else { return .toWrite(uid: nil) }
        guard !live.isBeingDeleted else { return .terminating }
        let owner = live.annotation(Self.tenantLabel)
        guard owner == tenant.name else {
            return live.annotation(Self.adoptAnnotation) == tenant.name
                ? .toWrite(uid: nil) : .foreign(owner: owner)
        }
        let uid = live.annotation(Self.claimAnnotation)
        let isRight =
            labels.allSatisfy { live.label($0.key) == $0.value } && uid != nil
            && live.annotation(Self.clusterAnnotation) == cluster
        return isRight ? .claimed : .toWrite(uid: uid)
    }

    /// Whether a live binding gives the tenant what ``roleBinding`` says.
    package func isBound(_ live: KubeObject?) -> Bool {
        guard let live, !live.isBeingDeleted else { return false }
        return live["roleRef"] == roleBinding["roleRef"]
            && live["subjects"]?[0]?["name"] == roleBinding["subjects"]?[0]?["name"]
            && live.label(Self.tenantLabel) == tenant.name
    }
}
