import KubeModel

/// The annotations by which Deployments and their ReplicaSets keep the history.
enum DeploymentAnnotations {
    static let revision = "deployment.kubernetes.io/revision"
    static let history = "deployment.kubernetes.io/revision-history"
    static let desired = "deployment.kubernetes.io/desired-replicas"
    static let maximum = "deployment.kubernetes.io/max-replicas"

    private static let notCopied: Set<String> = [
        "kubectl.kubernetes.io/last-applied-configuration", revision, history, desired, maximum,
        "deprecated.deployment.rollback.to",
    ]

    static func revision(of object: KubeObject) -> Int {
        object.annotation(revision).flatMap { Int($0) } ?? 0
    }

    /// What the ReplicaSet of the current template must be annotated with.
    static func ofCurrent(
        _ replicaSet: KubeObject?,
        deployment: KubeObject,
        revision newRevision: Int,
        replicas: DeploymentReplicas
    ) -> [String: String] {
        var annotations = replicaSet?.annotations ?? [:]
        for (key, value) in deployment.annotations where !notCopied.contains(key) { annotations[key] = value }
        let old = replicaSet.map(revision(of:)) ?? 0
        if old < newRevision {
            if old > 0 {
                // It was an earlier revision, too: a rollback.
                let earlier = annotations[history].map { $0.split(separator: ",").map(String.init) } ?? []
                annotations[history] = (earlier + [String(old)]).joined(separator: ",")
            }
            annotations[revision] = String(newRevision)
        }
        annotations[desired] = String(replicas.wanted)
        annotations[maximum] = String(replicas.maximum)
        return annotations
    }
}

/// The numbers of a Deployment's strategy, resolved.
struct DeploymentReplicas: Sendable, Hashable {
    var wanted: Int
    var surge: Int
    var unavailable: Int
    var isRolling: Bool

    var maximum: Int { wanted + surge }
    var minimumAvailable: Int { wanted - unavailable }

    init(_ deployment: KubeObject) {
        wanted = deployment.at("spec", "replicas")?.int ?? 1
        isRolling = deployment.at("spec", "strategy", "type")?.string != "Recreate"
        guard isRolling else {
            surge = 0
            unavailable = 0
            return
        }
        let rolling = deployment.at("spec", "strategy", "rollingUpdate")
        surge = (Share(rolling?["maxSurge"]) ?? .percent(25)).of(wanted, rounding: .up)
        unavailable = (Share(rolling?["maxUnavailable"]) ?? .percent(25)).of(wanted, rounding: .down)
        // Both may round to nothing, and then nothing could ever change.
        if surge == 0, unavailable == 0 { unavailable = 1 }
        unavailable = min(unavailable, wanted)
    }
}
