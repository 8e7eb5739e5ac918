import KubeModel

/// Rules for volumes, claims and their classes.
enum StorageValidation {
    private static let modes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"]

    static func claim(_ object: KubeObject) -> [FieldError] {
        let path = FieldPath("spec")
        let spec = object["spec"] ?? [:]
        var errors = Rules.selector(spec["selector"], path["selector"])
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

    static func volume(_ object: KubeObject) -> [FieldError] {
        let path = FieldPath("spec")
        let spec = object["spec"] ?? [:]
        var errors: [FieldError] = []
        let modes = spec.elements(of: "accessModes")
        if modes.isEmpty { errors.append(.required(path["accessModes"])) }
        for mode in modes { errors += Rules.oneOf(mode, Self.modes, path["accessModes"]) }
        let capacity = spec["capacity"]?.object ?? [:]
        if capacity.isEmpty { errors.append(.required(path["capacity"])) }
        if capacity["storage"] == nil || capacity.count > 1 {
            let shown = capacity.isEmpty ? JSON.null : .object(capacity)
            errors.append(.notSupported(path["capacity"], shown, ["storage"]))
        }
        for (name, amount) in capacity {
            guard let value = QuantityText(amount.string ?? ""), value.nanos <= 0 else { continue }
            errors.append(.invalid(path["capacity"].key(name), amount, "must be greater than zero"))
        }
        let policies = ["Delete", "Recycle", "Retain"]
        let policy = path["persistentVolumeReclaimPolicy"]
        errors += Rules.oneOf(spec["persistentVolumeReclaimPolicy"], policies, policy)
        if let affinity = spec["nodeAffinity"] {
            let place = path["nodeAffinity"]["required"]
            if let required = affinity["required"] {
                errors += SchedulingValidation.nodeSelector(required, place)
            } else {
                errors.append(.required(place, "must specify required node constraints"))
            }
        }
        let others: Set<String> = [
            "accessModes", "capacity", "claimRef", "mountOptions", "nodeAffinity",
            "persistentVolumeReclaimPolicy", "storageClassName", "volumeAttributesClassName", "volumeMode",
        ]
        let sources = (spec.object?.keys ?? []).filter { !others.contains($0) }.sorted()
        if sources.isEmpty { errors.append(.required(path, "must specify a volume type")) }
        for extra in sources.dropFirst() {
            errors.append(.forbidden(path[extra], "may not specify more than 1 volume type"))
        }
        if let source = spec["hostPath"], source.lacks("path") {
            errors.append(.required(path["hostPath"]["path"]))
        }
        errors += Rules.subdomain(given: spec["storageClassName"], path["storageClassName"])
        return errors + Rules.oneOf(spec["volumeMode"], ["Block", "Filesystem"], path["volumeMode"])
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
}
