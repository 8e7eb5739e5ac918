import KubeModel

/// Pods stay for five minutes on a node that is not ready or cannot be reached, unless they say otherwise.
enum DefaultTolerations {
    private static let taints = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]

    static func apply(to pod: inout KubeObject) {
        var tolerations = pod.at("spec", "tolerations")?.array ?? []
        let before = tolerations.count
        for taint in taints {
            let isTolerated = tolerations.contains { toleration in
                let key = toleration["key"]?.string ?? ""
                let effect = toleration["effect"]?.string ?? ""
                return (key == taint || key.isEmpty) && (effect == "NoExecute" || effect.isEmpty)
            }
            guard !isTolerated else { continue }
            tolerations.append([
                "key": .string(taint), "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300,
            ])
        }
        if tolerations.count > before { pod.set(.array(tolerations), at: "spec", "tolerations") }
    }
}

/// Turns the name of a priority class into a number.
struct PriorityAdmission: Sendable {
    let store: ClusterStore

    func admit(_ pod: inout KubeObject, _ request: AdmissionRequest) throws {
        var name = pod.at("spec", "priorityClassName")?.string ?? ""
        var value = 0
        var policy: JSON = "PreemptLowerPriority"
        if name.isEmpty {
            if let fallback = globalDefault {
                name = fallback.name
                value = fallback["value"]?.int ?? 0
                policy = fallback["preemptionPolicy"] ?? policy
                pod.set(.string(name), at: "spec", "priorityClassName")
            }
        } else if let system = Self.system[name] {
            value = system
        } else {
            let key = ClusterStore.Key(
                resource: "priorityclasses.scheduling.k8s.io",
                name: ObjectName(name: name)
            )
            guard let found = store.get(key) else {
                throw request.forbidden("no PriorityClass with name \(name) was found")
            }
            value = found["value"]?.int ?? 0
            policy = found["preemptionPolicy"] ?? policy
        }
        if let given = pod.at("spec", "priority")?.int, given != value {
            throw request.forbidden(
                "the integer value of priority (\(given)) must not be provided in pod spec; priority admission "
                    + "controller computed \(value) from the given PriorityClass name"
            )
        }
        pod.set(.integer(Int64(value)), at: "spec", "priority")
        if pod.at("spec", "preemptionPolicy") == nil { pod.set(policy, at: "spec", "preemptionPolicy") }
    }

    private static let system = [
        "system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000,
    ]

    private var globalDefault: KubeObject? {
        guard store.count("priorityclasses.scheduling.k8s.io") > 0 else { return nil }
        return store.list("priorityclasses.scheduling.k8s.io", namespace: nil).items
            .filter { $0["globalDefault"]?.bool == true }
            .min { $0["value"]?.int ?? 0 < $1["value"]?.int ?? 0 }
    }
}

/// Claims get the default class, and finalizers that protect what is in use.
struct StorageAdmission: Sendable {
    let store: ClusterStore

    func admit(claim: inout KubeObject) {
        Self.protect(&claim, "kubernetes.io/pvc-protection")
        guard claim.at("spec", "storageClassName") == nil,
            claim.annotation("volume.beta.kubernetes.io/storage-class") == nil
        else { return }
        let classes = store.list("storageclasses.storage.k8s.io", namespace: nil).items.filter { candidate in
            [
                "storageclass.kubernetes.io/is-default-class",
                "storageclass.beta.kubernetes.io/is-default-class",
            ]
            .contains { candidate.annotation($0) == "true" }
        }
        // Of several the newest counts.
        let newest = classes.max { left, right in
            (left.creationTimestamp ?? "", right.name) < (right.creationTimestamp ?? "", left.name)
        }
        if let newest { claim.set(.string(newest.name), at: "spec", "storageClassName") }
    }

    static func protect(_ object: inout KubeObject, _ finalizer: String) {
        guard !object.finalizers.contains(finalizer) else { return }
        let finalizers = object.finalizers + [finalizer]
        object.set(.array(finalizers.map(JSON.string)), at: "metadata", "finalizers")
    }
}
