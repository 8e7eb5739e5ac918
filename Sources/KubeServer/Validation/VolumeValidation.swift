import KubeModel

/// Rules for a pod's volumes and where they are mounted.
enum VolumeValidation {
    /// Reports into `errors`; the names of the volumes are answered, for the mounts.
    static func validate(_ volumes: [JSON], _ path: FieldPath, _ errors: inout [FieldError]) -> Set<String> {
        var names: Set<String> = []
        for (index, volume) in volumes.enumerated() {
            let place = path[index]
            let sources = ordered((volume.object?.keys ?? []).filter { $0 != "name" })
            if sources.isEmpty { errors.append(.required(place, "must specify a volume type")) }
            for (position, source) in sources.enumerated() {
                if position == 0 {
                    errors += self.source(source, volume[source] ?? [:], place[source])
                } else {
                    errors.append(.forbidden(place[source], "may not specify more than 1 volume type"))
                }
            }
            let name = volume["name"]?.string ?? ""
            if name.isEmpty {
                errors.append(.required(place["name"]))
            } else {
                errors += Rules.label(.string(name), place["name"])
            }
            if !name.isEmpty, !names.insert(name).inserted {
                errors.append(.duplicate(place["name"], .string(name)))
            }
        }
        return names
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

    private static let hostPathTypes = [
        "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket",
    ]

    private static func source(_ kind: String, _ source: JSON, _ path: FieldPath) -> [FieldError] {
        func required(_ keys: String...) -> [FieldError] {
            keys.filter(source.lacks).map { .required(path[$0]) }
        }
        switch kind {
        case "emptyDir":
            guard let limit = source["sizeLimit"], !Rules.quantity(limit, path).isEmpty else { return [] }
            let detail = "SizeLimit field must be a valid resource quantity"
            return [.forbidden(path["sizeLimit"], detail)]
        case "hostPath":
            return required("path") + noBacksteps(source["path"], path["path"])
                + Rules.oneOf(source["type"], hostPathTypes, path["type"])
        case "secret": return required("secretName") + files(source, path)
        case "configMap": return required("name") + files(source, path)
        case "persistentVolumeClaim": return required("claimName")
        case "nfs":
            var errors = required("server", "path")
            if let text = source["path"]?.string, !text.isEmpty, !text.hasPrefix("/") {
                errors.append(.invalid(path["path"], .string(text), "must be an absolute path"))
            }
            return errors
        case "csi": return required("driver")
        case "downwardAPI": return mode(source["defaultMode"], path["defaultMode"]) + downward(source, path)
        case "projected": return mode(source["defaultMode"], path["defaultMode"]) + projected(source, path)
        default: return []
        }
    }

    private static func mode(_ mode: JSON?, _ path: FieldPath) -> [FieldError] {
        guard let mode, let number = mode.int, !(0...0o777).contains(number) else { return [] }
        return [.invalid(path, mode, "must be a number between 0 and 0777 (octal), both inclusive")]
    }

    private static func files(_ source: JSON, _ path: FieldPath) -> [FieldError] {
        var errors = mode(source["defaultMode"], path["defaultMode"])
        for (index, item) in source.elements(of: "items").enumerated() {
            let place = path["items"][index]
            if item.lacks("key") { errors.append(.required(place["key"])) }
            errors += filePath(item, place)
            errors += mode(item["mode"], place["mode"])
        }
        return errors
    }

    private static func downward(_ source: JSON, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        for (index, item) in source.elements(of: "items").enumerated() {
            let place = path["items"][index]
            errors += filePath(item, place)
            if let reference = item["fieldRef"] {
                errors += FieldReferenceValidation.field(
                    reference,
                    place["fieldRef"],
                    in: FieldReferenceValidation.ofVolumes
                )
                if item["resourceFieldRef"] != nil {
                    let detail = "fieldRef and resourceFieldRef can not be specified simultaneously"
                    errors.append(.invalid(place, "resource", detail))
                }
            } else if let reference = item["resourceFieldRef"] {
                let spot = place["resourceFieldRef"]
                errors += FieldReferenceValidation.resource(reference, spot, needsContainer: true)
            } else {
                errors.append(.required(place, "one of fieldRef and resourceFieldRef is required"))
            }
            errors += mode(item["mode"], place["mode"])
        }
        return errors
    }

    private static func projected(_ source: JSON, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        for (index, projection) in source.elements(of: "sources").enumerated() {
            let place = path["sources"][index]
            for kind in ["secret", "configMap"] {
                guard let part = projection[kind] else { continue }
                if part.lacks("name") { errors.append(.required(place[kind]["name"])) }
                errors += files(part, place[kind])
            }
            if let part = projection["downwardAPI"] { errors += downward(part, place["downwardAPI"]) }
            if let token = projection["serviceAccountToken"] {
                let spot = place["serviceAccountToken"]
                if let seconds = token["expirationSeconds"]?.int, seconds < 600 {
                    let detail = "may not specify a duration less than 10 minutes"
                    errors.append(
                        .invalid(spot["expirationSeconds"], .integer(Int64(seconds)), detail)
                    )
                }
                errors += filePath(token, spot)
            }
        }
        return errors
    }

    // MARK: Paths

    private static func filePath(_ item: JSON, _ path: FieldPath) -> [FieldError] {
        guard let text = item["path"]?.string, !text.isEmpty else { return [.required(path["path"])] }
        var errors = descending(.string(text), path["path"])
        if text.hasPrefix(".."), !text.hasPrefix("../") {
            errors.append(.invalid(path["path"], .string(text), "must not start with '..'"))
        }
        return errors
    }

    private static func descending(_ text: JSON?, _ path: FieldPath) -> [FieldError] {
        guard let text, let value = text.string else { return [] }
        var errors: [FieldError] = []
        if value.hasPrefix("/") { errors.append(.invalid(path, text, "must be a relative path")) }
        return errors + noBacksteps(text, path)
    }

    private static func noBacksteps(_ text: JSON?, _ path: FieldPath) -> [FieldError] {
        guard let text, text.string?.split(separator: "/").contains("..") == true else { return [] }
        return [.invalid(path, text, "must not contain '..'")]
    }

    // MARK: Mounts

    static func mounts(_ mounts: [JSON], _ path: FieldPath, volumes: Set<String>) -> [FieldError] {
        var errors: [FieldError] = []
        var paths: Set<String> = []
        for (index, mount) in mounts.enumerated() {
            let place = path[index]
            if mount.lacks("name") { errors.append(.required(place["name"])) }
            if !volumes.contains(mount["name"]?.string ?? "") {
                errors.append(.notFound(place["name"], mount["name"] ?? ""))
            }
            let target = mount["mountPath"]?.string ?? ""
            if target.isEmpty { errors.append(.required(place["mountPath"])) }
            if !paths.insert(target).inserted {
                errors.append(.invalid(place["mountPath"], .string(target), "must be unique"))
            }
            // These two are told without the index, as Kubernetes does.
            if !mount.lacks("subPath") { errors += descending(mount["subPath"], path["subPath"]) }
            guard !mount.lacks("subPathExpr") else { continue }
            if !mount.lacks("subPath") {
                let detail = "subPathExpr and subPath are mutually exclusive"
                errors.append(.invalid(place["subPathExpr"], mount["subPathExpr"] ?? "", detail))
            }
            errors += descending(mount["subPathExpr"], path["subPathExpr"])
        }
        return errors
    }
}
