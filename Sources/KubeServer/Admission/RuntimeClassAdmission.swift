import KubeModel

/// Gives a pod what its runtime class costs and where it can run.
struct RuntimeClassAdmission: Sendable {
    let store: ClusterStore

    func admit(_ pod: inout KubeObject, _ request: AdmissionRequest) throws {
        guard let name = pod.at("spec", "runtimeClassName")?.string else { return }
        let key = ClusterStore.Key(resource: "runtimeclasses.node.k8s.io", name: ObjectName(name: name))
        guard let found = store.get(key) else {
            throw request.forbidden("pod rejected: RuntimeClass \(name.goQuoted) not found")
        }
        if let overhead = found.at("overhead", "podFixed") {
            if let own = pod.at("spec", "overhead"), own != overhead {
                throw request.forbidden(
                    "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"
                )
            }
            pod.set(overhead, at: "spec", "overhead")
        }
        for (label, value) in found.at("scheduling", "nodeSelector")?.object ?? [:] {
            if let own = pod.at("spec", "nodeSelector", label), own != value {
                throw request.forbidden(
                    "conflict: runtimeClass.scheduling.nodeSelector[\(label)] = \(value.string ?? ""); "
                        + "pod.spec.nodeSelector[\(label)] = \(own.string ?? "")"
                )
            }
            pod.set(value, at: "spec", "nodeSelector", label)
        }
        var tolerations = pod.at("spec", "tolerations")?.array ?? []
        let more = found.at("scheduling", "tolerations")?.array ?? []
        tolerations += more.filter { !tolerations.contains($0) }
        if !more.isEmpty { pod.set(.array(tolerations), at: "spec", "tolerations") }
    }
}
