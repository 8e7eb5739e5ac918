import KubeModel

extension Health {
    static func claim(_ object: KubeObject) -> Health {
        let phase = object.at("status", "phase")?.string ?? "Pending"
        switch phase {
        case "Bound":
            return Health(.healthy, summary: object.at("status", "capacity", "storage")?.string ?? "Bound")
        case "Lost": return Health(.degraded, "its volume is lost", summary: "Lost")
        default: return Health(.progressing, "waits for a volume", summary: phase)
        }
    }

    static func service(_ object: KubeObject) -> Health {
        let type = object.at("spec", "type")?.string ?? "ClusterIP"
        let clusterIP = object.at("spec", "clusterIP")?.string
        guard type == "LoadBalancer" else {
            return Health(.healthy, summary: type == "ExternalName" ? type : clusterIP ?? type)
        }
        if let address = address(of: object) { return Health(.healthy, summary: address) }
        return Health(.progressing, "waits for an address of the load balancer", summary: type)
    }

    static func ingress(_ object: KubeObject) -> Health {
        let hosts = (object.at("spec", "rules")?.array ?? []).compactMap { $0["host"]?.string }
        let summary = hosts.joined(separator: ", ")
        if let address = address(of: object) {
            return Health(.healthy, summary: summary.isEmpty ? address : summary)
        }
        // Whether the cluster has a controller for it cannot be seen here; ``Circumstances`` knows.
        return Health(.progressing, "waits for an address of an ingress controller", summary: summary)
    }

    private static func address(of object: KubeObject) -> String? {
        guard let first = object.at("status", "loadBalancer", "ingress")?.array?.first else { return nil }
        return first["ip"]?.string ?? first["hostname"]?.string
    }

    static func namespace(_ object: KubeObject) -> Health {
        object.at("status", "phase")?.string == "Terminating"
            ? Health(.progressing, "is being deleted", summary: "Terminating")
            : Health(.healthy, summary: "Active")
    }

    static func autoscaler(_ object: KubeObject) -> Health {
        let status = object.status
        let summary = "\(status["currentReplicas"]?.int ?? 0) replicas"
        let conditions = autoscalerConditions(object).map(Condition.init)
        if let failed = conditions.first(where: { $0.isFalse && $0.reason.hasPrefix("Failed") }) {
            return Health(.degraded, failed.message, summary: summary)
        }
        if let able = conditions.first(where: { $0.type == "AbleToScale" }) {
            return able.isTrue
                ? Health(.healthy, summary: summary) : Health(.progressing, able.message, summary: summary)
        }
        return Health(.progressing, "waits for its controller", summary: summary)
    }

    /// In `autoscaling/v1` there is no place for them but an annotation, which API servers make of the newer form.
    private static func autoscalerConditions(_ object: KubeObject) -> [JSON] {
        if let conditions = object.status["conditions"]?.array { return conditions }
        guard let text = object.annotation("autoscaling.alpha.kubernetes.io/conditions") else { return [] }
        return (try? JSON.parse(text))?.array ?? []  // What is no JSON says nothing.
    }

    static func definition(_ object: KubeObject) -> Health {
        if let names = object.condition("NamesAccepted"), names.isFalse {
            return Health(.degraded, names.message)
        }
        if object.condition("Established")?.isTrue == true { return Health(.healthy, summary: "Established") }
        return Health(.progressing, "waits to be established")
    }

    static func apiService(_ object: KubeObject) -> Health {
        guard let available = object.condition("Available") else {
            return Health(.progressing, "waits to be available")
        }
        return available.isTrue
            ? Health(.healthy, summary: "Available") : Health(.progressing, available.message)
    }

    static func disruptionBudget(_ object: KubeObject) -> Health {
        let status = object.status
        let summary = status["disruptionsAllowed"]?.int.map { "\($0) disruptions allowed" } ?? ""
        return Health(.healthy, summary: summary)
    }

    /// Any kind: the conventions of kstatus.
    static func conditions(_ object: KubeObject) -> Health {
        if let observed = object.at("status", "observedGeneration")?.int, observed < object.generation {
            return Health(.progressing, notObserved)
        }
        if let stalled = object.condition("Stalled"), stalled.isTrue {
            return Health(.degraded, words(stalled))
        }
        if let reconciling = object.condition("Reconciling"), reconciling.isTrue {
            return Health(.progressing, words(reconciling))
        }
        guard let ready = object.condition("Ready") else { return Health(.healthy) }
        if ready.isTrue { return Health(.healthy, summary: "Ready") }
        let ongoing = [
            "Progressing", "Pending", "Waiting", "Creating", "Provisioning", "Starting", "Reconcil",
            "Issuing",
        ]
        let isOngoing =
            !ready.isFalse || ready.reason.isEmpty || ongoing.contains { ready.reason.contains($0) }
        return Health(isOngoing ? .progressing : .degraded, words(ready), summary: ready.reason)
    }

    private static func words(_ condition: Condition) -> String {
        condition.message.isEmpty ? condition.reason : condition.message
    }
}
