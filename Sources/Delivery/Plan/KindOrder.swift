package import KubeModel

/// In which order kinds are applied within a wave; the reverse for deletions.
package enum KindOrder {
    private static let kinds: [(group: String, kind: String)] = [
        ("", "Namespace"), ("networking.k8s.io", "NetworkPolicy"), ("", "ResourceQuota"), ("", "LimitRange"),
        ("policy", "PodDisruptionBudget"), ("scheduling.k8s.io", "PriorityClass"), ("", "ServiceAccount"),
        ("", "Secret"), ("", "ConfigMap"), ("storage.k8s.io", "StorageClass"), ("", "PersistentVolume"),
        ("", "PersistentVolumeClaim"), ("apiextensions.k8s.io", "CustomResourceDefinition"),
        ("rbac.authorization.k8s.io", "ClusterRole"), ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
        ("rbac.authorization.k8s.io", "Role"), ("rbac.authorization.k8s.io", "RoleBinding"), ("", "Service"),
        ("apps", "DaemonSet"), ("", "Pod"), ("", "ReplicationController"), ("apps", "ReplicaSet"),
        ("apps", "Deployment"), ("autoscaling", "HorizontalPodAutoscaler"), ("apps", "StatefulSet"),
        ("batch", "Job"),
        ("batch", "CronJob"), ("networking.k8s.io", "IngressClass"), ("networking.k8s.io", "Ingress"),
        ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
        ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
        ("apiregistration.k8s.io", "APIService"),
    ]

    private struct GroupKind: Hashable {
        let group: String
        let kind: String
    }

    private static let ranks: [GroupKind: Int] = Dictionary(
        kinds.enumerated().map { (GroupKind(group: $1.group, kind: $1.kind), $0) },
        uniquingKeysWith: { first, _ in first }
    )

    /// The rank of kinds that are not in the list: after all that are.
    package static let unknown = kinds.count

    package static func rank(group: String, kind: String) -> Int {
        ranks[GroupKind(group: group, kind: kind)] ?? unknown
    }

    package static func rank(of reference: ObjectReference) -> Int {
        rank(group: reference.group, kind: reference.kind)
    }
}
