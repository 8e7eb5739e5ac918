import KubeModel

/// Rules for disruption budgets, autoscalers, ingresses, network policies and events.
enum PolicyValidation {
    static func disruptionBudget(_ object: KubeObject) -> [FieldError] {
        let spec = object["spec"] ?? [:]
        let path = FieldPath("spec")
        var errors: [FieldError] = []
        if spec["minAvailable"] != nil, spec["maxUnavailable"] != nil {
            func shown(_ key: String) -> String { spec[key]?.text ?? "null" }
            let value =
                "{\"MinAvailable\":\(shown("minAvailable")),\"Selector\":\(shown("selector")),"
                + "\"MaxUnavailable\":\(shown("maxUnavailable")),"
                + "\"UnhealthyPodEvictionPolicy\":\(shown("unhealthyPodEvictionPolicy"))}"
            errors.append(
                .invalid(path, rendered: value, "minAvailable and maxUnavailable cannot be both set")
            )
        }
        for key in ["minAvailable", "maxUnavailable"] { errors += Rules.countOrPercent(spec[key], path[key]) }
        errors += Rules.selector(spec["selector"], path["selector"])
        errors += Rules.oneOf(
            spec["unhealthyPodEvictionPolicy"],
            ["AlwaysAllow", "IfHealthyBudget"],
            path["unhealthyPodEvictionPolicy"]
        )
        return errors
    }

    static func autoscaler(_ object: KubeObject) -> [FieldError] {
        let spec = object["spec"] ?? [:]
        let path = FieldPath("spec")
        var errors: [FieldError] = []
        let maximum = spec["maxReplicas"]?.int ?? 0
        let minimum = spec["minReplicas"]?.int
        if let minimum, minimum < 1 {
            errors.append(
                .invalid(path["minReplicas"], .integer(Int64(minimum)), "must be greater than or equal to 1")
            )
        }
        if maximum < 1 {
            errors.append(.required(path["maxReplicas"], "must be set and greater than 0"))
        }
        if let minimum, maximum < minimum {
            errors.append(
                .invalid(
                    path["maxReplicas"],
                    .integer(Int64(maximum)),
                    "must be greater than or equal to `minReplicas`"
                )
            )
        }
        let target = spec["scaleTargetRef"] ?? [:]
        for key in ["kind", "name"] where target.lacks(key) {
            errors.append(.required(path["scaleTargetRef"][key]))
        }
        let version = target["apiVersion"]?.string ?? ""
        if GroupVersionKind.split(version).group.isEmpty,
            version != "v1" || target["kind"] != "ReplicationController"
        {
            errors.append(
                .invalid(
                    path["scaleTargetRef"]["apiVersion"],
                    .string(version),
                    "apiVersion must specify API group"
                )
            )
        }
        return errors
    }

    static func ingress(_ object: KubeObject) -> [FieldError] {
        let spec = object["spec"] ?? [:]
        let path = FieldPath("spec")
        var errors: [FieldError] = []
        let rules = spec.elements(of: "rules")
        if rules.isEmpty, spec["defaultBackend"] == nil {
            errors.append(
                .invalid(path, spec, "either `defaultBackend` or `rules` must be specified")
            )
        }
        if let backend = spec["defaultBackend"] { errors += self.backend(backend, path["defaultBackend"]) }
        for (index, rule) in rules.enumerated() {
            let place = path["rules"][index]
            if let host = rule["host"]?.string, !host.isEmpty {
                let plain = host.hasPrefix("*.") ? String(host.dropFirst(2)) : host
                errors += NameRule.subdomain.problems(of: plain).map {
                    .invalid(place["host"], .string(host), $0)
                }
            }
            guard let http = rule["http"] else { continue }
            let paths = http.elements(of: "paths")
            if paths.isEmpty { errors.append(.required(place["http"]["paths"])) }
            for (number, entry) in paths.enumerated() {
                let spot = place["http"]["paths"][number]
                switch entry["pathType"]?.string {
                case nil: errors.append(.required(spot["pathType"], "pathType must be specified"))
                case "Exact", "Prefix":
                    let value = entry["path"]?.string ?? ""
                    if !value.hasPrefix("/") {
                        errors.append(.invalid(spot["path"], .string(value), "must be an absolute path"))
                    }
                case "ImplementationSpecific": break
                default:
                    errors.append(
                        .notSupported(
                            spot["pathType"],
                            entry["pathType"] ?? "",
                            ["Exact", "ImplementationSpecific", "Prefix"]
                        )
                    )
                }
                errors += backend(entry["backend"] ?? [:], spot["backend"])
            }
        }
        return errors
    }

