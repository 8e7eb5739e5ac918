import KubeModel

/// Rules for a pod's volumes and where they are mounted.
enum VolumeValidation {
    /// Reports into `errors`; the kinds of the volumes that are sound are answered by name, for the mounts.
    static func validate(
        _ volumes: [JSON],
        _ path: FieldPath,
        _ errors: inout [FieldError]
    ) -> [String: String] {
        var kinds: [String: String] = [:]
        for (index, volume) in volumes.enumerated() {
            let place = path[index]
            var own: [FieldError] = []
            let sources = ordered((volume.object?.keys ?? []).filter { $0 != "name" })
            if sources.isEmpty { own.append(.required(place, "must specify a volume type")) }
            for (position, source) in sources.enumerated() {
                if position == 0 {
                    own += VolumeSourceValidation.source(source, volume[source] ?? [:], place)
                } else {
                    let shown = source == "cephfs" ? "cephFS" : source
                    own.append(.forbidden(place[shown], "may not specify more than 1 volume type"))
                }
            }
            let name = volume["name"]?.string ?? ""
            if name.isEmpty {
                own.append(.required(place["name"]))
            } else {
                own += Rules.label(.string(name), place["name"])
            }
            if kinds[name] != nil { own.append(.duplicate(place["name"], .string(name))) }
            if own.isEmpty { kinds[name] = sources.first ?? "" }
            errors += own
        }
        return kinds
    }

    /// The order in which Kubernetes looks for sources.
    private static func ordered(_ sources: [String]) -> [String] {
        let known = [
            "emptyDir", "hostPath", "gitRepo", "gcePersistentDisk", "awsElasticBlockStore", "secret", "nfs",
            "iscsi", "glusterfs", "flocker", "persistentVolumeClaim", "rbd", "cinder", "cephfs", "quobyte",
            "downwardAPI", "fc", "flexVolume", "configMap", "azureFile", "vsphereVolume",
            "photonPersistentDisk",
            "portworxVolume", "azureDisk", "storageos", "projected", "scaleIO", "csi", "ephemeral", "image",
        ]
        return sources.sorted { left, right in
            (known.firstIndex(of: left) ?? known.count, left) < (
                known.firstIndex(of: right) ?? known.count, right
            )
        }
    }

    /// Where a container sees its volumes, as files and as devices.
    static func uses(_ container: JSON, _ path: FieldPath, volumes: [String: String]) -> [FieldError] {
        let mounts = container.elements(of: "volumeMounts")
        let devices = container.elements(of: "volumeDevices")
        return self.mounts(mounts, devices, container, path["volumeMounts"], volumes)
            + self.devices(devices, mounts, path["volumeDevices"], volumes)
    }

    private static func mounts(
        _ mounts: [JSON],
        _ devices: [JSON],
        _ container: JSON,
        _ path: FieldPath,
        _ volumes: [String: String]
    ) -> [FieldError] {
        var errors: [FieldError] = []
        var paths: Set<String> = []
        for (index, mount) in mounts.enumerated() {
            let place = path[index]
            let name = mount["name"] ?? ""
            let target = mount["mountPath"] ?? ""
            if name == "" { errors.append(.required(place["name"])) }
            if volumes[name.string ?? ""] == nil { errors.append(.notFound(place["name"], name)) }
            if target == "" { errors.append(.required(place["mountPath"])) }
            if !paths.insert(target.string ?? "").inserted {
                errors.append(.invalid(place["mountPath"], target, "must be unique"))
            }
            if devices.contains(where: { ($0["name"] ?? "") == name }) {
                errors.append(.invalid(place["name"], name, "must not already exist in volumeDevices"))
            }
            if devices.contains(where: { ($0["devicePath"] ?? "") == target }) {
                let detail = "must not already exist as a path in volumeDevices"
                errors.append(.invalid(place["mountPath"], target, detail))
            }
            // The others are told without the index, as Kubernetes does.
            if !mount.lacks("subPath") {
                errors += VolumeSourceValidation.descending(mount["subPath"], path["subPath"])
            }
            if let expression = mount["subPathExpr"], expression != "" {
                if !mount.lacks("subPath") {
                    let detail = "subPathExpr and subPath are mutually exclusive"
                    errors.append(.invalid(place["subPathExpr"], expression, detail))
                }
                errors += VolumeSourceValidation.descending(expression, path["subPathExpr"])
            }
            errors += propagation(mount, container, path)
        }
        return errors
    }

    private static func propagation(_ mount: JSON, _ container: JSON, _ path: FieldPath) -> [FieldError] {
        let place = path["mountPropagation"]
        let known = ["Bidirectional", "HostToContainer", "None"]
        var errors = Rules.oneOf(mount["mountPropagation"], known, place)
        if mount["mountPropagation"] == "Bidirectional",
            container.at("securityContext", "privileged")?.bool != true
        {
            let detail = "Bidirectional mount propagation is available only to privileged containers"
            errors.append(.forbidden(place, detail))
        }
        let recursive = path["recursiveReadOnly"]
        guard let value = mount["recursiveReadOnly"] else { return errors }
        switch value.string ?? "" {
        case "Disabled": break
        case "Enabled", "IfPossible":
            if mount["readOnly"]?.bool != true {
                errors.append(.forbidden(recursive, "may only be specified when readOnly is true"))
            }
            if !mount.lacks("mountPropagation"), mount["mountPropagation"] != "None" {
                let detail = "may only be specified when mountPropagation is None or not specified"
                errors.append(.forbidden(recursive, detail))
            }
        default: errors.append(.notSupported(recursive, value, ["Disabled", "Enabled", "IfPossible"]))
        }
        return errors
    }

    private static func devices(
        _ devices: [JSON],
        _ mounts: [JSON],
        _ path: FieldPath,
        _ volumes: [String: String]
    ) -> [FieldError] {
        var errors: [FieldError] = []
        var names: Set<String> = []
        var paths: Set<String> = []
        for (index, device) in devices.enumerated() {
            let place = path[index]
            let name = device["name"] ?? ""
            let target = device["devicePath"] ?? ""
            if name == "" { errors.append(.required(place["name"])) }
            if names.contains(name.string ?? "") {
                errors.append(.invalid(place["name"], name, "must be unique"))
            }
            switch volumes[name.string ?? ""] {
            case nil: errors.append(.notFound(place["name"], name))
            case "persistentVolumeClaim", "ephemeral": break
            default:
                let detail =
                    "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"
                errors.append(.invalid(place["name"], name, detail))
            }
            if target == "" { errors.append(.required(place["devicePath"])) }
            if paths.contains(target.string ?? "") {
                errors.append(.invalid(place["devicePath"], target, "must be unique"))
            }
            if !VolumeSourceValidation.noBacksteps(target, path).isEmpty {
                errors.append(.invalid(place["devicePath"], target, "can not contain backsteps ('..')"))
            } else {
                paths.insert(target.string ?? "")
            }
            if mounts.contains(where: { ($0["name"] ?? "") == name }) {
                errors.append(.invalid(place["name"], name, "must not already exist in volumeMounts"))
            }
            if mounts.contains(where: { ($0["mountPath"] ?? "") == target }) {
                let detail = "must not already exist as a path in volumeMounts"
                errors.append(.invalid(place["devicePath"], target, detail))
            }
            if name != "" { names.insert(name.string ?? "") }
        }
        return errors
    }
}
