import Delivery
import KubeModel

extension FakeWorkload {
    var events: [ObjectEvent] {
        let pod = "Pod:\(namespace)/\(name)-7d9f6c5b8-x2x9q"
        var events = [
            ObjectEvent(
                time: "2026-11-22T18:02:11Z",
                type: "Normal",
                reason: "ScalingReplicaSet",
                object: "apps/Deployment:\(namespace)/\(name)",
                message: "Scaled up replica set \(name)-7d9f6c5b8 from 0 to 1",
                count: 1
            ),
            ObjectEvent(
                time: "2026-11-22T18:02:11Z",
                type: "Normal",
                reason: "Scheduled",
                object: pod,
                message: "Successfully assigned \(namespace)/\(name)-7d9f6c5b8-x2x9q to node-2",
                count: 1
            ),
        ]
        if condition == .imagePullBackOff {
            events.append(
                ObjectEvent(
                    time: "2026-11-22T18:03:40Z",
                    type: "Warning",
                    reason: "Failed",
                    object: pod,
                    message: "Failed to pull image \"\(image):\(tag)\": rpc error: code = NotFound",
                    count: 4
                )
            )
            events.append(
                ObjectEvent(
                    time: "2026-11-22T18:05:02Z",
                    type: "Warning",
                    reason: "BackOff",
                    object: pod,
                    message: "Back-off pulling image \"\(image):\(tag)\"",
                    count: 17
                )
            )
        }
        return events
    }

    func diff(for state: SyncState) -> [ObjectDiff] {
        guard state != .synced else { return [] }
        return [
            ObjectDiff(
                object: "apps/Deployment:\(namespace)/\(name)",
                action: .update,
                reason: "Two fields differ from the commit",
                fields: [
                    .init(
                        path: "spec.replicas",
                        live: 5,
                        desired: .integer(Int64(replicas)),
                        manager: "kubectl-scale",
                        time: "2026-11-22T17:40:10Z"
                    ),
                    .init(
                        path: "spec.template.spec.containers[name=\(name)].image",
                        live: .string("\(image):2026.47.0"),
                        desired: .string("\(image):\(tag)"),
                        manager: "varde",
                        time: "2026-11-21T09:12:44Z"
                    ),
                    .init(path: "metadata.annotations[team]", live: nil, desired: "nature"),
                ]
            ),
            ObjectDiff(
                object: "ConfigMap:\(namespace)/\(name)-config",
                action: .hold,
                reason: "Not in the commit any more; held for approval",
                fields: []
            ),
        ]
    }

    func manifests(of node: ObjectNode) -> ObjectManifests {
        var live = KubeObject(
            apiVersion: node.apiVersion,
            kind: node.kind,
            namespace: node.namespace,
            name: node.name
        )
        live.labels = ["app.kubernetes.io/name": name, "varde.dev/application": "k7f3q2"]
        live.annotations = [
            "varde.dev/tracking-id": node.id, "note": "<img src=x onerror=alert(1)>\nsecond line: yes",
        ]
        live.set(.string(node.uid ?? ""), at: "metadata", "uid")
        live.set(.string(node.createdAt ?? ""), at: "metadata", "creationTimestamp")
        let container: JSON = [
            "name": .string(name), "image": .string("\(image):\(tag)"),
            "resources": ["limits": ["memory": "512Mi"], "requests": ["cpu": "100m", "memory": "256Mi"]],
            "ports": [["containerPort": 8080, "name": "http"]],
            "env": [
                ["name": "LOG_LEVEL", "value": "info"], ["name": "EMPTY", "value": ""],
                ["name": "TRUE", "value": "true"],
            ],
        ]
        switch node.kind {
        case "Deployment":
            live.set(.integer(Int64(replicas)), at: "spec", "replicas")
            live.set([container], at: "spec", "template", "spec", "containers")
        case "Pod":
            live.set([container], at: "spec", "containers")
            live.set("node-2", at: "spec", "nodeName")
        case "ConfigMap":
            live["data"] = [
                "settings.toml": "[server]\nport = 8080\n\n[cache]\nsize = \"2GiB\"\n", "mode": "winter",
            ]
        case "Secret": live["data"] = ["password": "••••••••", "username": "••••••••"]
        default: break
        }
        var desired: KubeObject? = node.parent == nil ? live : nil
        desired?.metadata = ["name": .string(node.name), "namespace": .string(node.namespace)]
        live["status"] = [
            "observedGeneration": .integer(Int64(generation)),
            "conditions": [
                [
                    "type": "Available", "status": condition == .healthy ? "True" : "False",
                    "reason": "MinimumReplicasAvailable",
                    "message": "Deployment has minimum availability.",
                    "lastTransitionTime": "2026-11-22T18:02:20Z",
                ]
            ],
        ]
        return ObjectManifests(
            live: live,
            desired: desired,
            origin: node.parent == nil ? "env/dev/\(namespace)/app.yaml, document 1, line 1" : nil
        )
    }
}
