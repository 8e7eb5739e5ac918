import KubeModel

/// The limits of a namespace: defaults for containers, and bounds.
struct LimitRanger: Sendable {
    let store: ClusterStore

    private func ranges(_ namespace: String) -> [KubeObject] {
        guard store.count("limitranges") > 0 else { return [] }
        return store.list("limitranges", namespace: namespace).items
    }

    private func limits(_ namespace: String, of type: String) -> [JSON] {
        ranges(namespace).flatMap { range in
            (range.at("spec", "limits")?.array ?? []).filter { $0["type"]?.string == type }
        }
    }

    // MARK: Defaults

    func fill(_ pod: inout KubeObject) throws {
        for range in ranges(pod.namespace) {
            var requests: JSONObject = [:]
            var limits: JSONObject = [:]
            for limit in range.at("spec", "limits")?.array ?? [] where limit["type"]?.string == "Container" {
                for (name, value) in limit["defaultRequest"]?.object ?? [:] { requests[name] = value }
                for (name, value) in limit["default"]?.object ?? [:] { limits[name] = value }
            }
            var notes: [String] = []
            pod.json.edit("spec") { spec in
                for (list, kind) in [("containers", "container"), ("initContainers", "init container")] {
                    spec.editElements(of: list) { container in
                        let name = container["name"]?.string ?? ""
                        for (member, values) in [("requests", requests), ("limits", limits)] {
                            var set: [String] = []
                            for (resource, value) in values
                            where container.at("resources", member, resource) == nil {
                                container.set(value, at: ["resources", member, resource])
                                set.append(resource)
                            }
                            guard !set.isEmpty else { continue }
                            let names = set.sorted().joined(separator: ", ")
                            notes.append("\(names) \(member.dropLast()) for \(kind) \(name)")
                        }
                    }
                }
            }
            guard !notes.isEmpty else { continue }
            let text = "LimitRanger plugin set: " + notes.joined(separator: "; ")
            pod.set(.string(text), at: "metadata", "annotations", "kubernetes.io/limit-ranger")
        }
    }

    // MARK: Bounds

    func check(pod: KubeObject, _ request: AdmissionRequest) throws {
        var problems: [String] = []
        func resources(_ list: String) -> [JSON] {
            (pod.at("spec", list)?.array ?? []).map { $0["resources"] ?? [:] }
        }
        let containers = resources("containers")
        let initContainers = resources("initContainers")
        for limit in limits(pod.namespace, of: "Container") {
            for one in containers + initContainers { problems += Self.problems(one, limit, "Container") }
        }
        for limit in limits(pod.namespace, of: "Pod") {
            problems += Self.problems(Self.total(containers, initContainers), limit, "Pod")
        }
        try refuse(problems, request)
    }

    func check(claim: KubeObject, _ request: AdmissionRequest) throws {
        let resources: JSON = ["requests": claim.at("spec", "resources", "requests") ?? [:]]
        let problems = limits(claim.namespace, of: "PersistentVolumeClaim").flatMap { limit in
            Self.minimum(resources, limit, "PersistentVolumeClaim")
                + Self.bounds(limit["max"]).compactMap { name, bound in
                    let prefix = "maximum \(name) usage per PersistentVolumeClaim is \(bound)"
                    guard let asked = resources.at("requests", name)?.quantityText else {
                        return "\(prefix).  No request is specified"
                    }
                    return QuantityText.compare(asked, bound) > 0 ? "\(prefix), but request is \(asked)" : nil
                }
        }
        try refuse(problems, request)
    }

    private func refuse(_ problems: [String], _ request: AdmissionRequest) throws {
        guard !problems.isEmpty else { return }
        throw request.forbidden(
            problems.count == 1 ? problems[0] : "[" + problems.joined(separator: ", ") + "]"
        )
    }

