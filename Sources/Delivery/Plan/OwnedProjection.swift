import KubeModel

/// The part of a live object that a manager applied, as a fingerprint: it changes when, and only when, somebody changed one of
/// those fields or took it over.
enum OwnedProjection {
    static func fingerprint(of live: KubeObject, owned: JSON?) -> Int {
        var hasher = Hasher()
        if let owned { combine(live.json, owned, into: &hasher) }
        return hasher.finalize()
    }

    /// Of an object that is seen in another version than it was applied in, where the fields that were applied may have other names:
    /// of everything but its status.
    static func fingerprint(ofAll live: KubeObject, owned: JSON?) -> Int {
        var content = live.json.object ?? [:]
        content["status"] = nil
        var metadata = content["metadata"]?.object ?? [:]
        for field in ["managedFields", "resourceVersion", "generation"] { metadata[field] = nil }
        if var annotations = metadata["annotations"]?.object {
            // As which API servers write the status of an autoscaler in `autoscaling/v1`.
            for name in ["conditions", "current-metrics"] {
                annotations["autoscaling.alpha.kubernetes.io/\(name)"] = nil
            }
            metadata["annotations"] = annotations.isEmpty ? nil : .object(annotations)
        }
        content["metadata"] = .object(metadata)
        var hasher = Hasher()
        hasher.combine(JSON.object(content))
        hasher.combine(owned)
        return hasher.finalize()
    }

    private static func combine(_ live: JSON?, _ owned: JSON, into hasher: inout Hasher) {
        let members = owned.object ?? [:]
        if members.isEmpty {
            hasher.combine(live)
            return
        }
        for (key, fields) in members {
            hasher.combine(key)
            switch key.first {
            case "f": combine(live?[String(key.dropFirst(2))], fields, into: &hasher)
            case "k":
                guard let item = ItemKey(key) else { continue }
                combine(live?.array?.first(where: item.isKey(of:)), fields, into: &hasher)
            case "v":
                guard let item = ItemKey(key) else { continue }
                hasher.combine(live?.array?.contains(where: item.isKey(of:)) ?? false)
            default: hasher.combine(live == nil)
            }
        }
    }
}
