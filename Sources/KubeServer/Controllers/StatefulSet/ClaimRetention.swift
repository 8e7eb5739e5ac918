import KubeClient
import KubeModel
import KubeRuntime

/// Who owns the claims of a StatefulSet, so that they are deleted with it, with a pod, or never: a pure function of its
/// `persistentVolumeClaimRetentionPolicy`.
struct ClaimRetention {
    private let set: KubeObject
    private let goesWithSet: Bool
    private let goesWithPod: Bool

    init(_ set: KubeObject) {
        self.set = set
        let policy = set.at("spec", "persistentVolumeClaimRetentionPolicy")
        goesWithSet = policy?["whenDeleted"]?.string == "Delete"
        goesWithPod = policy?["whenScaled"]?.string == "Delete"
    }

    /// The owners that a claim must have; `nil` if it has them.
    /// - Parameter isSurplus: Whether its pod is beyond the number of replicas.
    func owners(of claim: KubeObject, pod: KubeObject, isSurplus: Bool) -> [JSON]? {
        let needsPod = goesWithPod && isSurplus
        let needsSet = goesWithSet && !needsPod
        var owners = claim.ownerReferences
        let before = owners.map(\.uid)
        // Other pods of this name, of another time, own nothing any more.
        owners.removeAll { owner in
            owner.kind == "StatefulSet" && owner.uid == set.uid && !needsSet
                || owner.kind == "Pod" && owner.name == pod.name && !(needsPod && owner.uid == pod.uid)
        }
        if needsSet, !owners.contains(where: { $0.uid == set.uid }) {
            owners.append(OwnerReference(controlledBy: set))
        }
        if needsPod, !owners.contains(where: { $0.uid == pod.uid }) {
            owners.append(OwnerReference(controlledBy: pod))
        }
        return owners.map(\.uid) == before ? nil : owners.map(\.json)
    }
}

extension StatefulSetReconciler {
    /// Gives the claims of a set's pods their owners.
    func retainClaims(of set: KubeObject, pods: [KubeObject], surplus: [KubeObject]) async throws {
        let factory = StatefulSetPods(set: set)
        let retention = ClaimRetention(set)
        let surplus = Set(surplus.map(\.uid))
        for pod in pods {
            guard let ordinal = StatefulSetDecision.ordinal(of: pod, in: set) else { continue }
            for wanted in factory.claims(ordinal: ordinal) {
                guard let claim = cluster.informer(.persistentVolumeClaims).get(wanted.object.objectName),
                    !claim.isBeingDeleted,
                    let owners = retention.owners(
                        of: claim,
                        pod: pod,
                        isSurplus: surplus.contains(pod.uid)
                    )
                else { continue }
                let patch: JSON = [
                    "metadata": ["ownerReferences": owners.isEmpty ? .null : .array(owners)]
                ]
                do {
                    try await cluster.patch(.persistentVolumeClaims, claim.objectName, patch)
                } catch let error as StatusError where error.isNotFound {
                    // Gone; the next round makes another one if the pod needs it.
                }
            }
        }
    }
}
