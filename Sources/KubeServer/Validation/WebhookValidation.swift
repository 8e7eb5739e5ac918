import KubeModel

/// Rules for the configurations of admission webhooks.
enum WebhookValidation {
    private static let operations = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"]

    static func configuration(_ object: KubeObject) -> [FieldError] {
        var errors: [FieldError] = []
        var names: Set<String> = []
        for (index, webhook) in object.json.elements(of: "webhooks").enumerated() {
            let path = FieldPath("webhooks")[index]
            errors += self.webhook(webhook, path)
            let versions = webhook.elements(of: "admissionReviewVersions")
            if versions.isEmpty {
                let detail = "must specify one of v1, v1beta1"
                errors.append(.required(path["admissionReviewVersions"], detail))
            } else if !versions.contains("v1"), !versions.contains("v1beta1") {
                let detail = "must include at least one of v1, v1beta1"
                errors.append(.invalid(path["admissionReviewVersions"], .array(versions), detail))
            }
            let name = webhook["name"]?.string ?? ""
            if !name.isEmpty, !names.insert(name).inserted {
                errors.append(.duplicate(path["name"], .string(name)))
            }
        }
        return errors
    }

    private static func webhook(_ webhook: JSON, _ path: FieldPath) -> [FieldError] {
        var errors = fullName(webhook["name"]?.string ?? "", path["name"])
        for (index, rule) in webhook.elements(of: "rules").enumerated() {
            errors += self.rule(rule, path["rules"][index])
        }
        errors += Rules.oneOf(webhook["failurePolicy"], ["Fail", "Ignore"], path["failurePolicy"])
        errors += Rules.oneOf(webhook["matchPolicy"], ["Equivalent", "Exact"], path["matchPolicy"])
        if webhook["sideEffects"] == nil {
            errors.append(.required(path["sideEffects"], "must specify one of None, NoneOnDryRun"))
        } else {
            errors += Rules.oneOf(webhook["sideEffects"], ["None", "NoneOnDryRun"], path["sideEffects"])
        }
        if let seconds = webhook["timeoutSeconds"]?.int, !(1...30).contains(seconds) {
            let detail = "the timeout value must be between 1 and 30 seconds"
            errors.append(.invalid(path["timeoutSeconds"], .integer(Int64(seconds)), detail))
        }
        for key in ["namespaceSelector", "objectSelector"] {
            errors += Rules.selector(webhook[key], path[key])
        }
        errors += Rules.oneOf(
            webhook["reinvocationPolicy"],
            ["IfNeeded", "Never"],
            path["reinvocationPolicy"]
        )
        let config = webhook["clientConfig"] ?? [:]
        let place = path["clientConfig"]
        if (config["url"] != nil) == (config["service"] != nil) {
            errors.append(.required(place, "exactly one of url or service is required"))
        } else if let url = config["url"]?.string, !url.hasPrefix("https://") {
            let scheme = url.split(separator: ":").first.map(String.init) ?? ""
            let detail = "'https' is the only allowed URL scheme; desired format: https://host[/path]"
            errors.append(.invalid(place["url"], .string(scheme), detail))
        } else if let service = config["service"] {
            for key in ["name", "namespace"] where service.lacks(key) {
                errors.append(.required(place["service"][key], "service \(key) is required"))
            }
        }
        return errors
    }

    /// A name of at least three segments.
    private static func fullName(_ name: String, _ path: FieldPath) -> [FieldError] {
        if name.isEmpty { return [.required(path)] }
        let problems = NameRule.subdomain.problems(of: name)
        if !problems.isEmpty {
            return [.invalid(path, .string(name), problems.joined(separator: ","))]
        }
        guard name.split(separator: ".").count < 3 else { return [] }
        let detail = "should be a domain with at least three segments separated by dots"
        return [.invalid(path, .string(name), detail)]
    }

    private static func rule(_ rule: JSON, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        let verbs = rule.elements(of: "operations")
        if verbs.isEmpty { errors.append(.required(path["operations"])) }
        if verbs.count > 1, verbs.contains("*") {
            let detail = "if '*' is present, must not specify other operations"
            errors.append(.invalid(path["operations"], .array(verbs), detail))
        }
        for (index, verb) in verbs.enumerated() {
            errors += Rules.oneOf(verb, operations, path["operations"][index])
        }
        for key in ["apiGroups", "apiVersions", "resources"] where rule.elements(of: key).isEmpty {
            errors.append(.required(path[key]))
        }
        return errors + Rules.oneOf(rule["scope"], ["*", "Cluster", "Namespaced"], path["scope"])
    }
}
