import KubeModel

/// Rules for volumes that are objects of their own.
enum PersistentVolumeValidation {
    private static let others: Set<String> = [
        "accessModes", "capacity", "claimRef", "mountOptions", "nodeAffinity",
        "persistentVolumeReclaimPolicy",
        "storageClassName", "volumeAttributesClassName", "volumeMode",
    ]
    /// The order in which Kubernetes looks for sources.
    private static let order = [
        "hostPath", "gcePersistentDisk", "awsElasticBlockStore", "glusterfs", "flocker", "nfs", "rbd",
        "quobyte", "cephfs", "iscsi", "cinder", "fc", "flexVolume", "azureFile", "vsphereVolume",
        "photonPersistentDisk", "portworxVolume", "azureDisk", "scaleIO", "local", "storageos", "csi",
    ]

    private static func sources(_ spec: JSON) -> [String] {
        (spec.object?.keys ?? []).filter { !others.contains($0) }.sorted {
            (order.firstIndex(of: $0) ?? order.count, $0) < (order.firstIndex(of: $1) ?? order.count, $1)
        }
    }

    static func validate(_ object: KubeObject) -> [FieldError] {
        let path = FieldPath("spec")
        let spec = object["spec"] ?? [:]
        var errors: [FieldError] = []
        let modes = spec.elements(of: "accessModes")
        if modes.isEmpty { errors.append(.required(path["accessModes"])) }
        errors += StorageValidation.accessModes(modes, path["accessModes"])
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
        let sources = self.sources(spec)
        if sources.isEmpty { errors.append(.required(path, "must specify a volume type")) }
        for (index, kind) in sources.enumerated() {
            if index == 0 {
                errors += VolumeSourceValidation.persistent(kind, spec[kind] ?? [:], path)
            } else {
                let shown = kind == "cephfs" ? "cephFS" : kind
                errors.append(.forbidden(path[shown], "may not specify more than 1 volume type"))
            }
            if kind == "local", spec["nodeAffinity"] == nil {
                errors.append(.required(path["nodeAffinity"], "Local volume requires node affinity"))
            }
        }
        if let root = spec.at("hostPath", "path")?.string, !root.isEmpty,
            root.allSatisfy({ $0 == "/" || $0 == "." }),
            root.hasPrefix("/"), spec["persistentVolumeReclaimPolicy"] == "Recycle"
        {
            errors.append(.forbidden(policy, "may not be 'recycle' for a hostPath mount of '/'"))
        }
        errors += Rules.subdomain(given: spec["storageClassName"], path["storageClassName"])
        return errors + Rules.oneOf(spec["volumeMode"], ["Block", "Filesystem"], path["volumeMode"])
    }

    static func update(_ object: KubeObject, _ old: KubeObject) -> [FieldError] {
        let before = old["spec"] ?? [:]
        let after = object["spec"] ?? [:]
        var errors: [FieldError] = []
        let isSame =
            sources(before) == sources(after)
            && sources(after).allSatisfy { kind in
                var source = after[kind] ?? [:]
                // This one may be added.
                if before.at(kind, "controllerExpandSecretRef") == nil {
                    source["controllerExpandSecretRef"] = nil
                }
                return source == before[kind]
            }
        if !isSame {
            let place = FieldPath("spec", "persistentvolumesource")
            errors.append(.forbidden(place, "spec.persistentvolumesource is immutable after creation"))
        }
        if after["volumeMode"] != before["volumeMode"] {
            errors.append(.invalid(FieldPath("volumeMode"), after["volumeMode"] ?? .null, Rules.immutable))
        }
        if let affinity = before["nodeAffinity"], affinity != after["nodeAffinity"] {
            let detail = "field is immutable, except for updating from beta label to GA"
            errors.append(.invalid(FieldPath("nodeAffinity"), after["nodeAffinity"] ?? .null, detail))
        }
        return errors
    }
}
