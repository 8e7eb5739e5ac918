import KubeModel

/// Rules for where the content of a volume comes from; shared by pods' volumes and persistent ones.
enum VolumeSourceValidation {
    private static let hostPathTypes = [
        "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket",
    ]

    /// What a source cannot do without, by kind.
    private static let required: [String: [String]] = [
        "gitRepo": ["repository"], "secret": ["secretName"], "configMap": ["name"],
        "persistentVolumeClaim": ["claimName"], "glusterfs": ["endpoints", "path"], "cinder": ["volumeID"],
        "portworxVolume": ["volumeID"], "photonPersistentDisk": ["pdID"], "vsphereVolume": ["volumePath"],
        "awsElasticBlockStore": ["volumeID"], "gcePersistentDisk": ["pdName"],
        "azureFile": ["secretName", "shareName"], "flexVolume": ["driver"],
        "scaleIO": ["gateway", "system", "volumeName"], "storageos": ["volumeName"],
    ]
    /// Kinds that messages name in another way than the field.
    private static let shown = ["gcePersistentDisk": "persistentDisk"]

    static func source(_ kind: String, _ source: JSON, _ parent: FieldPath) -> [FieldError] {
        let path = parent[shown[kind] ?? kind]
        let missing = missing(required[kind] ?? [], source, path)
        switch kind {
        case "emptyDir":
            guard let limit = source["sizeLimit"], !Rules.quantity(limit, path).isEmpty else { return [] }
            return [.forbidden(path["sizeLimit"], "SizeLimit field must be a valid resource quantity")]
        case "hostPath":
            if source.lacks("path") { return [.required(path["path"])] }
            return noBacksteps(source["path"], path["path"])
                + Rules.oneOf(source["type"], hostPathTypes, path["type"])
        case "local":
            if source.lacks("path") { return [.required(path["path"])] }
            return noBacksteps(source["path"], path["path"])
        case "secret", "configMap": return missing + files(source, path)
        case "gitRepo": return missing + descending(source["directory"], path["directory"])
        case "nfs": return network(source, path)
        case "iscsi": return target(source, path)
        case "rbd", "cephfs":
            var errors: [FieldError] = []
            if source.elements(of: "monitors").isEmpty { errors.append(.required(path["monitors"])) }
            return errors + (kind == "rbd" ? self.missing(["image"], source, path) : [])
        case "fc": return fibre(source, path)
        case "downwardAPI": return mode(source["defaultMode"], path["defaultMode"]) + downward(source, path)
        case "projected": return ProjectionValidation.projected(source, path)
        case "csi": return driver(source["driver"], path["driver"])
        case "ephemeral":
            guard let template = source["volumeClaimTemplate"] else {
                return [.required(path["volumeClaimTemplate"])]
            }
            return StorageValidation.claimSpec(template["spec"] ?? [:], path["volumeClaimTemplate"]["spec"])
        default: return missing
        }
    }

    /// What holds for a source of a volume that is an object of its own.
    static func persistent(_ kind: String, _ source: JSON, _ parent: FieldPath) -> [FieldError] {
        var errors = self.source(kind, source, parent)
        guard kind == "csi" else { return errors }
        errors += missing(["volumeHandle"], source, parent["csi"])
        let references = [
            "controllerPublishSecretRef", "controllerExpandSecretRef", "nodePublishSecretRef",
            "nodeExpandSecretRef",
        ]
        for key in references {
            guard let reference = source[key] else { continue }
            errors += missing(["name", "namespace"], reference, parent["csi"][key])
        }
        return errors
    }

    private static func missing(_ keys: [String], _ source: JSON, _ path: FieldPath) -> [FieldError] {
        keys.filter(source.lacks).map { .required(path[$0]) }
    }

    // MARK: Kinds

    private static func network(_ source: JSON, _ path: FieldPath) -> [FieldError] {
        var errors = missing(["server", "path"], source, path)
        let text = source["path"]?.string ?? ""
        if !text.hasPrefix("/") {
            errors.append(.invalid(path["path"], .string(text), "must be an absolute path"))
        }
        return errors
    }

    private static func target(_ source: JSON, _ path: FieldPath) -> [FieldError] {
        var errors = missing(["targetPortal", "iqn"], source, path)
        if let name = source["iqn"]?.string, !name.isEmpty,
            !["iqn", "eui", "naa"].contains(where: name.hasPrefix)
        {
            let detail = "must be valid format starting with iqn, eui, or naa"
            errors.append(.invalid(path["iqn"], .string(name), detail))
        }
        if let lun = source["lun"], let number = lun.int, !(0...255).contains(number) {
            errors.append(.invalid(path["lun"], lun, "must be between 0 and 255, inclusive"))
        }
        return errors
    }

    private static func fibre(_ source: JSON, _ path: FieldPath) -> [FieldError] {
        let targets = source.elements(of: "targetWWNs")
        let ids = source.elements(of: "wwids")
        let place = path["targetWWNs"]
        if targets.isEmpty, ids.isEmpty {
            return [.required(place, "must specify either targetWWNs or wwids, but not both")]
        }
        if !targets.isEmpty, !ids.isEmpty {
            let detail = "targetWWNs and wwids can not be specified simultaneously"
            return [.invalid(place, .array(targets), detail)]
        }
        guard !targets.isEmpty, source["lun"] == nil else { return [] }
        return [.required(path["lun"], "lun is required if targetWWNs is specified")]
    }

