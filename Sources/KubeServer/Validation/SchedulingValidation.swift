import KubeModel

/// Rules for what decides where a pod runs.
enum SchedulingValidation {
    static func tolerations(_ tolerations: [JSON], _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        for (index, toleration) in tolerations.enumerated() {
            let place = path[index]
            let key = toleration["key"]?.string ?? ""
            let relation = toleration["operator"]?.string ?? ""
            if !key.isEmpty {
                errors += Rules.qualifiedName(.string(key), place["key"])
            } else if relation != "Exists" {
                errors.append(
                    .invalid(
                        place["operator"],
                        .string(relation),
                        "operator must be Exists when `key` is empty, which means \"match all values and all keys\""
                    )
                )
            }
            if toleration["tolerationSeconds"] != nil, toleration["effect"] != "NoExecute" {
                errors.append(
                    .invalid(
                        place["effect"],
                        toleration["effect"] ?? "",
                        "effect must be 'NoExecute' when `tolerationSeconds` is set"
                    )
                )
            }
            switch relation {
            case "", "Equal":
                for problem in NameRule.labelValueProblems(toleration["value"]?.string ?? "") {
                    errors.append(.invalid(place["operator"], toleration["value"] ?? "", problem))
                }
            case "Exists":
                if !toleration.lacks("value") {
                    errors.append(
                        .invalid(
                            place["operator"],
                            toleration["value"] ?? "",
                            "value must be empty when `operator` is 'Exists'"
                        )
                    )
                }
            default: errors.append(.notSupported(place["operator"], .string(relation), ["Equal", "Exists"]))
            }
            if !toleration.lacks("effect") {
                errors += Rules.oneOf(
                    toleration["effect"],
                    ["NoSchedule", "PreferNoSchedule", "NoExecute"],
                    place["effect"]
                )
            }
        }
        return errors
    }

    static func gates(_ gates: [JSON], _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        var seen: Set<String> = []
        for (index, gate) in gates.enumerated() {
            errors += Rules.qualifiedName(gate["name"], path[index])
            if !seen.insert(gate["name"]?.string ?? "").inserted {
                errors.append(.duplicate(path[index], gate["name"] ?? ""))
            }
        }
        return errors
    }

    static func spreadConstraints(_ constraints: [JSON], _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        let positive = "must be greater than zero"
        func pair(_ constraint: JSON) -> String {
            "{\(constraint["topologyKey"]?.string ?? ""), \(constraint["whenUnsatisfiable"]?.string ?? "")}"
        }
        for (index, constraint) in constraints.enumerated() {
            let place = path[index]
            let when = constraint["whenUnsatisfiable"] ?? ""
            if let skew = constraint["maxSkew"]?.int, skew <= 0 {
                errors.append(.invalid(place["maxSkew"], .integer(Int64(skew)), positive))
            }
            if constraint.lacks("topologyKey") {
                errors.append(.required(place["topologyKey"], "can not be empty"))
            } else {
                errors += Rules.qualifiedName(constraint["topologyKey"], place["topologyKey"])
            }
            errors += Rules.oneOf(when, ["DoNotSchedule", "ScheduleAnyway"], place["whenUnsatisfiable"])
            let own = pair(constraint)
            if constraints.dropFirst(index + 1).contains(where: { pair($0) == own }) {
                errors.append(.duplicate(place["{topologyKey, whenUnsatisfiable}"], .string(own)))
            }
            if let domains = constraint["minDomains"]?.int {
                if domains <= 0 {
                    errors.append(.invalid(place["minDomains"], .integer(Int64(domains)), positive))
                }
                if when != "DoNotSchedule" {
                    errors.append(
                        .invalid(
                            place["minDomains"],
                            .integer(Int64(domains)),
                            "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not \(when.string ?? "")"
                        )
                    )
                }
            }
            for key in ["nodeAffinityPolicy", "nodeTaintsPolicy"] {
                errors += Rules.oneOf(constraint[key], ["Honor", "Ignore"], place[key])
            }
            errors += Rules.selector(constraint["labelSelector"], place["labelSelector"])
        }
        return errors
    }

    // MARK: Affinity

    private static let required = "requiredDuringSchedulingIgnoredDuringExecution"
    private static let preferred = "preferredDuringSchedulingIgnoredDuringExecution"

