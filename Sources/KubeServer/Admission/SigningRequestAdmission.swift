import KubeModel

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
