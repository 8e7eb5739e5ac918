import KubeModel

/// Rules for claims of storage.
enum StorageValidation {
    static let modes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"]

    static func claim(_ object: KubeObject) -> [FieldError] {
        claimSpec(object["spec"] ?? [:], FieldPath("spec"))
    }

    static func claimSpec(_ spec: JSON, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        let modes = spec.elements(of: "accessModes")
        if modes.isEmpty {
            errors.append(.required(path["accessModes"], "at least 1 access mode is required"))
        }
        errors += Rules.selector(spec["selector"], path["selector"])
        errors += accessModes(modes, path["accessModes"])
        let place = path["resources"].key("storage")
        if let storage = spec.at("resources", "requests", "storage") {
            if let amount = QuantityText(storage.string ?? ""), amount.nanos <= 0 {
                errors.append(.invalid(place, storage, "must be greater than zero"))
            }
        } else {
            errors.append(.required(place))
        }
        errors += Rules.subdomain(given: spec["storageClassName"], path["storageClassName"])
        errors += Rules.oneOf(spec["volumeMode"], ["Block", "Filesystem"], path["volumeMode"])
        for key in ["dataSource", "dataSourceRef"] {
            if let source = spec[key] { errors += self.source(source, path[key]) }
        }
        if let source = spec["dataSource"], let reference = spec["dataSourceRef"] {
            let shown = path["dataSource"].description
            if !reference.lacks("namespace") {
                let detail = "may not be specified when dataSourceRef.namespace is specified"
                errors.append(.invalid(path, .string(shown), detail))
            } else if ["apiGroup", "kind", "name"].contains(where: { source[$0] != reference[$0] }) {
                errors.append(.invalid(path, .string(shown), "must match dataSourceRef"))
            }
        }
        return errors
            + Rules.subdomain(given: spec["volumeAttributesClassName"], path["volumeAttributesClassName"])
    }

    static func accessModes(_ modes: [JSON], _ path: FieldPath) -> [FieldError] {
        var errors = modes.flatMap { Rules.oneOf($0, Self.modes, path) }
        let others = modes.filter { $0 != "ReadWriteOncePod" && Self.modes.contains($0.string ?? "") }
        if modes.contains("ReadWriteOncePod"), !others.isEmpty {
            let detail = "may not use ReadWriteOncePod with other access modes"
            errors.append(.forbidden(path, detail))
        }
        return errors
    }

    /// What a new volume is filled with.
    private static func source(_ source: JSON, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = ["name", "kind"].filter(source.lacks).map { .required(path[$0]) }
        if source.lacks("apiGroup"), source["kind"] != "PersistentVolumeClaim" {
            let detail = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
            errors.append(.invalid(path, source["kind"] ?? "", detail))
        }
        if !source.lacks("apiGroup") { errors += Rules.subdomain(source["apiGroup"], path["apiGroup"]) }
        return errors
    }

    static func claimUpdate(_ object: KubeObject, _ old: KubeObject) -> [FieldError] {
        var errors = claim(object)
        var before = old["spec"] ?? [:]
        let after = object["spec"] ?? [:]
        if before.lacks("volumeName") { before["volumeName"] = after["volumeName"] }
        if before["storageClassName"] == nil { before["storageClassName"] = after["storageClassName"] }
        if old.at("status", "phase") == "Bound" {
            before["resources"] = after["resources"]
            before["volumeAttributesClassName"] = after["volumeAttributesClassName"]
        }
        if before != after {
            errors.append(
                .forbidden(
                    FieldPath("spec"),
                    "spec is immutable after creation except resources.requests and "
                        + "volumeAttributesClassName for bound claims"
                )
            )
        }
        let size = { (claim: KubeObject) in claim.at("spec", "resources", "requests", "storage")?.string }
        if let new = size(object), let previous = size(old), QuantityText.compare(new, previous) < 0,
            QuantityText.compare(new, old.at("status", "capacity", "storage")?.string ?? "0") <= 0
        {
            let place = FieldPath("spec", "resources", "requests", "storage")
            errors.append(.forbidden(place, "field can not be less than status.capacity"))
        }
        if after["volumeMode"] != old.at("spec", "volumeMode") {
            errors.append(.invalid(FieldPath("volumeMode"), after["volumeMode"] ?? .null, Rules.immutable))
        }
        return errors
    }
}
