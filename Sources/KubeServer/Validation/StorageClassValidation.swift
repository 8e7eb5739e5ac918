import KubeModel

/// Rules for classes of storage and for what drivers of storage say of themselves.
enum StorageClassValidation {
    static func storageClassUpdate(_ object: KubeObject, _ old: KubeObject) -> [FieldError] {
        var errors: [FieldError] = []
        for key in ["parameters", "provisioner", "reclaimPolicy"] where object[key] != old[key] {
            errors.append(.forbidden(FieldPath(key), "updates to \(key) are forbidden."))
        }
        let key = "volumeBindingMode"
        if object[key] != old[key] {
            errors.append(.invalid(FieldPath(key), object[key] ?? .null, Rules.immutable))
        }
        return errors
    }

    static func storageClass(_ object: KubeObject) -> [FieldError] {
        var errors: [FieldError] = []
        let provisioner = object["provisioner"]?.string ?? ""
        if provisioner.isEmpty {
            errors.append(.required(FieldPath("provisioner")))
        } else {
            errors += NameRule.qualifiedNameProblems(provisioner.lowercased()).map {
                .invalid(FieldPath("provisioner"), .string(provisioner), $0)
            }
        }
        if object.at("parameters", "") != nil {
            errors.append(.invalid(FieldPath("parameters"), "", "field can not be empty."))
        }
        errors += Rules.oneOf(object["reclaimPolicy"], ["Delete", "Retain"], FieldPath("reclaimPolicy"))
        errors += Rules.oneOf(
            object["volumeBindingMode"],
            ["Immediate", "WaitForFirstConsumer"],
            FieldPath("volumeBindingMode")
        )
        for (index, term) in object.json.elements(of: "allowedTopologies").enumerated() {
            errors += topology(term, FieldPath("allowedTopologies")[index]["matchLabelExpressions"])
        }
        return errors
    }

    private static func topology(_ term: JSON, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        var keys: Set<String> = []
        for (index, requirement) in term.elements(of: "matchLabelExpressions").enumerated() {
            let place = path[index]
            let values = requirement.elements(of: "values")
            if values.isEmpty { errors.append(.required(place["values"])) }
            for (number, value) in values.enumerated() where values[..<number].contains(value) {
                errors.append(.duplicate(place["values"][number], value))
            }
            errors += Rules.qualifiedName(requirement["key"], place["key"])
            if !keys.insert(requirement["key"]?.string ?? "").inserted {
                errors.append(.duplicate(place["key"], requirement["key"] ?? ""))
            }
        }
        return errors
    }

    // MARK: Drivers

    static func driver(_ object: KubeObject) -> [FieldError] {
        var errors = driverName(object)
        let path = FieldPath("spec")
        let spec = object["spec"] ?? [:]
        for key in ["attachRequired", "podInfoOnMount", "storageCapacity"] where spec[key] == nil {
            errors.append(.required(path[key]))
        }
        errors += Rules.oneOf(
            spec["fsGroupPolicy"],
            ["File", "None", "ReadWriteOnceWithFSType"],
            path["fsGroupPolicy"]
        )
        errors += audiences(spec.elements(of: "tokenRequests"), path["tokenRequests"])
        for mode in spec.elements(of: "volumeLifecycleModes") {
            errors += Rules.oneOf(mode, ["Persistent", "Ephemeral"], path["volumeLifecycleModes"])
        }
        return errors
    }

    private static func driverName(_ object: KubeObject) -> [FieldError] {
        object.name.utf8.count > 63 ? [.tooLong(FieldPath("metadata", "name"), maximum: 63)] : []
    }

    private static func audiences(_ requests: [JSON], _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        var seen: Set<String> = []
        for (index, request) in requests.enumerated() {
            let place = path[index]
            let audience = request["audience"]?.string ?? ""
            if !seen.insert(audience).inserted {
                errors.append(.duplicate(place["audience"], .string(audience)))
            }
            errors += Rules.tokenLifetime(request["expirationSeconds"], place["expirationSeconds"])
        }
        return errors
    }

    static func driverUpdate(_ object: KubeObject, _ old: KubeObject) -> [FieldError] {
        let path = FieldPath("spec")
        return ["attachRequired", "volumeLifecycleModes"].compactMap { key in
            let value = object.at("spec", key)
            guard value != old.at("spec", key) else { return nil }
            return .invalid(path[key], value ?? .null, Rules.immutable)
        }
    }

    static func node(_ object: KubeObject) -> [FieldError] {
        var errors: [FieldError] = []
        var names: Set<String> = []
        for (index, driver) in (object.at("spec", "drivers")?.array ?? []).enumerated() {
            let place = FieldPath("spec", "drivers")[index]
            errors += VolumeSourceValidation.driver(driver["name"], place["name"])
            if driver.lacks("nodeID") { errors.append(.required(place["nodeID"])) }
            if let count = driver.at("allocatable", "count"), count.int ?? 0 < 0 {
                errors.append(.invalid(place["allocatable"]["count"], count, Rules.nonNegative))
            }
            var keys: Set<String> = []
            for key in driver.elements(of: "topologyKeys") {
                let spot = place["topologyKeys"]
                if key == "" { errors.append(.required(spot)) }
                if !keys.insert(key.string ?? "").inserted { errors.append(.duplicate(spot, key)) }
                errors += Rules.qualifiedName(key, spot)
            }
            let name = driver["name"]?.string ?? ""
            if !names.insert(name).inserted { errors.append(.duplicate(place["name"], .string(name))) }
        }
        return errors
    }

    static func capacity(_ object: KubeObject) -> [FieldError] {
        let name = object["storageClassName"] ?? ""
        var errors = Rules.subdomain(name, FieldPath("storageClassName"))
        for key in ["capacity", "maximumVolumeSize"] {
            if let amount = object[key] { errors += Rules.quantity(amount, FieldPath(key)) }
        }
        return errors + Rules.selector(object["nodeTopology"], FieldPath("nodeTopology"))
    }

    static func capacityUpdate(_ object: KubeObject, _ old: KubeObject) -> [FieldError] {
        ["nodeTopology", "storageClassName"].filter { object[$0] != old[$0] }.map {
            .invalid(FieldPath($0), object[$0] ?? .null, Rules.immutable)
        }
    }

    static func attachment(_ object: KubeObject) -> [FieldError] {
        let path = FieldPath("spec")
        let spec = object["spec"] ?? [:]
        var errors: [FieldError] = []
        if spec.lacks("attacher") {
            errors.append(.required(path["attacher"]))
        } else {
            errors += VolumeSourceValidation.driver(spec["attacher"], path["attacher"])
        }
        let source = spec["source"] ?? [:]
        let hasName = source["persistentVolumeName"] != nil
        let hasInline = source["inlineVolumeSpec"] != nil
        if !hasName, !hasInline {
            let detail = "must specify exactly one of inlineVolumeSpec and persistentVolumeName"
            errors.append(.required(path["source"], detail))
        } else if hasName, hasInline {
            let detail = "must specify exactly one of inlineVolumeSpec and persistentVolumeName"
            errors.append(.forbidden(path["source"], detail))
        } else if hasName, source["persistentVolumeName"] == "" {
            errors.append(.required(path["source"]["persistentVolumeName"], "must not be empty"))
        }
        return errors + Rules.subdomain(spec["nodeName"] ?? "", path["nodeName"])
    }

    static func attachmentUpdate(_ object: KubeObject, _ old: KubeObject) -> [FieldError] {
        guard object["spec"] != old["spec"] else { return [] }
        return [.invalid(FieldPath("spec"), object["spec"] ?? .null, "field is immutable")]
    }
}
