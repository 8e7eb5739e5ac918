import KubeModel

enum VolumeValidation {
    /// Reports into `errors`; the names of the volumes are answered, for the mounts.
    static func validate(_ volumes: [JSON], _ path: FieldPath, _ errors: inout [FieldError]) -> Set<String> {
        var names: Set<String> = []
        for (index, volume) in volumes.enumerated() {
            let place = path[index]
            let sources = (volume.object?.keys ?? []).filter { $0 != "name" }
            if sources.isEmpty { errors.append(.required(place, "must specify a volume type")) }
            for extra in ordered(sources).dropFirst() {
                errors.append(.forbidden(place[extra], "may not specify more than 1 volume type"))
            }
            for source in sources { errors += self.source(source, volume[source] ?? [:], place[source]) }
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
        ]
        return sources.sorted { left, right in
            (known.firstIndex(of: left) ?? known.count, left) < (
                known.firstIndex(of: right) ?? known.count, right
            )
        }
    }

    private static func source(_ kind: String, _ source: JSON, _ path: FieldPath) -> [FieldError] {
        switch kind {
        case "hostPath": return source.lacks("path") ? [.required(path["path"])] : []
        case "secret": return source.lacks("secretName") ? [.required(path["secretName"])] : []
        case "configMap": return source.lacks("name") ? [.required(path["name"])] : []
        case "persistentVolumeClaim": return source.lacks("claimName") ? [.required(path["claimName"])] : []
        case "nfs":
            var errors: [FieldError] = []
            if source.lacks("server") { errors.append(.required(path["server"])) }
            if source.lacks("path") { errors.append(.required(path["path"])) }
            return errors
        case "csi": return source.lacks("driver") ? [.required(path["driver"])] : []
        default: return []
        }
    }
}
