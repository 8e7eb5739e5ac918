import KubeModel

/// Rules for kinds that hold settings.
enum ConfigurationValidation {
    private static let sizeLimit = 1_048_576

    static func configMap(_ object: KubeObject) -> [FieldError] {
        let data = object["data"]?.object ?? [:]
        let binary = object["binaryData"]?.object ?? [:]
        var errors: [FieldError] = []
        var size = 0
        for (key, value) in data {
            let place = FieldPath("data").key(key)
            errors += NameRule.configKeyProblems(key).map { .invalid(place, .string(key), $0) }
            if binary[key] != nil {
                errors.append(.invalid(place, .string(key), "duplicate of key present in binaryData"))
            }
            size += value.string?.utf8.count ?? 0
        }
        for (key, value) in binary {
            let place = FieldPath("binaryData").key(key)
            errors += NameRule.configKeyProblems(key).map { .invalid(place, .string(key), $0) }
            size += Base64Text.decodedCount(value.string ?? "")
        }
        if size > sizeLimit { errors.append(.tooLong(.key(.root, ""), maximum: sizeLimit)) }
        return errors
    }

    /// What `immutable` forbids, of ConfigMaps and Secrets.
    static func immutableUpdate(_ object: KubeObject, _ old: KubeObject) -> [FieldError] {
        guard old["immutable"]?.bool == true else { return [] }
        let text = "field is immutable when `immutable` is set"
        var errors: [FieldError] = []
        if object["immutable"]?.bool != true { errors.append(.forbidden(FieldPath("immutable"), text)) }
        for key in ["data", "binaryData"] where object[key] != old[key] {
            errors.append(.forbidden(FieldPath(key), text))
        }
        return errors
    }

    static func secret(_ object: KubeObject) -> [FieldError] {
        let data = object["data"]?.object ?? [:]
        let path = FieldPath("data")
        var errors: [FieldError] = []
        var size = 0
        for (key, value) in data {
            errors += NameRule.configKeyProblems(key).map { .invalid(path.key(key), .string(key), $0) }
            size += Base64Text.decodedCount(value.string ?? "")
        }
        if size > sizeLimit { errors.append(.tooLong(path, maximum: sizeLimit)) }
        func required(_ keys: String...) {
            errors += keys.filter { data[$0] == nil }.map { .required(path.key($0)) }
        }
        switch object["type"]?.string ?? "" {
        case "kubernetes.io/service-account-token":
            if object.annotation("kubernetes.io/service-account.name")?.isEmpty ?? true {
                errors.append(
                    .required(FieldPath("metadata", "annotations").key("kubernetes.io/service-account.name"))
                )
            }
        case "kubernetes.io/dockercfg":
            required(".dockercfg")
            errors += json(data[".dockercfg"], path.key(".dockercfg"))
        case "kubernetes.io/dockerconfigjson":
            required(".dockerconfigjson")
            errors += json(data[".dockerconfigjson"], path.key(".dockerconfigjson"))
        case "kubernetes.io/basic-auth":
            if data["username"] == nil, data["password"] == nil { required("username", "password") }
        case "kubernetes.io/ssh-auth":
            if data["ssh-privatekey"]?.string?.isEmpty ?? true {
                errors.append(.required(path.key("ssh-privatekey")))
            }
        case "kubernetes.io/tls": required("tls.crt", "tls.key")
        default: break
        }
        return errors
    }

    private static func json(_ value: JSON?, _ path: FieldPath) -> [FieldError] {
        guard let text = value?.string, let bytes = Base64Text.decoded(text) else { return [] }
        do {
            _ = try JSON.parse(bytes)
            return []
        } catch {
            let atEnd = error.column > bytes.count || bytes.isEmpty
            return [
                .invalid(
                    path,
                    rendered: "\"<secret contents redacted>\"",
                    atEnd ? "unexpected end of JSON input" : error.message
                )
            ]
        }
    }

    static func secretUpdate(_ object: KubeObject, _ old: KubeObject) -> [FieldError] {
        var errors: [FieldError] = []
        if object["type"] != old["type"] {
            errors.append(.invalid(FieldPath("type"), object["type"] ?? "", Rules.immutable))
        }
        return errors + immutableUpdate(object, old)
    }

