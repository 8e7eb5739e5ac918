import KubeModel

/// Gives pods the service account that they run as: its name, its token where it wants one, its pull secrets.
struct ServiceAccountAdmission: Sendable {
    let store: ClusterStore

    static let mountPath = "/var/run/secrets/kubernetes.io/serviceaccount"
    private static let volumePrefix = "kube-api-access-"

    /// - Throws: 403 for an account that is not there.
    func admit(_ pod: inout KubeObject, _ request: AdmissionRequest) throws {
        // A pod that a node made of a file of its own has no account.
        guard pod.annotation("kubernetes.io/config.mirror") == nil else { return }
        var name = pod.at("spec", "serviceAccountName")?.string ?? ""
        if name.isEmpty { name = "default" }
        pod.set(.string(name), at: "spec", "serviceAccountName")
        pod.set(.string(name), at: "spec", "serviceAccount")
        guard let account = account(ObjectName(namespace: pod.namespace, name: name)) else {
            throw request.forbidden(
                "error looking up service account \(pod.namespace)/\(name): serviceaccount \"\(name)\" not found"
            )
        }
        let automounts =
            pod.at("spec", "automountServiceAccountToken")?.bool
            ?? account["automountServiceAccountToken"]?.bool ?? true
        if automounts { mountToken(into: &pod) }
        if (pod.at("spec", "imagePullSecrets")?.array ?? []).isEmpty,
            let secrets = account["imagePullSecrets"]?.array, !secrets.isEmpty
        {
            pod.set(.array(secrets), at: "spec", "imagePullSecrets")
        }
    }

    /// Waits a little for the `default` account of a namespace that is just being made.
    func awaitAccount(of pod: KubeObject) async {
        let name = pod.at("spec", "serviceAccountName")?.string ?? ""
        guard name.isEmpty || name == "default" else { return }
        let wanted = ObjectName(namespace: pod.namespace, name: "default")
        let namespace = ClusterStore.Key(resource: "namespaces", name: ObjectName(name: pod.namespace))
        for _ in 0..<100 where account(wanted) == nil && store.get(namespace) != nil {
            // Cancellation ends the wait; what is missing is told by the refusal.
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    private func account(_ name: ObjectName) -> KubeObject? {
        store.get(ClusterStore.Key(resource: "serviceaccounts", name: name))
    }

    private func mountToken(into pod: inout KubeObject) {
        let volumes = pod.at("spec", "volumes")?.array ?? []
        let known = volumes.compactMap { $0["name"]?.string }.first { $0.hasPrefix(Self.volumePrefix) }
        let name = known ?? Identifiers.name(Self.volumePrefix)
        var isNeeded = false
        pod.json.edit("spec") { spec in
            for list in ["initContainers", "containers"] {
                spec.editElements(of: list) { container in
                    let mounts = container["volumeMounts"]?.array ?? []
                    guard !mounts.contains(where: { $0["mountPath"]?.string == Self.mountPath }) else {
                        return
                    }
                    isNeeded = true
                    let mount: JSON = [
                        "name": .string(name), "readOnly": true, "mountPath": .string(Self.mountPath),
                    ]
                    container["volumeMounts"] = .array(mounts + [mount])
                }
            }
        }
        guard isNeeded, known == nil else { return }
        pod.set(.array(volumes + [Self.volume(name)]), at: "spec", "volumes")
    }

    private static func volume(_ name: String) -> JSON {
        let namespace: JSON = [
            "path": "namespace", "fieldRef": ["apiVersion": "v1", "fieldPath": "metadata.namespace"],
        ]
        return [
            "name": .string(name),
            "projected": [
                "defaultMode": 420,
                "sources": [
                    ["serviceAccountToken": ["expirationSeconds": 3607, "path": "token"]],
                    [
                        "configMap": [
                            "name": "kube-root-ca.crt", "items": [["key": "ca.crt", "path": "ca.crt"]],
                        ]
                    ],
                    ["downwardAPI": ["items": [namespace]]],
                ],
            ],
        ]
    }
}
