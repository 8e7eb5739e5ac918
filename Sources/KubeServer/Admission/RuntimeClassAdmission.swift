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

/// Notes who asks for a signature.
enum SigningRequestAdmission {
    static func admit(_ object: inout KubeObject, _ request: AdmissionRequest) {
        let user = request.user
        object.set(.string(user.name), at: "spec", "username")
        object.set(user.uid.isEmpty ? nil : .string(user.uid), at: "spec", "uid")
        object.set(user.groups.isEmpty ? nil : .array(user.groups.map(JSON.string)), at: "spec", "groups")
        let extra = user.extra.map { ($0, JSON.array($1.map(JSON.string))) }
        let members = JSONObject(extra, uniquingKeysWith: { _, last in last })
        object.set(extra.isEmpty ? nil : .object(members), at: "spec", "extra")
    }
}