    private static func backend(_ backend: JSON, _ path: FieldPath) -> [FieldError] {
        guard let service = backend["service"] else {
            if backend["resource"] != nil { return [] }
            return [.required(path, "port name or number is required")]
        }
        var errors: [FieldError] = []
        if service.lacks("name") {
            errors.append(.required(path["service"]["name"]))
        } else {
            errors += Rules.label(service["name"], path["service"]["name"])
        }
        let port = service["port"] ?? [:]
        if port.lacks("name"), port["number"] == nil {
            errors.append(.required(path["service"]["port"], "port name or number is required"))
        } else if let number = port["number"] {
            errors += Rules.port(number, path["service"]["port"]["number"])
        }
        return errors
    }

    static func networkPolicy(_ object: KubeObject) -> [FieldError] {
        let spec = object["spec"] ?? [:]
        let path = FieldPath("spec")
        var errors = Rules.selector(spec["podSelector"], path["podSelector"])
        for (direction, peers) in [("ingress", "from"), ("egress", "to")] {
            for (index, rule) in spec.elements(of: direction).enumerated() {
                for (number, port) in rule.elements(of: "ports").enumerated() {
                    let place = path[direction][index]["ports"][number]
                    errors += Rules.oneOf(port["protocol"], ["SCTP", "TCP", "UDP"], place["protocol"])
                    if let value = port["port"] { errors += Rules.portOrName(value, place["port"]) }
                }
                for (number, peer) in rule.elements(of: peers).enumerated() where peer == [:] {
                    errors.append(.required(path[direction][index][peers][number], "must specify a peer"))
                }
            }
        }
        for (index, type) in spec.elements(of: "policyTypes").enumerated() {
            errors += Rules.oneOf(type, ["Egress", "Ingress"], path["policyTypes"][index])
        }
        return errors
    }

    static func coreEvent(_ object: KubeObject) -> [FieldError] {
        let namespace = object.at("involvedObject", "namespace")?.string ?? ""
        let own = object.namespace
        let isRight = namespace.isEmpty ? own == "default" || own == "kube-system" : namespace == own
        guard !isRight else { return [] }
        return [
            .invalid(
                FieldPath("involvedObject", "namespace"),
                .string(namespace),
                "does not match event.namespace"
            )
        ]
    }

    /// In the spelling of `events.k8s.io`.
    static func newEvent(_ object: KubeObject) -> [FieldError] {
        var errors: [FieldError] = []
        if object["eventTime"]?.string == nil { errors.append(.required(FieldPath("eventTime"))) }
        let type = object["type"]?.string ?? ""
        if type != "Normal", type != "Warning" {
            errors.append(.invalid(FieldPath("type"), "", "has invalid value: \(type)"))
        }
        let required = [
            ("reportingController", "reportingController"), ("reportingInstance", "reportingInstance"),
            ("action", "action"), ("reason", "reason"),
        ]
        if object["eventTime"]?.string != nil {
            for (key, field) in required where object.json.lacks(key) {
                errors.append(.required(FieldPath(field)))
            }
        }
        let namespace = object.at("regarding", "namespace")?.string ?? ""
        let own = object.namespace
        if namespace.isEmpty ? !(own == "default" || own == "kube-system") : namespace != own {
            errors.append(
                .invalid(
                    FieldPath("involvedObject", "namespace"),
                    .string(namespace),
                    "does not match event.namespace"
                )
            )
        }
        return errors
    }
}