    /// What a pod needs: its containers together, or as much as its hungriest init container.
    private static func total(_ containers: [JSON], _ initContainers: [JSON]) -> JSON {
        var total: JSON = [:]
        for resources in containers {
            for member in ["limits", "requests"] {
                for (name, value) in resources[member]?.object ?? [:] {
                    let sum = QuantityText.sum(
                        total.at(member, name)?.string ?? "0",
                        value.quantityText ?? "0"
                    )
                    total.set(.string(sum), at: [member, name])
                }
            }
        }
        for resources in initContainers {
            for member in ["limits", "requests"] {
                for (name, value) in resources[member]?.object ?? [:] {
                    let amount = value.quantityText ?? "0"
                    guard QuantityText.compare(amount, total.at(member, name)?.string ?? "0") > 0 else {
                        continue
                    }
                    total.set(.string(amount), at: [member, name])
                }
            }
        }
        return total
    }

    private static func bounds(_ json: JSON?) -> [(name: String, bound: String)] {
        (json?.object ?? [:]).map { ($0.key, $0.value.quantityText ?? "0") }.sorted { $0.0 < $1.0 }
    }

    private static func problems(_ resources: JSON, _ limit: JSON, _ type: String) -> [String] {
        minimum(resources, limit, type) + maximum(resources, limit, type) + ratio(resources, limit, type)
    }

    private static func minimum(_ resources: JSON, _ limit: JSON, _ type: String) -> [String] {
        bounds(limit["min"]).compactMap { name, bound in
            let prefix = "minimum \(name) usage per \(type) is \(bound)"
            guard let asked = resources.at("requests", name)?.quantityText else {
                return "\(prefix).  No request is specified"
            }
            if QuantityText.compare(asked, bound) < 0 { return "\(prefix), but request is \(asked)" }
            guard let most = resources.at("limits", name)?.quantityText,
                QuantityText.compare(most, bound) < 0
            else { return nil }
            return "\(prefix), but limit is \(most)"
        }
    }

    private static func maximum(_ resources: JSON, _ limit: JSON, _ type: String) -> [String] {
        bounds(limit["max"]).compactMap { name, bound in
            let prefix = "maximum \(name) usage per \(type) is \(bound)"
            guard let most = resources.at("limits", name)?.quantityText else {
                return "\(prefix).  No limit is specified"
            }
            if QuantityText.compare(most, bound) > 0 { return "\(prefix), but limit is \(most)" }
            guard let asked = resources.at("requests", name)?.quantityText,
                QuantityText.compare(asked, bound) > 0
            else { return nil }
            return "\(prefix), but request is \(asked)"
        }
    }

    private static func ratio(_ resources: JSON, _ limit: JSON, _ type: String) -> [String] {
        bounds(limit["maxLimitRequestRatio"]).compactMap { name, bound in
            let prefix = "\(name) max limit to request ratio per \(type) is \(bound), but"
            func amount(_ member: String) -> Double {
                Double(Quantity(resources.at(member, name))?.milliValue ?? 0)
            }
            let asked = amount("requests")
            guard asked != 0 else { return "\(prefix) no request is specified or request is 0" }
            let most = amount("limits")
            guard most != 0 else { return "\(prefix) no limit is specified or limit is 0" }
            let given = most / asked
            guard let allowed = Quantity(bound)?.milliValue, given * 1000 > Double(allowed) else {
                return nil
            }
            return "\(prefix) provided ratio is \(Self.sixDigits(given))"
        }
    }

    /// As Go's `%f` writes it.
    static func sixDigits(_ number: Double) -> String {
        let millionths = (number * 1_000_000).rounded()
        guard millionths < 9e15 else { return "\(number)" }
        let whole = Int(millionths)
        let rest = String(whole % 1_000_000)
        return "\(whole / 1_000_000)." + String(repeating: "0", count: 6 - rest.count) + rest
    }
}

extension JSON {
    /// A quantity as it was written; clients may write whole numbers without quotes.
    fileprivate var quantityText: String? { string ?? int.map { String($0) } }
}
