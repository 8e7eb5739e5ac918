import KubeModel

/// Makes the pods and claims of a StatefulSet.
struct StatefulSetPods {
    let set: KubeObject

    func pod(ordinal: Int, revision: String, template: JSON) -> KubeObject {
        var pod = PodFactory.pod(from: template, ownedBy: set)
        let name = "\(set.name)-\(ordinal)"
        pod.set(nil, at: "metadata", "generateName")
        pod.name = name
        pod.set(.string(name), at: "metadata", "labels", "statefulset.kubernetes.io/pod-name")
        pod.set(.string(String(ordinal)), at: "metadata", "labels", "apps.kubernetes.io/pod-index")
        pod.set(.string(revision), at: "metadata", "labels", "controller-revision-hash")
        pod.set(.string(name), at: "spec", "hostname")
        if let service = set.at("spec", "serviceName")?.string, !service.isEmpty {
            pod.set(.string(service), at: "spec", "subdomain")
        }
        let claims = claims(ordinal: ordinal)
        if !claims.isEmpty {
            let names = Set(claims.map(\.volume))
            let others = (pod.at("spec", "volumes")?.array ?? []).filter {
                !names.contains($0["name"]?.string ?? "")
            }
            let volumes: [JSON] = claims.map { claim in
                [
                    "name": .string(claim.volume),
                    "persistentVolumeClaim": ["claimName": .string(claim.object.name)],
                ]
            }
            pod.set(.array(volumes + others), at: "spec", "volumes")
        }
        return pod
    }

    func claims(ordinal: Int) -> [(volume: String, object: KubeObject)] {
        (set.at("spec", "volumeClaimTemplates")?.array ?? []).map { template in
            let volume = template.at("metadata", "name")?.string ?? ""
            var claim = KubeObject(
                apiVersion: "v1",
                kind: "PersistentVolumeClaim",
                namespace: set.namespace,
                name: "\(volume)-\(set.name)-\(ordinal)"
            )
            var labels = template.at("metadata", "labels")?.object ?? [:]
            for (key, value) in set.at("spec", "selector", "matchLabels")?.object ?? [:] {
                labels[key] = value
            }
            claim.set(labels.isEmpty ? nil : .object(labels), at: "metadata", "labels")
            claim.set(template.at("metadata", "annotations"), at: "metadata", "annotations")
            claim.spec = template["spec"] ?? [:]
            return (volume, claim)
        }
    }
}
