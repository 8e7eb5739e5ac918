import KubeModel

/// The roles that a Kubernetes server makes for itself, and who has them.
enum BootstrapRoles {
    private static let read = ["get", "list", "watch"]
    private static let change = ["create", "delete", "deletecollection", "patch", "update"]
    private static let all = [
        "create", "delete", "deletecollection", "get", "list", "patch", "update", "watch",
    ]
    private static let aggregation = "rbac.authorization.k8s.io/aggregate-to-"

    static let clusterRoles: [KubeObject] = [
        role(
            "cluster-admin",
            [
                rule(["*"], ["*"], ["*"]), PolicyRule(verbs: ["*"], paths: ["*"]),
            ]
        ),
        aggregated("admin", adminRules + editRules + viewRules),
        aggregated("edit", editRules + viewRules, labels: [aggregation + "admin": "true"]),
        aggregated("view", viewRules, labels: [aggregation + "edit": "true"]),
        role("system:aggregate-to-admin", adminRules, labels: [aggregation + "admin": "true"]),
        role("system:aggregate-to-edit", editRules, labels: [aggregation + "edit": "true"]),
        role("system:aggregate-to-view", viewRules, labels: [aggregation + "view": "true"]),
        role(
            "system:discovery",
            [
                PolicyRule(
                    verbs: ["get"],
                    paths: [
                        "/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*",
                        "/readyz",
                        "/version", "/version/",
                    ]
                )
            ]
        ),
        role(
            "system:public-info-viewer",
            [
                PolicyRule(verbs: ["get"], paths: ["/healthz", "/livez", "/readyz", "/version", "/version/"])
            ]
        ),
        role(
            "system:well-known-viewer",
            [
                PolicyRule(verbs: ["get"], paths: ["/.well-known", "/.well-known/*"])
            ]
        ),
        role(
            "system:service-account-issuer-discovery",
            [
                PolicyRule(
                    verbs: ["get"],
                    paths: [
                        "/.well-known/openid-configuration", "/.well-known/openid-configuration/",
                        "/openid/v1/jwks",
                    ]
                )
            ]
        ),
        role(
            "system:basic-user",
            [
                rule(
                    ["authorization.k8s.io"],
                    ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
                    ["create"]
                ),
                rule(["authentication.k8s.io"], ["selfsubjectreviews"], ["create"]),
            ]
        ),
        role(
            "system:auth-delegator",
            [
                rule(["authentication.k8s.io"], ["tokenreviews"], ["create"]),
                rule(["authorization.k8s.io"], ["subjectaccessreviews"], ["create"]),
            ]
        ),
        role(
            "system:monitoring",
            [
                PolicyRule(
                    verbs: ["get"],
                    paths: [
                        "/healthz", "/healthz/*", "/livez", "/livez/*", "/metrics", "/readyz", "/readyz/*",
                    ]
                )
            ]
        ),
        role(
            "system:persistent-volume-provisioner",
            [
                rule([""], ["persistentvolumes"], ["create", "delete", "get", "list", "watch"]),
                rule([""], ["persistentvolumeclaims"], ["get", "list", "update", "watch"]),
                rule(["storage.k8s.io"], ["storageclasses"], read),
                rule([""], ["events"], ["create", "list", "patch", "update", "watch"]),
            ]
        ),
    ]

    static let clusterRoleBindings: [KubeObject] = [
        binding("cluster-admin", groups: ["system:masters"]),
        binding("system:discovery", groups: ["system:authenticated"]),
        binding("system:basic-user", groups: ["system:authenticated"]),
        binding("system:public-info-viewer", groups: ["system:authenticated", "system:unauthenticated"]),
        binding("system:well-known-viewer", groups: ["system:authenticated"]),
        binding("system:service-account-issuer-discovery", groups: ["system:serviceaccounts"]),
        binding("system:monitoring", groups: ["system:monitoring"]),
    ]

    // MARK: Rules

