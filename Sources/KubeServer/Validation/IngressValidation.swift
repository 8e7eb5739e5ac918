import KubeModel

/// Rules for Ingresses and their classes.
enum IngressValidation {
    private static let spec = FieldPath("spec")
    private static let wildcardMessage =
        "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of "
        + "lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. "
        + "'*.example.com', regex used for validation is "
        + "'\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

    static func ingress(_ object: KubeObject) -> [FieldError] {
        let spec = object["spec"] ?? [:]
        let path = Self.spec
        var errors: [FieldError] = []
        let rules = spec.elements(of: "rules")
        if rules.isEmpty, spec["defaultBackend"] == nil {
            let detail = "either `defaultBackend` or `rules` must be specified"
            errors.append(.invalid(path, .null, detail))
        }
        if let backend = spec["defaultBackend"] { errors += self.backend(backend, path["defaultBackend"]) }
        for (index, rule) in rules.enumerated() { errors += self.rule(rule, path["rules"][index]) }
        for (index, entry) in spec.elements(of: "tls").enumerated() {
            let place = path["tls"][index]
            for (number, name) in entry.elements(of: "hosts").enumerated() {
                errors += host(name, place["hosts"][number])
            }
            errors += Rules.subdomain(given: entry["secretName"], place["secretName"])
        }
        if let name = spec["ingressClassName"] {
            errors += Rules.subdomain(name, path["ingressClassName"])
        }
        return errors
    }

    /// A new Ingress names its class in one place only.
    static func newIngress(_ object: KubeObject) -> [FieldError] {
        let key = "kubernetes.io/ingress.class"
        guard let value = object.annotation(key), object.at("spec", "ingressClassName") != nil else {
            return []
        }
        let place = FieldPath("metadata", "annotations", key)
        return [.invalid(place, .string(value), "can not be set when the class field is also set")]
    }

    private static func rule(_ rule: JSON, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        if !rule.lacks("host"), let name = rule["host"] {
            if IPv4(name.string ?? "") != nil {
                errors.append(.invalid(path["host"], name, "must be a DNS name, not an IP address"))
            }
            errors += host(name, path["host"])
        }
        guard let http = rule["http"] else { return errors }
        let paths = http.elements(of: "paths")
        if paths.isEmpty { errors.append(.required(path["http"]["paths"])) }
        for (index, entry) in paths.enumerated() {
            errors += self.path(entry, path["http"]["paths"][index])
        }
        return errors
    }

    private static func host(_ name: JSON, _ path: FieldPath) -> [FieldError] {
        let text = name.string ?? ""
        guard text.contains("*") else { return Rules.subdomain(name, path) }
        let isValid =
            text.hasPrefix("*.") && NameRule.subdomain.problems(of: String(text.dropFirst(2))).isEmpty
        return isValid ? [] : [.invalid(path, name, wildcardMessage)]
    }

    private static func path(_ entry: JSON, _ place: FieldPath) -> [FieldError] {
        guard let type = entry["pathType"] else {
            return [.required(place["pathType"], "pathType must be specified")]
        }
        let value = entry["path"]?.string ?? ""
        let isAbsolute = value.hasPrefix("/")
        var errors: [FieldError] = []
        func wrong(_ detail: String) { errors.append(.invalid(place["path"], .string(value), detail)) }
        switch type {
        case "Exact", "Prefix":
            if !isAbsolute { wrong("must be an absolute path") }
            for part in ["//", "/./", "/../", "%2f", "%2F"] where value.contains(part) {
                wrong("must not contain '\(part)'")
            }
            for end in ["/..", "/."] where value.hasSuffix(end) { wrong("cannot end with '\(end)'") }
        case "ImplementationSpecific":
            if !value.isEmpty, !isAbsolute { wrong("must be an absolute path") }
        default:
            let known = ["Exact", "ImplementationSpecific", "Prefix"]
            errors.append(.notSupported(place["pathType"], type, known))
        }
        return errors + backend(entry["backend"] ?? [:], place["backend"])
    }

    private static func backend(_ backend: JSON, _ path: FieldPath) -> [FieldError] {
        switch (backend["service"], backend["resource"]) {
        case (nil, nil): return [.invalid(path, "", "resource or service backend is required")]
        case (_?, _?): return [.invalid(path, "", "cannot set both resource and service backends")]
        case (nil, let resource?): return reference(resource, path["resource"])
        case (let service?, nil):
            let place = path["service"]
            var errors: [FieldError] = []
            if service.lacks("name") {
                errors.append(.required(place["name"]))
            } else {
                errors += Rules.label(service["name"], place["name"])
            }
            let port = service["port"] ?? [:]
            let hasNumber = port["number"]?.int ?? 0 != 0
            switch (port.lacks("name"), hasNumber) {
            case (false, true): errors.append(.invalid(path, "", "cannot set both port name & port number"))
            case (false, false):
                errors += Rules.portName(port["name"]?.string ?? "", place["port"]["name"])
            case (true, true): errors += Rules.port(port["number"], place["port"]["number"])
            case (true, false): errors.append(.required(path, "port name or number is required"))
            }
            return errors
        }
    }

    private static func reference(_ reference: JSON, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        if reference.lacks("apiGroup") == false {
            errors += Rules.subdomain(reference["apiGroup"], path["apiGroup"])
        }
        for key in ["kind", "name"] where reference.lacks(key) { errors.append(.required(path[key])) }
        return errors
    }

    // MARK: Classes

    static func ingressClass(_ object: KubeObject) -> [FieldError] {
        let path = Self.spec
        let controller = object.at("spec", "controller")?.string ?? ""
        var errors: [FieldError] = []
        if controller.utf8.count > 250 { errors.append(.tooLong(path["controller"], maximum: 250)) }
        if controller.isEmpty {
            errors.append(.required(path["controller"]))
        } else if !controller.contains("/") {
            let detail = "must be a domain-prefixed path (such as \"acme.io/foo\")"
            errors.append(.invalid(path["controller"], .string(controller), detail))
        }
        guard let parameters = object.at("spec", "parameters") else { return errors }
        errors += reference(parameters, path["parameters"])
        let place = path["parameters"]
        switch parameters["scope"]?.string {
        case "Namespace":
            if parameters.lacks("namespace") {
                let detail = "`parameters.scope` is set to 'Namespace'"
                errors.append(.required(place["namespace"], detail))
            }
        case "Cluster":
            guard !parameters.lacks("namespace") else { break }
            errors.append(.forbidden(place["namespace"], "`parameters.scope` is set to 'Cluster'"))
        case nil: errors.append(.required(place["scope"]))
        default:
            let scope = parameters["scope"] ?? ""
            errors.append(.notSupported(place["scope"], scope, ["Cluster", "Namespace"]))
        }
        return errors
    }

    static func ingressClassUpdate(_ object: KubeObject, _ old: KubeObject) -> [FieldError] {
        let value = object.at("spec", "controller") ?? ""
        guard value != old.at("spec", "controller") ?? "" else { return [] }
        return [.invalid(spec["controller"], value, Rules.immutable)]
    }
}
