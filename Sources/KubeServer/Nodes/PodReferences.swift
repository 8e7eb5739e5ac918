import KubeModel
import KubeRuntime

/// The ConfigMaps and Secrets that a pod cannot do without, and which of them are missing.
struct PodReferences {
    private(set) var missingVolume: String?
    private(set) var missingByContainer: [String: String] = [:]

    init(_ pod: KubeObject, configMaps: Informer, secrets: Informer) {
        func exists(_ informer: Informer, _ name: String) -> Bool {
            informer.get(ObjectName(namespace: pod.namespace, name: name)) != nil
        }
        for volume in pod.at("spec", "volumes")?.array ?? [] {
            let title = volume["name"]?.string ?? ""
            if let map = volume["configMap"], map["optional"]?.bool != true, let name = map["name"]?.string,
                !exists(configMaps, name)
            {
                missingVolume =
                    "MountVolume.SetUp failed for volume \"\(title)\" : configmap \"\(name)\" not found"
            }
            if let secret = volume["secret"], secret["optional"]?.bool != true,
                let name = secret["secretName"]?.string,
                !exists(secrets, name)
            {
                missingVolume =
                    "MountVolume.SetUp failed for volume \"\(title)\" : secret \"\(name)\" not found"
            }
        }
        let containers =
            (pod.at("spec", "initContainers")?.array ?? []) + (pod.at("spec", "containers")?.array ?? [])
        for container in containers {
            let sources =
                (container["envFrom"]?.array ?? []).flatMap { [($0["configMapRef"], $0["secretRef"])] }
                + (container["env"]?.array ?? []).map {
                    ($0.at("valueFrom", "configMapKeyRef"), $0.at("valueFrom", "secretKeyRef"))
                }
            for (map, secret) in sources {
                let title = container["name"]?.string ?? ""
                if let map, map["optional"]?.bool != true, let name = map["name"]?.string,
                    !exists(configMaps, name)
                {
                    missingByContainer[title] = "configmap \"\(name)\" not found"
                }
                if let secret, secret["optional"]?.bool != true, let name = secret["name"]?.string,
                    !exists(secrets, name)
                {
                    missingByContainer[title] = "secret \"\(name)\" not found"
                }
            }
        }
    }
}
