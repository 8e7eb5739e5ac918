import KubeModel

/// The limits of a namespace: defaults for containers, and bounds.
struct LimitRanger: Sendable {
    let store: ClusterStore

    private func limits(_ namespace: String, of type: String) -> [JSON] {
        guard store.count("limitranges") > 0 else { return [] }
        return store.list("limitranges", namespace: namespace).items.flatMap { range in
            (range.at("spec", "limits")?.array ?? []).filter { $0["type"]?.string == type }
        }
    }

    func fill(_ pod: inout KubeObject) throws {
        let limits = limits(pod.namespace, of: "Container")
        guard !limits.isEmpty else { return }
        var notes: [String] = []
        pod.json.edit("spec") { spec in
            for list in ["initContainers", "containers"] {
                spec.editElements(of: list) { container in
                    let name = container["name"]?.string ?? ""
                    for (member, source, word) in [
                        ("limits", "default", "limit"), ("requests", "defaultRequest", "request"),
                    ] {
                        var set: [String] = []
                        for limit in limits {
                            for (resource, value) in limit[source]?.object ?? [:]
                            where container.at("resources", member, resource) == nil {
                                container.set(value, at: ["resources", member, resource])
                                set.append(resource)
                            }
                        }
                        if !set.isEmpty {
                            let kind = list == "containers" ? "container" : "init container"
                            notes.append(
                                "\(set.sorted().joined(separator: ", ")) \(word) for \(kind) \(name)"
                            )
                        }
                    }
                }
            }
        }
        if !notes.isEmpty {
            let text = "LimitRanger plugin set: " + notes.joined(separator: "; ")
            pod.set(.string(text), at: "metadata", "annotations", "kubernetes.io/limit-ranger")
        }
    }

    func check(pod: KubeObject, _ request: AdmissionRequest) throws {
        var problems: [String] = []
        let containers = (pod.at("spec", "containers")?.array ?? []).map { $0["resources"] ?? [:] }
        for limit in limits(pod.namespace, of: "Container") {
            for resources in containers { problems += Self.problems(resources, limit, "Container") }
        }
        for limit in limits(pod.namespace, of: "Pod") {
            problems += Self.problems(Self.total(containers), limit, "Pod")
        }
        try refuse(problems, request)
    }

    func check(claim: KubeObject, _ request: AdmissionRequest) throws {
        let resources = claim.at("spec", "resources") ?? [:]
        let problems = limits(claim.namespace, of: "PersistentVolumeClaim").flatMap {
            Self.problems(resources, $0, "PersistentVolumeClaim")
        }
        try refuse(problems, request)
    }

    private func refuse(_ problems: [String], _ request: AdmissionRequest) throws {
        guard !problems.isEmpty else { return }
        throw request.forbidden(
            problems.count == 1 ? problems[0] : "[" + problems.joined(separator: ", ") + "]"
        )
    }

    private static func total(_ containers: [JSON]) -> JSON {
        var total: JSON = [:]
        for resources in containers {
            for member in ["limits", "requests"] {
                for (name, value) in resources[member]?.object ?? [:] {
                    let sum = QuantityText.sum(total.at(member, name)?.string ?? "0", value.string ?? "0")
                    total.set(.string(sum), at: [member, name])
                }
            }
        }
        return total
    }

    private static func problems(_ resources: JSON, _ limit: JSON, _ type: String) -> [String] {
        var problems: [String] = []
        for (name, minimum) in limit["min"]?.object ?? [:] {
            let bound = minimum.string ?? "0"
            guard let request = resources.at("requests", name)?.string else {
                problems.append("minimum \(name) usage per \(type) is \(bound).  No request is specified")
                continue
            }
            if QuantityText.compare(request, bound) < 0 {
                problems.append("minimum \(name) usage per \(type) is \(bound), but request is \(request)")
            }
        }
        for (name, maximum) in limit["max"]?.object ?? [:] {
            let bound = maximum.string ?? "0"
            let member = type == "PersistentVolumeClaim" ? "requests" : "limits"
            guard let given = resources.at(member, name)?.string else {
                problems.append("maximum \(name) usage per \(type) is \(bound).  No limit is specified")
                continue
            }
            if QuantityText.compare(given, bound) > 0 {
                let word = member == "limits" ? "limit" : "request"
                problems.append("maximum \(name) usage per \(type) is \(bound), but \(word) is \(given)")
            }
        }
        return problems
    }
}
