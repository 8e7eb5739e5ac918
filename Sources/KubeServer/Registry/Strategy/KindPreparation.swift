import KubeModel

/// What the server itself puts into new and changed objects of some kinds, before they are validated.
enum PodPreparation {
    static func create(_ object: inout KubeObject) {
        object.set(.string(QualityOfService.of(object["spec"] ?? [:])), at: "status", "qosClass")
        guard !(object.at("spec", "schedulingGates")?.array ?? []).isEmpty else { return }
        let gated: JSON = [
            "type": "PodScheduled", "status": "False", "reason": "SchedulingGated", "lastProbeTime": .null,
            "message": "Scheduling is blocked due to non-empty scheduling gates", "lastTransitionTime": .null,
        ]
        object.set([gated], at: "status", "conditions")
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
        // A generated name was not known as defaults were set.
        object.set(.string(object.name), at: "metadata", "labels", "kubernetes.io/metadata.name")
    }

    /// The finalizers of the spec change through the subresource only.
    static func update(_ object: inout KubeObject, _ old: KubeObject) {
        object["spec"] = old["spec"]
    }
}

enum ServicePreparation {
    /// The list of addresses repeats the one, for clients that know only that.
    static func create(_ object: inout KubeObject) {
        let address = object.at("spec", "clusterIP") ?? ""
        guard address != "", object.at("spec", "clusterIPs") == nil else { return }
        object.set([address], at: "spec", "clusterIPs")
    }

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

enum NodePreparation {
    /// A node takes no pods before it says that it is ready.
    static func create(_ object: inout KubeObject) {
        let key = "node.kubernetes.io/not-ready"
        var taints = object.at("spec", "taints")?.array ?? []
        guard !taints.contains(where: { $0["key"]?.string == key }) else { return }
        taints.append(["key": .string(key), "effect": "NoSchedule"])
        object.set(.array(taints), at: "spec", "taints")
    }
}

/// Keeps the two ways to say what a claim is filled with alike.
enum ClaimPreparation {
    private static let members = ["apiGroup", "kind", "name"]

    static func create(_ object: inout KubeObject) {
        var spec = object["spec"] ?? [:]
        if let source = spec["dataSource"], !isOldKind(source) { spec["dataSource"] = nil }
        if let source = spec["dataSource"], spec["dataSourceRef"] == nil {
            spec["dataSourceRef"] = copy(source)
        } else if let reference = spec["dataSourceRef"], spec["dataSource"] == nil,
            reference.lacks("namespace")
        {
            spec["dataSource"] = copy(reference)
        }
        object["spec"] = spec
    }

    /// The old field knows claims and snapshots only.
    private static func isOldKind(_ source: JSON) -> Bool {
        switch source["apiGroup"]?.string ?? "" {
        case "": source["kind"] == "PersistentVolumeClaim"
        case "snapshot.storage.k8s.io": source["kind"] == "VolumeSnapshot"
        default: false
        }
    }

    /// Go writes the group also when there is none.
    private static func copy(_ source: JSON) -> JSON {
        var copy: JSON = [:]
        for key in members { copy[key] = source[key] ?? .null }
        return copy
    }
}

/// Notes when a volume came into its phase.
enum VolumePreparation {
    static func create(_ object: inout KubeObject) {
        object.set(object.at("metadata", "creationTimestamp"), at: "status", "lastPhaseTransitionTime")
    }

    static func updateStatus(_ object: inout KubeObject, _ old: KubeObject) {
        let key = "lastPhaseTransitionTime"
        guard object.at("status", "phase") != old.at("status", "phase"),
            object.at("status", key) == nil || object.at("status", key) == old.at("status", key)
        else { return }
        object.set(.string(WireTime.now().text()), at: "status", key)
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
        let own = object.at("metadata", "labels")
        let isShared = own == nil || own == object.at("spec", "template", "metadata", "labels")
        // What the client asked for instead stays, for validation to refuse it.
        if object.at("spec", "selector", "matchLabels", "batch.kubernetes.io/controller-uid") == nil {
            object.set(uid, at: "spec", "selector", "matchLabels", "batch.kubernetes.io/controller-uid")
        }
        let labels: [(String, JSON)] = [
            ("controller-uid", uid), ("job-name", name), ("batch.kubernetes.io/controller-uid", uid),
            ("batch.kubernetes.io/job-name", name),
        ]
        for (key, value) in labels
        where object.at("spec", "template", "metadata", "labels", key) == nil {
            object.set(value, at: "spec", "template", "metadata", "labels", key)
        }
        // Labels that a Job took over from its template are the template's, also those that came now.
        if isShared {
            object.set(object.at("spec", "template", "metadata", "labels"), at: "metadata", "labels")
        }
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
