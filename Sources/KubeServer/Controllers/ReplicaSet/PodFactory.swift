import KubeModel

/// Makes pods from the templates of controllers.
enum PodFactory {
    /// A pod of this template, controlled by `owner`, its name left to the server (`prefix-xxxxx`).
    static func pod(from template: JSON, ownedBy owner: KubeObject, prefix: String? = nil) -> KubeObject {
        var metadata: JSON = [
            "generateName": .string((prefix ?? owner.name) + "-"),
            "namespace": .string(owner.namespace),
            "ownerReferences": [OwnerReference(controlledBy: owner).json],
        ]
        for field in ["labels", "annotations", "finalizers"] {
            metadata[field] = template.at("metadata", field)
        }
        return KubeObject([
            "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"] ?? [:],
        ])
    }

    /// Pods in the order in which a controller that has too many gives them up.
    static func deletionOrder(_ pods: [KubeObject]) -> [KubeObject] {
        pods.map { (Rank($0), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
    }

    /// Least worth keeping first: unassigned, pending, not ready, cheap by annotation, ready for a short time, often restarted,
    /// young.
    private struct Rank: Comparable {
        var assigned: Int
        var phase: Int
        var ready: Int
        var cost: Int
        var readySince: Int
        var restarts: Int
        var created: Int
        var name: String

        init(_ pod: KubeObject) {
            assigned = pod.nodeName.isEmpty ? 0 : 1
            phase = ["Pending": 0, "Unknown": 1][pod.podPhase] ?? 2
            ready = pod.isPodReady ? 1 : 0
            cost = pod.annotation("controller.kubernetes.io/pod-deletion-cost").flatMap { Int($0) } ?? 0
            readySince = -Int(pod.podReadySince?.seconds ?? 0)
            restarts = -pod.podRestarts
            created = -Int(pod.createdAt.seconds)
            name = pod.name
        }

        static func < (left: Self, right: Self) -> Bool {
            let first = (left.assigned, left.phase, left.ready, left.cost, left.readySince)
            let second = (right.assigned, right.phase, right.ready, right.cost, right.readySince)
            if first != second { return first < second }
            return (left.restarts, left.created, left.name) < (right.restarts, right.created, right.name)
        }
    }
}