    static func affinity(_ affinity: JSON, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        if let nodes = affinity["nodeAffinity"] {
            let place = path["nodeAffinity"]
            if let selector = nodes[required] { errors += nodeSelector(selector, place[required]) }
            for (index, term) in nodes.elements(of: preferred).enumerated() {
                errors += weight(term, place[preferred][index])
                errors += nodeTerm(
                    term["preference"] ?? [:],
                    place[preferred][index]["preference"],
                    .preferred
                )
            }
        }
        for kind in ["podAffinity", "podAntiAffinity"] {
            guard let pods = affinity[kind] else { continue }
            for (index, term) in pods.elements(of: required).enumerated() {
                errors += podTerm(term, path[kind][required][index])
            }
            for (index, term) in pods.elements(of: preferred).enumerated() {
                let place = path[kind][preferred][index]
                errors += weight(term, place)
                errors += podTerm(term["podAffinityTerm"] ?? [:], place["podAffinityTerm"])
            }
        }
        return errors
    }

    private static func weight(_ term: JSON, _ path: FieldPath) -> [FieldError] {
        let weight = term["weight"]?.int ?? 0
        if (1...100).contains(weight) { return [] }
        return [.invalid(path["weight"], .integer(Int64(weight)), "must be in the range 1-100")]
    }

    static func nodeSelector(_ selector: JSON, _ path: FieldPath) -> [FieldError] {
        let terms = selector.elements(of: "nodeSelectorTerms")
        let place = path["nodeSelectorTerms"]
        if terms.isEmpty { return [.required(place, "must have at least one node selector term")] }
        return terms.enumerated().flatMap { nodeTerm($1, place[$0], .required) }
    }

    private enum Strength { case required, preferred }

    private static func nodeTerm(_ term: JSON, _ path: FieldPath, _ kind: Strength) -> [FieldError] {
        var errors: [FieldError] = []
        for (index, requirement) in term.elements(of: "matchExpressions").enumerated() {
            let place = path["matchExpressions"][index]
            let values = requirement.elements(of: "values")
            switch requirement["operator"]?.string ?? "" {
            case "In", "NotIn": errors += Rules.someValues(values, place)
            case "Exists", "DoesNotExist": errors += Rules.noValues(values, place)
            case "Gt", "Lt":
                if values.count != 1 {
                    errors.append(
                        .required(
                            place["values"],
                            "must be specified single value when `operator` is 'Lt' or 'Gt'"
                        )
                    )
                }
            default:
                errors.append(
                    .invalid(
                        place["operator"],
                        requirement["operator"] ?? "",
                        "not a valid selector operator"
                    )
                )
            }
            errors += Rules.qualifiedName(requirement["key"], place["key"])
            guard kind == .required else { continue }
            for (number, value) in values.enumerated() {
                errors += NameRule.labelValueProblems(value.string ?? "").map {
                    .invalid(place["values"][number], value, $0)
                }
            }
        }
        for (index, requirement) in term.elements(of: "matchFields").enumerated() {
            errors += field(requirement, path["matchFields"][index])
        }
        return errors
    }

    /// A node has one field that can be asked for: its name.
    private static func field(_ requirement: JSON, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        switch requirement["operator"]?.string ?? "" {
        case "In", "NotIn":
            if requirement.elements(of: "values").count != 1 {
                let detail =
                    "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
                errors.append(.required(path["values"], detail))
            }
        default:
            let detail = "not a valid selector operator"
            errors.append(.invalid(path["operator"], requirement["operator"] ?? "", detail))
        }
        if requirement["key"] != "metadata.name" {
            let detail = "not a valid field selector key"
            errors.append(.invalid(path["key"], requirement["key"] ?? "", detail))
        }
        return errors
    }

    private static func podTerm(_ term: JSON, _ path: FieldPath) -> [FieldError] {
        var errors = Rules.selector(term["labelSelector"], path["labelSelector"])
        errors += Rules.selector(term["namespaceSelector"], path["namespaceSelector"])
        for name in term.elements(of: "namespaces") { errors += Rules.label(name, path["namespace"]) }
        if term.lacks("topologyKey") {
            errors.append(.required(path["topologyKey"], "can not be empty"))
        }
        return errors + Rules.qualifiedName(term["topologyKey"], path["topologyKey"])
    }
}
