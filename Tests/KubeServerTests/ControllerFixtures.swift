import KubeModel

@testable import KubeServer

/// Objects for tables of decisions.
enum Made {
    static let now = Timestamp(parsing: "2026-11-22T12:00:00Z") ?? Timestamp(seconds: 0)

    static func template(image: String = "a:1", labels: JSON = ["app": "web"]) -> JSON {
        ["metadata": ["labels": labels], "spec": ["containers": [["name": "c", "image": .string(image)]]]]
    }

    static func deployment(
        replicas: Int = 3,
        image: String = "a:1",
        strategy: JSON = ["type": "RollingUpdate", "rollingUpdate": ["maxSurge": 1, "maxUnavailable": 0]]
    ) -> KubeObject {
        var object = KubeObject(apiVersion: "apps/v1", kind: "Deployment", namespace: "a", name: "web")
        object.set("deployment-uid", at: "metadata", "uid")
        object.set(1, at: "metadata", "generation")
        object.spec = [
            "replicas": .integer(Int64(replicas)), "selector": ["matchLabels": ["app": "web"]],
            "template": template(image: image), "strategy": strategy, "progressDeadlineSeconds": 600,
            "revisionHistoryLimit": 2,
        ]
        return object
    }

    /// A ReplicaSet of the deployment, with so many pods wanted, there and available.
    static func replicaSet(
        _ image: String,
        of deployment: KubeObject,
        _ wanted: Int,
        available: Int,
        revision: Int,
        desired: Int? = nil
    ) -> KubeObject {
        var from = deployment
        from.set(template(image: image), at: "spec", "template")
        let replicas = DeploymentReplicas(deployment)
        var set = ReplicaSetFactory.make(for: from, wanted: wanted, revision: revision, replicas)
        set.set(.string("uid-\(image)"), at: "metadata", "uid")
        set.set(.string("2026-11-22T11:0\(revision):00Z"), at: "metadata", "creationTimestamp")
        if let desired {
            var annotations = set.annotations
            annotations[DeploymentAnnotations.desired] = String(desired)
            annotations[DeploymentAnnotations.maximum] = String(desired + replicas.surge)
            set.annotations = annotations
        }
        set.status = [
            "replicas": .integer(Int64(wanted)), "readyReplicas": .integer(Int64(available)),
            "availableReplicas": .integer(Int64(available)),
        ]
        return set
    }

    static func pod(
        _ name: String,
        ready: Bool = true,
        phase: String = "Running",
        labels: [String: String] = ["app": "web"],
        node: String = "n1"
    ) -> KubeObject {
        var pod = KubeObject(apiVersion: "v1", kind: "Pod", namespace: "a", name: name)
        pod.set(.string("uid-\(name)"), at: "metadata", "uid")
        pod.set("2026-11-22T11:00:00Z", at: "metadata", "creationTimestamp")
        pod.labels = labels
        pod.spec = ["containers": [["name": "c", "image": "a:1"]], "nodeName": .string(node)]
        pod.status = [
            "phase": .string(phase), "podIP": "10.0.0.9",
            "conditions": [
                [
                    "type": "Ready", "status": ready ? "True" : "False",
                    "lastTransitionTime": "2026-11-22T11:30:00Z",
                ]
            ],
        ]
        return pod
    }

    static func deleted(_ object: KubeObject) -> KubeObject {
        var object = object
        object.set("2026-11-22T11:59:00Z", at: "metadata", "deletionTimestamp")
        return object
    }
}