    private static let viewRules: [PolicyRule] = [
        rule(
            [""],
            [
                "bindings", "configmaps", "endpoints", "events", "limitranges", "namespaces",
                "namespaces/status",
                "persistentvolumeclaims", "persistentvolumeclaims/status", "pods", "pods/log", "pods/status",
                "replicationcontrollers", "replicationcontrollers/scale", "replicationcontrollers/status",
                "resourcequotas", "resourcequotas/status", "serviceaccounts", "services", "services/status",
            ],
            read
        ),
        rule(["discovery.k8s.io"], ["endpointslices"], read),
        rule(
            ["apps"],
            [
                "controllerrevisions", "daemonsets", "daemonsets/status", "deployments", "deployments/scale",
                "deployments/status", "replicasets", "replicasets/scale", "replicasets/status",
                "statefulsets",
                "statefulsets/scale", "statefulsets/status",
            ],
            read
        ),
        rule(["autoscaling"], ["horizontalpodautoscalers", "horizontalpodautoscalers/status"], read),
        rule(["batch"], ["cronjobs", "cronjobs/status", "jobs", "jobs/status"], read),
        rule(["policy"], ["poddisruptionbudgets", "poddisruptionbudgets/status"], read),
        rule(["networking.k8s.io"], ["ingresses", "ingresses/status", "networkpolicies"], read),
        rule(
            ["resource.k8s.io"],
            ["resourceclaims", "resourceclaims/status", "resourceclaimtemplates"],
            read
        ),
    ]

    private static let editRules: [PolicyRule] = [
        rule(
            [""],
            ["pods/attach", "pods/exec", "pods/portforward", "pods/proxy", "secrets", "services/proxy"],
            read
        ),
        rule([""], ["serviceaccounts"], ["impersonate"]),
        rule([""], ["pods", "pods/attach", "pods/exec", "pods/portforward", "pods/proxy"], change),
        rule([""], ["pods/eviction"], ["create"]),
        rule(
            [""],
            [
                "configmaps", "events", "persistentvolumeclaims", "replicationcontrollers",
                "replicationcontrollers/scale", "secrets", "serviceaccounts", "services", "services/proxy",
            ],
            change
        ),
        rule([""], ["serviceaccounts/token"], ["create"]),
        rule(
            ["apps"],
            [
                "daemonsets", "deployments", "deployments/rollback", "deployments/scale", "replicasets",
                "replicasets/scale", "statefulsets", "statefulsets/scale",
            ],
            change
        ),
        rule(["autoscaling"], ["horizontalpodautoscalers"], change),
        rule(["batch"], ["cronjobs", "jobs"], change),
        rule(["policy"], ["poddisruptionbudgets"], change),
        rule(["networking.k8s.io"], ["ingresses", "networkpolicies"], change),
        rule(["coordination.k8s.io"], ["leases"], all),
        rule(["resource.k8s.io"], ["resourceclaims", "resourceclaimtemplates"], change),
    ]

    private static let adminRules: [PolicyRule] = [
        rule(["authorization.k8s.io"], ["localsubjectaccessreviews"], ["create"]),
        rule(["rbac.authorization.k8s.io"], ["rolebindings", "roles"], all),
    ]

    // MARK: Objects

    private static func rule(_ groups: [String], _ resources: [String], _ verbs: [String]) -> PolicyRule {
        PolicyRule(verbs: verbs, groups: groups, resources: resources)
    }

    private static func role(
        _ name: String,
        _ rules: [PolicyRule],
        labels: [String: String] = [:]
    ) -> KubeObject {
        var object = marked("ClusterRole", name)
        object.labels = object.labels.merging(labels) { _, last in last }
        object["rules"] = .array(rules.map(\.json))
        return object
    }

    private static func aggregated(
        _ name: String,
        _ rules: [PolicyRule],
        labels: [String: String] = [:]
    ) -> KubeObject {
        var object = role(name, rules, labels: labels)
        object["aggregationRule"] = [
            "clusterRoleSelectors": [["matchLabels": .object([aggregation + name: "true"])]]
        ]
        return object
    }

    private static func binding(_ name: String, groups: [String]) -> KubeObject {
        var object = marked("ClusterRoleBinding", name)
        let group = "rbac.authorization.k8s.io"
        object["roleRef"] = ["apiGroup": .string(group), "kind": "ClusterRole", "name": .string(name)]
        object["subjects"] = .array(
            groups.map { ["apiGroup": .string(group), "kind": "Group", "name": .string($0)] }
        )
        return object
    }

    private static func marked(_ kind: String, _ name: String) -> KubeObject {
        var object = KubeObject(apiVersion: "rbac.authorization.k8s.io/v1", kind: kind, name: name)
        object.labels = ["kubernetes.io/bootstrapping": "rbac-defaults"]
        object.annotations = ["rbac.authorization.kubernetes.io/autoupdate": "true"]
        return object
    }
}
