import KubeModel

/// Rows of nodes, events, quotas, roles and other kinds that describe the cluster.
enum ClusterCells {
    static func namespace(_ cells: Cells) -> [JSON] {
        [cells.name, .string(cells.text("status", "phase")), cells.age]
    }

    static func node(_ cells: Cells) -> [JSON] {
        func address(_ type: String) -> JSON {
            let found = cells.list("status", "addresses").first { $0["type"]?.string == type }
            return Cells.orNone(found?["address"]?.string ?? "")
        }
        func info(_ key: String) -> JSON {
            let text = cells.at("status", "nodeInfo", key)?.string ?? ""
            return .string(text.isEmpty ? "<unknown>" : text)
        }
        return [
            cells.name, .string(nodeStatus(cells)), .string(nodeRoles(cells)), cells.age,
            .string(cells.text("status", "nodeInfo", "kubeletVersion")), address("InternalIP"),
            address("ExternalIP"),
            info("osImage"), info("kernelVersion"), info("containerRuntimeVersion"),
        ]
    }

    private static func nodeStatus(_ cells: Cells) -> String {
        var status = "Unknown"
        if let ready = cells.object.condition("Ready") { status = ready.isTrue ? "Ready" : "NotReady" }
        return cells.at("spec", "unschedulable")?.bool == true ? status + ",SchedulingDisabled" : status
    }

    private static func nodeRoles(_ cells: Cells) -> String {
        var roles: Set<String> = []
        for (key, value) in cells.object.labels {
            if key.hasPrefix("node-role.kubernetes.io/") {
                let role = key.dropFirst("node-role.kubernetes.io/".count)
                if !role.isEmpty { roles.insert(String(role)) }
            } else if key == "kubernetes.io/role", !value.isEmpty {
                roles.insert(value)
            }
        }
        return roles.isEmpty ? "<none>" : roles.sorted().joined(separator: ",")
    }

    static func event(_ cells: Cells) -> [JSON] {
        let subject = cells.at("involvedObject") ?? cells.at("regarding") ?? [:]
        let kind = (subject["kind"]?.string ?? "").lowercased()
        let name = subject["name"]?.string ?? ""
        func either(_ first: String, _ second: String) -> String {
            let text = cells.text(first)
            return text.isEmpty ? cells.text(second) : text
        }
        let started = either("firstTimestamp", "deprecatedFirstTimestamp")
        let first = cells.ago(started.isEmpty ? cells.text("eventTime") : started)
        let ended = either("lastTimestamp", "deprecatedLastTimestamp")
        var last = ended.isEmpty ? first : cells.ago(ended)
        var count = cells.at("count")?.int ?? cells.at("deprecatedCount")?.int ?? 0
        if let series = cells.at("series") {
            last = cells.ago(series["lastObservedTime"]?.string)
            count = series["count"]?.int ?? 0
        } else if count == 0 {
            count = 1
        }
        let message = either("message", "note")
        return [
            .string(last), .string(cells.text("type")), .string(cells.text("reason")),
            .string(name.isEmpty ? kind : "\(kind)/\(name)"), .string(subject["fieldPath"]?.string ?? ""),
            .string(source(cells)), .string(message.trimmed), .string(first), .integer(Int64(count)),
            cells.name,
        ]
    }

    private static func source(_ cells: Cells) -> String {
        let source = cells.at("source") ?? cells.at("deprecatedSource") ?? [:]
        var component = source["component"]?.string ?? ""
        if component.isEmpty {
            component = cells.text("reportingComponent")
            if component.isEmpty { component = cells.text("reportingController") }
        }
        var host = source["host"]?.string ?? ""
        if host.isEmpty { host = cells.text("reportingInstance") }
        return host.isEmpty ? component : "\(component), \(host)"
    }

    static func quota(_ cells: Cells) -> [JSON] {
        var requests: [String] = []
        var limits: [String] = []
        for (name, hard) in cells.at("status", "hard")?.object ?? cells.at("spec", "hard")?.object ?? [:] {
            let used = cells.at("status", "used", name)?.string ?? "0"
            let text = "\(name): \(used)/\(hard.string ?? "")"
            if name.hasPrefix("limits.") { limits.append(text) } else { requests.append(text) }
        }
        return [
            cells.name, .string(requests.joined(separator: ", ")), .string(limits.joined(separator: ", ")),
            cells.age,
        ]
    }

    static func disruptionBudget(_ cells: Cells) -> [JSON] {
        func amount(_ key: String) -> JSON {
            guard let value = cells.at("spec", key) else { return "N/A" }
            return .string(value.string ?? value.int.map(String.init) ?? "N/A")
        }
        return [
            cells.name, amount("minAvailable"), amount("maxUnavailable"),
            cells.number("status", "disruptionsAllowed"),
            cells.age,
        ]
    }

    static func binding(_ cells: Cells) -> [JSON] {
        let role = "\(cells.text("roleRef", "kind"))/\(cells.text("roleRef", "name"))"
        func subjects(_ kind: String) -> JSON {
            let names = cells.list("subjects").filter { $0["kind"]?.string == kind }.map { subject in
                let name = subject["name"]?.string ?? ""
                return kind == "ServiceAccount" ? "\(subject["namespace"]?.string ?? "")/\(name)" : name
            }
            return .string(names.joined(separator: ", "))
        }
        return [
            cells.name, .string(role), cells.age, subjects("User"), subjects("Group"),
            subjects("ServiceAccount"),
        ]
    }

    static func priorityClass(_ cells: Cells) -> [JSON] {
        [
            cells.name, cells.number("value"), .bool(cells.at("globalDefault")?.bool ?? false), cells.age,
            .string(cells.text("preemptionPolicy")),
        ]
    }

    static func apiService(_ cells: Cells) -> [JSON] {
        let service = cells.at("spec", "service").map {
            "\($0["namespace"]?.string ?? "")/\($0["name"]?.string ?? "")"
        }
        let available = cells.object.condition("Available")
        var text = available?.status ?? "Unknown"
        if let available, !available.isTrue { text = "\(available.status) (\(available.reason))" }
        return [cells.name, .string(service ?? "Local"), .string(text), cells.age]
    }

    static func signingRequest(_ cells: Cells) -> [JSON] {
        let signer = cells.text("spec", "signerName")
        let duration =
            cells.at("spec", "expirationSeconds")?.int.map { HumanDuration.text(seconds: Int64($0)) }
            ?? "<none>"
        var states: [String] = []
        for condition in cells.list("status", "conditions") { states.append(condition["type"]?.string ?? "") }
        if states.isEmpty { states = ["Pending"] }
        if cells.at("status", "certificate") != nil { states.append("Issued") }
        return [
            cells.name, cells.age, Cells.orNone(signer), .string(cells.text("spec", "username")),
            .string(duration),
            .string(states.joined(separator: ",")),
        ]
    }

    static func claimState(_ cells: Cells) -> [JSON] {
        var states: [String] = []
        if cells.object.isBeingDeleted { states.append("deleted") }
        if cells.at("status", "allocation") == nil {
            if !cells.object.isBeingDeleted { states.append("pending") }
        } else {
            states.append("allocated")
            if cells.count("status", "reservedFor") > 0 { states.append("reserved") }
        }
        return [cells.name, .string(states.joined(separator: ",")), cells.age]
    }
}