    /// The name of a driver of the container storage interface.
    static func driver(_ name: JSON?, _ path: FieldPath) -> [FieldError] {
        guard let text = name?.string, !text.isEmpty else { return [.required(path)] }
        var errors: [FieldError] = text.utf8.count > 63 ? [.tooLong(path, maximum: 63)] : []
        errors += NameRule.subdomain.problems(of: text.lowercased()).map {
            .invalid(path, .string(text), $0)
        }
        return errors
    }

    // MARK: Files

    static func mode(_ mode: JSON?, _ path: FieldPath) -> [FieldError] {
        guard let mode, let number = mode.int, !(0...0o777).contains(number) else { return [] }
        return [.invalid(path, mode, "must be a number between 0 and 0777 (octal), both inclusive")]
    }

    static func files(_ source: JSON, _ path: FieldPath) -> [FieldError] {
        var errors = mode(source["defaultMode"], path["defaultMode"])
        for (index, item) in source.elements(of: "items").enumerated() {
            let place = path["items"][index]
            if item.lacks("key") { errors.append(.required(place["key"])) }
            errors += filePath(item, place)
            errors += mode(item["mode"], place["mode"])
        }
        return errors
    }

    /// Items are told without their index, as Kubernetes does.
    static func downward(_ source: JSON, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        for item in source.elements(of: "items") {
            errors += filePath(item, path)
            if let reference = item["fieldRef"] {
                let known = FieldReferenceValidation.ofVolumes
                errors += FieldReferenceValidation.field(reference, path["fieldRef"], in: known)
                if item["resourceFieldRef"] != nil {
                    let detail = "fieldRef and resourceFieldRef can not be specified simultaneously"
                    errors.append(.invalid(path, "resource", detail))
                }
            } else if let reference = item["resourceFieldRef"] {
                let spot = path["resourceFieldRef"]
                errors += FieldReferenceValidation.resource(reference, spot, needsContainer: true)
            } else {
                errors.append(.required(path, "one of fieldRef and resourceFieldRef is required"))
            }
            errors += mode(item["mode"], path["mode"])
        }
        return errors
    }

    static func filePath(_ item: JSON, _ path: FieldPath) -> [FieldError] {
        guard let text = item["path"]?.string, !text.isEmpty else { return [.required(path["path"])] }
        var errors = descending(.string(text), path["path"])
        if text.hasPrefix(".."), !text.hasPrefix("../") {
            errors.append(.invalid(path["path"], .string(text), "must not start with '..'"))
        }
        return errors
    }

    static func descending(_ text: JSON?, _ path: FieldPath) -> [FieldError] {
        guard let text, let value = text.string else { return [] }
        var errors: [FieldError] = []
        if value.hasPrefix("/") { errors.append(.invalid(path, text, "must be a relative path")) }
        return errors + noBacksteps(text, path)
    }

    static func noBacksteps(_ text: JSON?, _ path: FieldPath) -> [FieldError] {
        guard let text, text.string?.split(separator: "/").contains("..") == true else { return [] }
        return [.invalid(path, text, "must not contain '..'")]
    }
}

/// Rules for a volume that several sources share.
enum ProjectionValidation {
    static func projected(_ source: JSON, _ path: FieldPath) -> [FieldError] {
        var errors = VolumeSourceValidation.mode(source["defaultMode"], path["defaultMode"])
        var taken: Set<String> = []
        func take(_ items: [JSON], shown name: JSON?) {
            for item in items {
                guard let file = item["path"]?.string, !file.isEmpty else { continue }
                if !taken.insert(file).inserted {
                    errors.append(.invalid(path, name ?? .string(file), "conflicting duplicate paths"))
                }
            }
        }
        for (index, projection) in source.elements(of: "sources").enumerated() {
            let place = path["sources"][index]
            for kind in ["secret", "configMap"] {
                guard let part = projection[kind] else { continue }
                if part.lacks("name") { errors.append(.required(place[kind]["name"])) }
                errors += VolumeSourceValidation.files(part, place[kind])
                take(part.elements(of: "items"), shown: part["name"] ?? "")
            }
            if let part = projection["downwardAPI"] {
                errors += VolumeSourceValidation.downward(part, place["downwardAPI"])
                take(part.elements(of: "items"), shown: nil)
            }
            if let token = projection["serviceAccountToken"] {
                errors += self.token(token, place["serviceAccountToken"], files: path)
            }
            let kinds = ["secret", "configMap", "downwardAPI", "serviceAccountToken", "clusterTrustBundle"]
            if kinds.count(where: { projection[$0] != nil }) > 1 {
                errors.append(.forbidden(place, "may not specify more than 1 volume type per source"))
            }
        }
        return errors
    }

    private static func token(_ token: JSON, _ path: FieldPath, files: FieldPath) -> [FieldError] {
        // The path is told without the source's index, as Kubernetes does.
        Rules.tokenLifetime(token["expirationSeconds"], path["expirationSeconds"])
            + VolumeSourceValidation.filePath(token, files)
    }
}
