package import KubeClient
package import KubeModel

/// The rights beyond its namespaces of a tenant whose `allowedKinds` name cluster-scoped kinds.
package enum ClusterGrant {
    /// A ClusterRole and its binding; empty when none of the allowed kinds is cluster-scoped.
    package static func objects(for tenant: Tenant, resources: [APIResource]) -> [KubeObject] {
        let granted = resources.filter { resource in
            let names = Tenant.names(of: resource.kind, group: resource.gvr.group)
            return !resource.isNamespaced && names.contains(where: tenant.allowedKinds.contains)
        }
        guard !granted.isEmpty else { return [] }
        let name = NamespaceClaim.user(of: tenant.name)
        var role = KubeObject(apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", name: name)
        role["rules"] = .array(
            granted.map {
                [
                    "apiGroups": [.string($0.gvr.group)], "resources": [.string($0.gvr.resource)],
                    "verbs": ["*"],
                ]
            }
        )
        var binding = KubeObject(
            apiVersion: "rbac.authorization.k8s.io/v1",
            kind: "ClusterRoleBinding",
            name: name
        )
        binding["roleRef"] = [
            "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": .string(name),
        ]
        binding["subjects"] = [
            ["apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": .string(name)]
        ]
        return [role, binding]
    }
}
