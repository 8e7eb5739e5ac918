import KubeModel

/// Writes what Kubernetes' objects may leave open in the form that server-side apply takes on every version.
///
/// Up to 1.25 a server's schema has quantities as texts only (`cpu: 1` is refused where `kubectl apply` takes it), and
/// up to 1.20 the ports of a Service are known by a protocol that has no default there. To newer ones it is the same.
enum AppliedForm {
    /// Places of quantities, or of maps of them, by kind; `*` is each element of a list.
    private static let quantities: [String: [[String]]] = {
        var places: [String: [[String]]] = [
            "ResourceQuota": [["spec", "hard"]],
            "PersistentVolume": [["spec", "capacity"]],
            "PersistentVolumeClaim": claim([]),
            "LimitRange": ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"].map {
                ["spec", "limits", "*", $0]
            },
            "HorizontalPodAutoscaler": ["resource", "containerResource", "pods", "object", "external"].flatMap
            {
                [["spec", "metrics", "*", $0, "target", "value"]]
                    + [["spec", "metrics", "*", $0, "target", "averageValue"]]
            },
            "Pod": pod([]),
            "CronJob": pod(["spec", "jobTemplate", "spec", "template"]),
        ]
        for kind in ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job"] {
            places[kind] = pod(["spec", "template"])
        }
        places["StatefulSet"]? += claim(["spec", "volumeClaimTemplates", "*"])
        return places
    }()

    private static let groups: Set<String> = ["", "apps", "batch", "autoscaling"]

    private static func pod(_ path: [String]) -> [[String]] {
        let containers = ["containers", "initContainers"].flatMap { list in
            ["limits", "requests"].map { path + ["spec", list, "*", "resources", $0] }
        }
        let volumes = path + ["spec", "volumes", "*"]
        return containers + [path + ["spec", "overhead"], volumes + ["emptyDir", "sizeLimit"]]
            + claim(volumes + ["ephemeral", "volumeClaimTemplate"])
    }

    private static func claim(_ path: [String]) -> [[String]] {
        ["limits", "requests"].map { path + ["spec", "resources", $0] }
    }

    static func adapt(_ object: inout KubeObject) {
        guard groups.contains(object.gvk.group) else { return }
        if object.kind == "Service", object.gvk.group.isEmpty {
            change(&object.json, at: ["spec", "ports", "*"], withProtocol)
            return
        }
        for place in quantities[object.kind] ?? [] { change(&object.json, at: place[...], asText) }
    }

    private static func withProtocol(_ port: JSON) -> JSON? {
        guard port.object != nil, port["protocol"] == nil else { return nil }
        var port = port
        port["protocol"] = "TCP"
        return port
    }

    private static func asText(_ value: JSON) -> JSON? {
        switch value {
        case .integer, .double, .number: return .string(value.text)
        case .object(let members) where members.contains(where: { $0.value.number != nil }):
            var changed = members
            for (key, member) in members where member.number != nil { changed[key] = asText(member) }
            return .object(changed)
        default: return nil
        }
    }

    /// - Parameter form: What a value is to be; `nil` where it is right.
    /// - Returns: Whether anything was changed.
    @discardableResult
    private static func change(
        _ value: inout JSON,
        at path: ArraySlice<String>,
        _ form: (JSON) -> JSON?
    ) -> Bool {
        guard let first = path.first else {
            guard let new = form(value) else { return false }
            value = new
            return true
        }
        let rest = path.dropFirst()
        if first == "*" {
            guard var items = value.array else { return false }
            var isChanged = false
            for index in items.indices where change(&items[index], at: rest, form) { isChanged = true }
            if isChanged { value = .array(items) }
            return isChanged
        }
        guard value.object != nil, var child = value[first], change(&child, at: rest, form) else {
            return false
        }
        value[first] = child
        return true
    }
}
