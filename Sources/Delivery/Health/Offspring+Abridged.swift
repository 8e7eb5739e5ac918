import KubeModel

extension Offspring {
    /// What of an object that others made is kept: by whom it was made, and what its health and its node in the tree are
    /// taken from.
    ///
    /// A fifth to a tenth of a pod. Who wants to read the whole object asks the cluster for it.
    static func abridged(_ object: KubeObject) -> KubeObject {
        let json = object.json
        var kept: [(String, JSON)] = [
            ("apiVersion", .string(object.apiVersion)), ("kind", .string(object.kind)),
            ("metadata", metadata(json["metadata"] ?? [:])),
        ]
        switch object.kind {
        case "Pod":
            kept.append(("spec", podSpec(json["spec"] ?? [:])))
            kept.append(("status", podStatus(json["status"] ?? [:])))
        case "ReplicaSet", "Job":
            var spec = (json["spec"] ?? [:]).picking(["completions", "replicas"])
            if let template = json.at("spec", "template", "spec") {
                spec["template"] = ["spec": podSpec(template)]
            }
            kept.append(("spec", spec))
            if let status = json["status"] { kept.append(("status", status)) }
        default:
            var whole = object
            whole.set(nil, at: "metadata", "managedFields")
            return whole
        }
        return KubeObject(.object(JSONObject(sortedKeys: kept.map(\.0), values: kept.map(\.1))))
    }

    private static func metadata(_ metadata: JSON) -> JSON {
        var kept = metadata.picking([
            "creationTimestamp", "deletionTimestamp", "finalizers", "generation", "labels", "name",
            "namespace",
            "resourceVersion", "uid",
        ])
        if let owner = metadata["ownerReferences"]?.array?.first(where: { $0["controller"]?.bool == true }) {
            kept["ownerReferences"] = [owner.picking(["apiVersion", "controller", "kind", "name", "uid"])]
        }
        let pages = metadata["annotations"]?.object?.filter { ObjectRules.namesPage($0.key) } ?? []
        if !pages.isEmpty {
            kept["annotations"] = .object(
                JSONObject(sortedKeys: pages.map(\.key), values: pages.map(\.value))
            )
        }
        return kept
    }

    private static func podSpec(_ spec: JSON) -> JSON {
        var kept = spec.picking(["nodeName"])
        kept["containers"] = .array((spec["containers"]?.array ?? []).map { $0.picking(["image", "name"]) })
        if let policy = spec["restartPolicy"], policy != "Always" { kept["restartPolicy"] = policy }
        return kept
    }

    private static func podStatus(_ status: JSON) -> JSON {
        var kept = status.picking(["message", "phase", "reason"])
        let conditions = (status["conditions"]?.array ?? []).filter { condition in
            condition["type"] == "Ready" || condition["type"] == "PodScheduled"
        }
        if !conditions.isEmpty {
            kept["conditions"] = .array(
                conditions.map { $0.picking(["message", "reason", "status", "type"]) }
            )
        }
        for key in ["containerStatuses", "initContainerStatuses"] {
            guard let statuses = status[key]?.array else { continue }
            kept[key] = .array(statuses.map(containerStatus))
        }
        return kept
    }

    private static func containerStatus(_ status: JSON) -> JSON {
        var kept = status.picking(["name", "ready"])
        if let waiting = status.at("state", "waiting") {
            kept["state"] = ["waiting": waiting.picking(["message", "reason"])]
            kept["image"] = status["image"]
        } else if let end = status.at("state", "terminated") {
            kept["state"] = ["terminated": end.picking(["exitCode", "reason"])]
        }
        if let end = status.at("lastState", "terminated") {
            kept["lastState"] = ["terminated": end.picking(["exitCode", "reason"])]
        }
        return kept
    }
}

extension JSON {
    /// The members with these names, which are sorted.
    fileprivate func picking(_ names: [String]) -> JSON {
        guard let object else { return [:] }
        var (keys, values): ([String], [JSON]) = ([], [])
        for name in names {
            guard let value = object[name], !value.isNull else { continue }
            keys.append(name)
            values.append(value)
        }
        return .object(JSONObject(sortedKeys: keys, values: values))
    }
}
