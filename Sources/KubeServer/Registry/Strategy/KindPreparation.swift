import KubeModel

/// What the server itself puts into new and changed objects of some kinds, before they are validated.
enum PodPreparation {
    static func create(_ object: inout KubeObject) {
        object.set(.string(QualityOfService.of(object["spec"] ?? [:])), at: "status", "qosClass")
    }

    static func update(_ object: inout KubeObject, _ old: KubeObject) {
        // The class is of the pod's first spec, and never changes.
        if object.at("status", "qosClass") == nil, let value = old.at("status", "qosClass") {
            object.set(value, at: "status", "qosClass")
        }
    }
}

/// How well a pod is served when its node runs out of something.
enum QualityOfService {
    static func of(_ spec: JSON) -> String {
        var hasAny = false
        var isGuaranteed = true
        for list in ["initContainers", "containers"] {
            for container in spec.elements(of: list) {
                let limits = container.at("resources", "limits")
                let requests = container.at("resources", "requests")
                for name in ["cpu", "memory"] {
                    let limit = limits?[name]?.string
                    let request = requests?[name]?.string
                    let limited = limit.map { QuantityText.compare($0, "0") > 0 } ?? false
                    let requested = request.map { QuantityText.compare($0, "0") > 0 } ?? false
                    if limited || requested { hasAny = true }
                    let isEqual = limit.map { QuantityText.compare($0, request ?? $0) == 0 } ?? false
                    if !limited || !isEqual { isGuaranteed = false }
                }
            }
        }
        return !hasAny ? "BestEffort" : isGuaranteed ? "Guaranteed" : "Burstable"
    }
}

enum NamespacePreparation {
    static func create(_ object: inout KubeObject) {
        var finalizers = object.at("spec", "finalizers")?.array ?? []
        if !finalizers.contains("kubernetes") { finalizers.append("kubernetes") }
        object.set(.array(finalizers), at: "spec", "finalizers")
    }

    /// The finalizers of the spec change through the subresource only.
    static func update(_ object: inout KubeObject, _ old: KubeObject) {
        object["spec"] = old["spec"]
    }
}

enum ServicePreparation {
    /// What belongs to one type of service goes as the type changes; what was allocated stays if it is left out.
    static func update(_ object: inout KubeObject, _ old: KubeObject) {
        var spec = object["spec"] ?? [:]
        let before = old["spec"] ?? [:]
        let type = spec["type"]?.string ?? ""
        if type == "ExternalName" {
            if before["type"] != "ExternalName" {
                let allocated = [
                    "clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy",
                    "externalTrafficPolicy", "healthCheckNodePort", "allocateLoadBalancerNodePorts",
                ]
                for key in allocated where spec[key] == before[key] || spec.lacks(key) { spec[key] = nil }
            }
            object["spec"] = spec
            return
        }
        if before["type"] != "ExternalName" {
            for key in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"] where spec.lacks(key) {
                spec[key] = before[key]
            }
            // A changed address without the list that repeats it counts for both.
            if spec["clusterIP"] != before["clusterIP"], spec["clusterIPs"] == before["clusterIPs"],
                let address = spec["clusterIP"]
            {
                spec["clusterIPs"] = [address]
            }
        }
        let hadPorts = before["type"] == "NodePort" || before["type"] == "LoadBalancer"
        let hasPorts = type == "NodePort" || type == "LoadBalancer"
        if hadPorts, !hasPorts {
            if spec["externalTrafficPolicy"] == before["externalTrafficPolicy"],
                spec.elements(of: "externalIPs").isEmpty
            {
                spec["externalTrafficPolicy"] = nil
            }
            spec["healthCheckNodePort"] = nil
            spec.editElements(of: "ports") { $0["nodePort"] = nil }
        } else if hadPorts {
            let ports = before.elements(of: "ports")
            let taken = Set(spec.elements(of: "ports").compactMap { $0["nodePort"]?.int })
            spec.editElements(of: "ports") { port in
                guard port["nodePort"] == nil else { return }
                let same = ports.first { $0["port"] == port["port"] && $0["protocol"] == port["protocol"] }
                if let number = same?["nodePort"]?.int, !taken.contains(number) {
                    port["nodePort"] = .integer(Int64(number))
                }
            }
        }
        if type != "LoadBalancer", before["type"] == "LoadBalancer" {
            spec["allocateLoadBalancerNodePorts"] = nil
            spec["loadBalancerClass"] = nil
        }
        object["spec"] = spec
    }
}

enum DaemonSetPreparation {
    private static let annotation = "deprecated.daemonset.template.generation"

    static func create(_ object: inout KubeObject) {
        object.set("1", at: "metadata", "annotations", annotation)
    }

    static func update(_ object: inout KubeObject, _ old: KubeObject) {
        var generation = Int(old.annotation(annotation) ?? "") ?? 0
        if object.at("spec", "template") != old.at("spec", "template") { generation += 1 }
        object.set(.string(String(max(generation, 1))), at: "metadata", "annotations", annotation)
    }
}

enum JobPreparation {
    static func create(_ object: inout KubeObject) {
        guard object.at("spec", "manualSelector")?.bool != true else { return }
        let uid = JSON.string(object.uid)
        let name = JSON.string(object.name)
        object.set(["matchLabels": ["batch.kubernetes.io/controller-uid": uid]], at: "spec", "selector")
        let labels: [(String, JSON)] = [
            ("controller-uid", uid), ("job-name", name), ("batch.kubernetes.io/controller-uid", uid),
            ("batch.kubernetes.io/job-name", name),
        ]
        for (key, value) in labels { object.set(value, at: "spec", "template", "metadata", "labels", key) }
    }
}

enum DefinitionPreparation {
    static func create(_ object: inout KubeObject) {
        let stored = object.json.at("spec", "versions")?.array?.first { $0["storage"]?.bool == true }
        if let name = stored?["name"] { object.set([name], at: "status", "storedVersions") }
    }

    static func update(_ object: inout KubeObject, _ old: KubeObject) {
        let stored = object.json.at("spec", "versions")?.array?.first { $0["storage"]?.bool == true }
        var versions = object.at("status", "storedVersions")?.array ?? []
        if let name = stored?["name"], !versions.contains(name) {
            versions.append(name)
            object.set(.array(versions), at: "status", "storedVersions")
        }
    }
}
