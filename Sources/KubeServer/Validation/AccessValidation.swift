import KubeModel

/// Rules for RBAC's kinds.
enum AccessValidation {
    static func role(_ object: KubeObject) -> [FieldError] {
        rules(object, isNamespaced: true)
    }

    static func clusterRole(_ object: KubeObject) -> [FieldError] {
        rules(object, isNamespaced: false) + aggregation(object)
    }

    private static func aggregation(_ object: KubeObject) -> [FieldError] {
        guard let rule = object["aggregationRule"] else { return [] }
        let path = FieldPath("aggregationRule", "clusterRoleSelectors")
        let selectors = rule.elements(of: "clusterRoleSelectors")
        if selectors.isEmpty {
            let detail = "at least one clusterRoleSelector required if aggregationRule is non-nil"
            return [.required(path, detail)]
        }
        var errors: [FieldError] = []
        for (index, selector) in selectors.enumerated() {
            let problems = Rules.selector(selector, path[index])
            errors += problems
            if !problems.isEmpty { errors.append(.invalid(path[index], .null, "invalid label selector.")) }
        }
        return errors
    }

    private static func rules(_ object: KubeObject, isNamespaced: Bool) -> [FieldError] {
        var errors: [FieldError] = []
        for (index, rule) in (object["rules"]?.array ?? []).enumerated() {
            let place = FieldPath("rules")[index]
            if rule.elements(of: "verbs").isEmpty {
                errors.append(.required(place["verbs"], "verbs must contain at least one value"))
            }
            let urls = rule.elements(of: "nonResourceURLs")
            if !urls.isEmpty {
                if isNamespaced {
                    errors.append(
                        .invalid(
                            place["nonResourceURLs"],
                            .array(urls),
                            "namespaced rules cannot apply to non-resource URLs"
                        )
                    )
                }
                let hasResources = ["apiGroups", "resources", "resourceNames"].contains {
                    !rule.elements(of: $0).isEmpty
                }
                if hasResources {
                    errors.append(
                        .invalid(
                            place["nonResourceURLs"],
                            .array(urls),
                            "rules cannot apply to both regular resources and non-resource URLs"
                        )
                    )
                }
                continue
            }
            if rule.elements(of: "apiGroups").isEmpty {
                errors.append(
                    .required(place["apiGroups"], "resource rules must supply at least one api group")
                )
            }
            if rule.elements(of: "resources").isEmpty {
                errors.append(
                    .required(place["resources"], "resource rules must supply at least one resource")
                )
            }
        }
        return errors
    }

    private static let group = "rbac.authorization.k8s.io"

    static func roleBinding(_ object: KubeObject) -> [FieldError] {
        binding(object, kinds: ["Role", "ClusterRole"], isNamespaced: true)
    }

    static func clusterRoleBinding(_ object: KubeObject) -> [FieldError] {
        binding(object, kinds: ["ClusterRole"], isNamespaced: false)
    }

    private static func binding(_ object: KubeObject, kinds: [String], isNamespaced: Bool) -> [FieldError] {
        let reference = object["roleRef"] ?? [:]
        let path = FieldPath("roleRef")
        var errors = Rules.oneOf(reference["apiGroup"] ?? "", [group], path["apiGroup"])
        errors += Rules.oneOf(reference["kind"] ?? "", kinds, path["kind"])
        if reference.lacks("name") {
            errors.append(.required(path["name"]))
        } else {
            let name = reference["name"]?.string ?? ""
            errors += NameRule.pathSegment.problems(of: name).map {
                .invalid(path["name"], .string(name), $0)
            }
        }
        for (index, subject) in object.json.elements(of: "subjects").enumerated() {
            errors += self.subject(subject, FieldPath("subjects")[index], isNamespaced: isNamespaced)
        }
        return errors
    }

    private static func subject(_ subject: JSON, _ path: FieldPath, isNamespaced: Bool) -> [FieldError] {
        var errors: [FieldError] = []
        if subject.lacks("name") { errors.append(.required(path["name"])) }
        switch subject["kind"]?.string ?? "" {
        case "ServiceAccount":
            if let name = subject["name"]?.string, !name.isEmpty {
                errors += Rules.subdomain(.string(name), path["name"])
            }
            if let group = subject["apiGroup"], group != "" {
                errors.append(.notSupported(path["apiGroup"], group, [""]))
            }
            if !isNamespaced, subject.lacks("namespace") { errors.append(.required(path["namespace"])) }
        case "User", "Group":
            errors += Rules.oneOf(subject["apiGroup"] ?? "", [group], path["apiGroup"])
        default:
            errors.append(
                .notSupported(path["kind"], subject["kind"] ?? "", ["ServiceAccount", "User", "Group"])
            )
        }
        return errors
    }

    static func bindingUpdate(_ object: KubeObject, _ old: KubeObject) -> [FieldError] {
        guard object["roleRef"] != old["roleRef"] else { return [] }
        let reference = object["roleRef"] ?? [:]
        let shown = ["APIGroup": "apiGroup", "Kind": "kind", "Name": "name"].sorted(by: <).map { label, key in
            "\"\(label)\":\((reference[key]?.string ?? "").goQuoted)"
        }
        return [
            .invalid(
                FieldPath("roleRef"),
                rendered: "{" + shown.joined(separator: ",") + "}",
                "cannot change roleRef"
            )
        ]
    }
}
