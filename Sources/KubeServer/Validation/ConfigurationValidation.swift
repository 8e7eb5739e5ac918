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

    static func claim(_ object: KubeObject) -> [FieldError] {
        let path = FieldPath("spec")
        let spec = object["spec"] ?? [:]
        var errors: [FieldError] = []
        let modes = spec.elements(of: "accessModes")
        if modes.isEmpty {
            errors.append(.required(path["accessModes"], "at least 1 access mode is required"))
        }
        let known = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"]
        for mode in modes { errors += Rules.oneOf(mode, known, path["accessModes"]) }
        if let storage = spec.at("resources", "requests", "storage") {
            let place = path["resources"].key("storage")
            if let amount = QuantityText(storage.string ?? ""), amount.nanos <= 0 {
                errors.append(.invalid(place, storage, "must be greater than zero"))
            }
        } else {
            errors.append(.required(path["resources"].key("storage")))
        }
        errors += Rules.oneOf(spec["volumeMode"], ["Block", "Filesystem"], path["volumeMode"])
        return errors
    }

    static func claimUpdate(_ object: KubeObject, _ old: KubeObject) -> [FieldError] {
        var before = old["spec"] ?? [:]
        let after = object["spec"] ?? [:]
        for key in ["volumeAttributesClassName"] { before[key] = after[key] }
        if before.lacks("volumeName") { before["volumeName"] = after["volumeName"] }
        if before["storageClassName"] == nil { before["storageClassName"] = after["storageClassName"] }
        if old.at("status", "phase") == "Bound" { before["resources"] = after["resources"] }
        guard before != after else { return [] }
        return [
            .forbidden(
                FieldPath("spec"),
                "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
            )
        ]
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

    static func storageClassUpdate(_ object: KubeObject, _ old: KubeObject) -> [FieldError] {
        var errors: [FieldError] = []
        if object["parameters"] != old["parameters"] {
            errors.append(.forbidden(FieldPath("parameters"), "updates to parameters are forbidden."))
        }
        if object["provisioner"] != old["provisioner"] {
            errors.append(.forbidden(FieldPath("provisioner"), "updates to provisioner are forbidden."))
        }
        for key in ["reclaimPolicy", "volumeBindingMode"] where object[key] != old[key] {
            errors.append(.invalid(FieldPath(key), object[key] ?? .null, Rules.immutable))
        }
        return errors
    }

    static func storageClass(_ object: KubeObject) -> [FieldError] {
        var errors: [FieldError] = []
        if object.json.lacks("provisioner") { errors.append(.required(FieldPath("provisioner"))) }
        errors += Rules.oneOf(object["reclaimPolicy"], ["Delete", "Retain"], FieldPath("reclaimPolicy"))
        errors += Rules.oneOf(
            object["volumeBindingMode"],
            ["Immediate", "WaitForFirstConsumer"],
            FieldPath("volumeBindingMode")
        )
        return errors
    }

    static func priorityClass(_ object: KubeObject) -> [FieldError] {
        guard let value = object["value"]?.int, value > 1_000_000_000, !object.name.hasPrefix("system-")
        else {
            return []
        }
        return [
            .forbidden(
                FieldPath("value"),
                "maximum allowed value of a user defined priority is 1000000000"
            )
        ]
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

    static func resourceQuota(_ object: KubeObject) -> [FieldError] {
        var errors: [FieldError] = []
        for (name, amount) in object.at("spec", "hard")?.object ?? [:] {
            let place = FieldPath("spec", "hard").key(name)
            errors += NameRule.qualifiedNameProblems(name).map { .invalid(place, .string(name), $0) }
            errors += Rules.quantity(amount, place)
        }
        return errors
    }
}
