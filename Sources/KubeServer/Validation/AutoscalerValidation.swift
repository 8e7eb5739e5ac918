import KubeModel

/// Rules for what a HorizontalPodAutoscaler measures and how fast it reacts.
enum AutoscalerValidation {
    private static let sources = [
        "ContainerResource": "containerResource", "External": "external", "Object": "object", "Pods": "pods",
        "Resource": "resource",
    ]

    static func metrics(_ metrics: [JSON], _ path: FieldPath) -> [FieldError] {
        metrics.enumerated().flatMap { metric($1, path[$0]) }
    }

    private static func metric(_ metric: JSON, _ path: FieldPath) -> [FieldError] {
        let type = metric["type"]?.string ?? ""
        if type.isEmpty { return [.required(path["type"], "must specify a metric source type")] }
        guard let key = sources[type] else {
            return [.notSupported(path["type"], .string(type), sources.keys.sorted())]
        }
        var errors: [FieldError] = []
        let given = sources.values.sorted().filter { metric[$0] != nil }
        for extra in given.dropFirst() {
            errors.append(.forbidden(path[extra], "must populate the given metric source only"))
        }
        guard let source = metric[key] else {
            return errors + [
                .required(path[key], "must populate information for the given metric source")
            ]
        }
        let place = path[key]
        if key == "resource" || key == "containerResource" {
            if source.lacks("name") {
                errors.append(.required(place["name"], "must specify a resource name"))
            }
            if key == "containerResource", source.lacks("container") {
                errors.append(.required(place["container"], "must specify a container"))
            }
        } else if source["metric"]?.lacks("name") ?? true {
            errors.append(.required(place["metric"]["name"], "must specify a metric name"))
        }
        return errors + target(source["target"] ?? [:], place["target"], of: key)
    }

    private static func target(_ target: JSON, _ path: FieldPath, of source: String) -> [FieldError] {
        var errors: [FieldError] = []
        if target.lacks("type") {
            errors.append(.required(path["type"], "must specify a metric target type"))
        }
        if !["Utilization", "Value", "AverageValue"].contains(target["type"]?.string ?? "") {
            let detail = "must be either Utilization, Value, or AverageValue"
            errors.append(.invalid(path["type"], target["type"] ?? "", detail))
        }
        for key in ["value", "averageValue"] {
            guard let amount = target[key], let value = QuantityText(amount.string ?? ""), value.nanos <= 0
            else { continue }
            errors.append(.invalid(path[key], amount, "must be positive"))
        }
        if let percent = target["averageUtilization"]?.int, percent < 1 {
            let place = path["averageUtilization"]
            errors.append(.invalid(place, .integer(Int64(percent)), "must be greater than 0"))
        }
        let hasAverage = target["averageValue"] != nil
        switch source {
        case "resource", "containerResource":
            let hasShare = target["averageUtilization"] != nil
            if !hasShare, !hasAverage {
                let detail = "must set either a target raw value or a target utilization"
                errors.append(.required(path["averageUtilization"], detail))
            } else if hasShare, hasAverage {
                let detail = "may not set both a target raw value and a target utilization"
                errors.append(.forbidden(path["averageValue"], detail))
            }
        case "pods":
            guard !hasAverage else { break }
            let detail = "must specify a positive target averageValue"
            errors.append(.required(path["averageValue"], detail))
        default:
            guard !hasAverage, target["value"] == nil else { break }
            let detail = "must set either a target value or averageValue"
            errors.append(.required(path["averageValue"], detail))
        }
        return errors
    }

    static func behavior(_ behavior: JSON, _ path: FieldPath) -> [FieldError] {
        ["scaleUp", "scaleDown"].flatMap { rules(behavior[$0], path[$0]) }
    }

    private static func rules(_ rules: JSON?, _ path: FieldPath) -> [FieldError] {
        guard let rules else { return [] }
        var errors: [FieldError] = []
        if let window = rules["stabilizationWindowSeconds"]?.int, !(0...3600).contains(window) {
            let detail =
                window < 0 ? "must be greater than or equal to zero" : "must be less than or equal to 3600"
            let place = path["stabilizationWindowSeconds"]
            errors.append(.invalid(place, .integer(Int64(window)), detail))
        }
        errors += Rules.oneOf(rules["selectPolicy"], ["Disabled", "Max", "Min"], path["selectPolicy"])
        let policies = rules.elements(of: "policies")
        if policies.isEmpty { errors.append(.required(path["policies"], "must specify at least one Policy")) }
        for (index, policy) in policies.enumerated() {
            let place = path["policies"][index]
            errors += Rules.oneOf(policy["type"] ?? "", ["Percent", "Pods"], place["type"])
            for key in ["value", "periodSeconds"] {
                let number = policy[key]?.int ?? 0
                guard number <= 0 else { continue }
                errors.append(
                    .invalid(place[key], .integer(Int64(number)), "must be greater than zero")
                )
            }
            if let period = policy["periodSeconds"]?.int, period > 1800 {
                let detail = "must be less than or equal to 1800"
                errors.append(.invalid(place["periodSeconds"], .integer(Int64(period)), detail))
            }
        }
        return errors
    }
}
