import KubeModel

/// Quotas of a namespace: what is there plus what is asked for may not be more than what the quota allows.
///
/// Usage is counted from the objects that are there, so that it holds also right after a write and before a controller
/// has filled in the quota's status.
struct QuotaAdmission: Sendable {
    let store: ClusterStore

    func admit(_ object: KubeObject, _ request: AdmissionRequest) throws {
        guard store.count("resourcequotas") > 0, request.storageKey != "resourcequotas" else { return }
        let quotas = store.list("resourcequotas", namespace: object.namespace).items
        guard !quotas.isEmpty else { return }
        let asked = QuotaUsage.usage(of: object, request.storageKey)
        for quota in quotas where QuotaUsage.scopes(of: quota, cover: object) {
            let hard = (quota.at("status", "hard") ?? quota.at("spec", "hard"))?.object ?? [:]
            var exceeded: [(name: String, asked: String, used: String, limit: String)] = []
            for (name, amount) in asked {
                guard let limit = hard[name]?.string else { continue }
                let used = used(name, quota, request.storageKey)
                if QuantityText.compare(QuotaUsage.sum(used, amount), limit) > 0 {
                    exceeded.append((name, amount, used, limit))
                }
            }
            guard !exceeded.isEmpty else {
                try checkMissing(object, asked, hard, quota, request)
                continue
            }
            exceeded.sort { $0.name < $1.name }
            func list(
                _ value: ((name: String, asked: String, used: String, limit: String)) -> String
            ) -> String {
                exceeded.map { "\($0.name)=\(value($0))" }.joined(separator: ",")
            }
            throw request.forbidden(
                "exceeded quota: \(quota.name), requested: \(list { $0.asked }), used: \(list { $0.used }), "
                    + "limited: \(list { $0.limit })"
            )
        }
    }

    /// Pods must say what they need of what is limited.
    private func checkMissing(
        _ object: KubeObject,
        _ asked: [String: String],
        _ hard: JSONObject,
        _ quota: KubeObject,
        _ request: AdmissionRequest
    ) throws {
        guard request.storageKey == "pods" else { return }
        let compute = ["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"]
        let missing = compute.filter { hard[$0] != nil && asked[$0] == nil }
        guard !missing.isEmpty else { return }
        let names = (object.at("spec", "containers")?.array ?? []).compactMap { $0["name"]?.string }
        let text = missing.map { "\($0) for: \(names.joined(separator: ","))" }.joined(separator: "; ")
        throw request.forbidden("failed quota: \(quota.name): must specify \(text)")
    }

    private func used(_ name: String, _ quota: KubeObject, _ storageKey: String) -> String {
        var total = "0"
        for object in store.list(storageKey, namespace: quota.namespace).items
        where QuotaUsage.counts(object, storageKey) && QuotaUsage.scopes(of: quota, cover: object) {
            if let amount = QuotaUsage.usage(of: object, storageKey)[name] {
                total = QuotaUsage.sum(total, amount)
            }
        }
        return total
    }
}

/// What an object counts for in quotas.
enum QuotaUsage {
    private static let countedByName: Set<String> = [
        "pods", "services", "replicationcontrollers", "resourcequotas", "secrets", "configmaps",
        "persistentvolumeclaims",
    ]

    static func usage(of object: KubeObject, _ storageKey: String) -> [String: String] {
        var usage = ["count/\(storageKey)": "1"]
        if countedByName.contains(storageKey) { usage[storageKey] = "1" }
        switch storageKey {
        case "pods":
            for container in object.at("spec", "containers")?.array ?? [] {
                for (name, value) in container.at("resources", "requests")?.object ?? [:] {
                    add(value, "requests.\(name)", &usage)
                    if name == "cpu" || name == "memory" || name == "ephemeral-storage" {
                        add(value, name, &usage)
                    }
                }
                for (name, value) in container.at("resources", "limits")?.object ?? [:] {
                    add(value, "limits.\(name)", &usage)
                }
            }
        case "services":
            switch object.at("spec", "type")?.string {
            case "NodePort":
                usage["services.nodeports"] = String(object.at("spec", "ports")?.array?.count ?? 0)
            case "LoadBalancer":
                usage["services.loadbalancers"] = "1"
                usage["services.nodeports"] = String(object.at("spec", "ports")?.array?.count ?? 0)
            default: break
            }
        case "persistentvolumeclaims":
            if let storage = object.at("spec", "resources", "requests", "storage") {
                add(storage, "requests.storage", &usage)
                if let name = object.at("spec", "storageClassName")?.string {
                    add(storage, "\(name).storageclass.storage.k8s.io/requests.storage", &usage)
                    usage["\(name).storageclass.storage.k8s.io/persistentvolumeclaims"] = "1"
                }
            }
        default: break
        }
        return usage
    }

    /// Pods that have ended use nothing.
    static func counts(_ object: KubeObject, _ storageKey: String) -> Bool {
        guard storageKey == "pods" else { return true }
        return !["Succeeded", "Failed"].contains(object.at("status", "phase")?.string ?? "")
    }

    static func sum(_ left: String, _ right: String) -> String { QuantityText.sum(left, right) }

    private static func add(_ value: JSON, _ name: String, _ usage: inout [String: String]) {
        usage[name] = sum(usage[name] ?? "0", value.string ?? "0")
    }

    /// Whether a quota is about an object at all.
    static func scopes(of quota: KubeObject, cover object: KubeObject) -> Bool {
        for scope in quota.at("spec", "scopes")?.array ?? [] {
            let spec = object["spec"] ?? [:]
            let isBestEffort = QualityOfService.of(spec) == "BestEffort"
            let holds =
                switch scope.string ?? "" {
                case "BestEffort": object.kind == "Pod" && isBestEffort
                case "NotBestEffort": object.kind == "Pod" && !isBestEffort
                case "Terminating": object.kind == "Pod" && spec["activeDeadlineSeconds"] != nil
                case "NotTerminating": object.kind == "Pod" && spec["activeDeadlineSeconds"] == nil
                default: true
                }
            if !holds { return false }
        }
        for requirement in quota.at("spec", "scopeSelector", "matchExpressions")?.array ?? []
        where requirement["scopeName"] == "PriorityClass" {
            let name = object.at("spec", "priorityClassName") ?? ""
            let values = requirement.elements(of: "values")
            let holds =
                switch requirement["operator"]?.string ?? "" {
                case "In": values.contains(name)
                case "NotIn": !values.contains(name)
                case "Exists": name != ""
                case "DoesNotExist": name == ""
                default: true
                }
            if !holds { return false }
        }
        return true
    }
}
