import KubeModel

/// Rules for disruption budgets, autoscalers and events.
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
        for key in ["minAvailable", "maxUnavailable"] {
            errors += Rules.countOrPercent(spec[key], path[key])
            errors += Rules.notMoreThanAll(spec[key], path[key])
        }
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
        for key in ["kind", "name"] where !target.lacks(key) {
            let text = target[key]?.string ?? ""
            errors += NameRule.pathSegment.problems(of: text).map {
                .invalid(path["scaleTargetRef"][key], .string(text), $0)
            }
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
        errors += AutoscalerValidation.metrics(spec.elements(of: "metrics"), path["metrics"])
        errors += AutoscalerValidation.behavior(spec["behavior"] ?? [:], path["behavior"])
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
