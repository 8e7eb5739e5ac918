package import KubeModel

/// How one object is, in words.
package struct Health: Sendable, Hashable {
    package var state: HealthState
    /// What is wrong or awaited; empty when all is well.
    package var message: String
    /// A few words of the kind: `2/2 ready`, `Running`.
    package var summary: String

    package init(_ state: HealthState, _ message: String = "", summary: String = "") {
        self.state = state
        self.message = message
        self.summary = summary
    }

    /// The health of one live object by its own status; its children count in ``ObjectTree``.
    package init(of object: KubeObject) {
        self = Health.rule(for: object)(object)
        guard object.isBeingDeleted else { return }
        state = .progressing
        message = Self.goingWords(object)
    }

    /// That an object is being deleted, and which finalizers hold it.
    static func goingWords(_ object: KubeObject) -> String {
        let holders = object.finalizers
        return holders.isEmpty
            ? "is being deleted" : "is being deleted; waits for \(holders.joined(separator: ", "))"
    }

    private static func rule(for object: KubeObject) -> (KubeObject) -> Health {
        let gvk = object.gvk
        switch (gvk.group, gvk.kind) {
        case ("apps", "Deployment"): return deployment
        case ("apps", "StatefulSet"): return statefulSet
        case ("apps", "DaemonSet"): return daemonSet
        case ("apps", "ReplicaSet"), ("", "ReplicationController"): return replicaSet
        case ("", "Pod"): return pod
        case ("batch", "Job"): return job
        case ("batch", "CronJob"): return cronJob
        case ("", "PersistentVolumeClaim"): return claim
        case ("", "Service"): return service
        case ("", "Namespace"): return namespace
        case ("networking.k8s.io", "Ingress"): return ingress
        case ("autoscaling", "HorizontalPodAutoscaler"): return autoscaler
        case ("apiextensions.k8s.io", "CustomResourceDefinition"): return definition
        case ("apiregistration.k8s.io", "APIService"): return apiService
        case ("policy", "PodDisruptionBudget"): return disruptionBudget
        case ("", "Node"): return conditions
        default: break
        }
        if kindsWithoutConditions.contains(gvk.kind), gvk.group.isEmpty { return withoutStatus }
        return conditions
    }

    /// Built-in kinds that have nothing to be judged by, though some have a status.
    private static let kindsWithoutConditions: Set<String> = [
        "ConfigMap", "Secret", "ServiceAccount", "Endpoints", "ResourceQuota", "LimitRange", "Event",
    ]

    private static func withoutStatus(_ object: KubeObject) -> Health { Health(.healthy) }
}