    static func newNamespace(_ object: KubeObject) -> [FieldError] {
        (object.at("spec", "finalizers")?.array ?? []).flatMap {
            finalizer($0, FieldPath("spec", "finalizers"))
        }
    }

    static func finalizer(_ finalizer: JSON, _ path: FieldPath) -> [FieldError] {
        let known: Set<String> = ["kubernetes", "orphan", "foregroundDeletion"]
        let name = finalizer.string ?? ""
        var errors: [FieldError] = NameRule.qualifiedNameProblems(name).map { .invalid(path, finalizer, $0) }
        if !name.contains("/"), !known.contains(name) {
            let detail = "name is neither a standard finalizer name nor is it fully qualified"
            errors.append(.invalid(path, finalizer, detail))
        }
        return errors
    }

    static func runtimeClass(_ object: KubeObject) -> [FieldError] {
        var errors = Rules.label(object["handler"] ?? "", FieldPath("handler"))
        if let overhead = object.at("overhead", "podFixed") {
            errors += ResourceValidation.requirements(["limits": overhead], FieldPath("overhead", "podFixed"))
        }
        if let scheduling = object["scheduling"] {
            let path = FieldPath("scheduling")
            errors += MetadataValidation.labels(scheduling["nodeSelector"], path["nodeSelector"])
            errors += SchedulingValidation.tolerations(
                scheduling.elements(of: "tolerations"),
                path["tolerations"]
            )
        }
        return errors
    }

    static func runtimeClassUpdate(_ object: KubeObject, _ old: KubeObject) -> [FieldError] {
        guard object["handler"] != old["handler"] else { return [] }
        return [.invalid(FieldPath("handler"), object["handler"] ?? "", Rules.immutable)]
    }

    static func namespaceStatus(_ object: KubeObject) -> [FieldError] {
        let phase = object.at("status", "phase") ?? ""
        let path = FieldPath("status", "Phase")
        if object.isBeingDeleted {
            guard phase != "Terminating" else { return [] }
            return [
                .invalid(path, phase, "may only be 'Terminating' if `deletionTimestamp` is not empty")
            ]
        }
        guard phase != "Active" else { return [] }
        return [.invalid(path, phase, "may only be 'Active' if `deletionTimestamp` is empty")]
    }

    static func lease(_ object: KubeObject) -> [FieldError] {
        let path = FieldPath("spec")
        let spec = object["spec"] ?? [:]
        var errors: [FieldError] = []
        if let duration = spec["leaseDurationSeconds"]?.int, duration <= 0 {
            errors.append(
                .invalid(path["leaseDurationSeconds"], .integer(Int64(duration)), "must be greater than 0")
            )
        }
        return errors + Rules.nonNegative(spec, "leaseTransitions", path)
    }

    static func priorityClass(_ object: KubeObject) -> [FieldError] {
        let system = ["system-node-critical": 2_000_001_000, "system-cluster-critical": 2_000_000_000]
        var errors: [FieldError] = []
        if object.name.hasPrefix("system-"), system[object.name] != object["value"]?.int {
            let detail =
                "priority class names with 'system-' prefix are reserved for system use only. error: "
                + (system[object.name] == nil
                    ? "\(object.name) is not a known system priority class"
                    : "value of \(object.name) PriorityClass must be \(system[object.name] ?? 0)")
            errors.append(.forbidden(FieldPath("metadata", "name"), detail))
        } else if let value = object["value"]?.int, value > 1_000_000_000, system[object.name] == nil {
            let detail = "maximum allowed value of a user defined priority is 1000000000"
            errors.append(.forbidden(FieldPath("value"), detail))
        }
        return errors
            + Rules.oneOf(
                object["preemptionPolicy"],
                ["Never", "PreemptLowerPriority"],
                FieldPath("preemptionPolicy")
            )
    }

    static func priorityClassUpdate(_ object: KubeObject, _ old: KubeObject) -> [FieldError] {
        var errors: [FieldError] = []
        if object["value"] != old["value"] {
            errors.append(.forbidden(FieldPath("value"), "may not be changed in an update."))
        }
        if object["preemptionPolicy"] != old["preemptionPolicy"] {
            errors.append(
                .invalid(FieldPath("preemptionPolicy"), object["preemptionPolicy"] ?? .null, Rules.immutable)
            )
        }
        return errors
    }
}
