import KubeModel
import Testing

@testable import Delivery

@Suite struct HealthTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let title: String
        let json: JSON
        let state: HealthState
        var message: String?
        var summary: String?
        var testDescription: String { title }

        init(
            _ title: String,
            _ json: JSON,
            _ state: HealthState,
            message: String? = nil,
            summary: String? = nil
        ) {
            (self.title, self.json, self.state, self.message, self.summary) = (
                title, json, state, message, summary
            )
        }
    }

    static func workload(
        _ kind: String,
        spec: JSON,
        status: JSON,
        api: String = "apps/v1",
        generation: Int64 = 2
    ) -> JSON {
        [
            "apiVersion": .string(api), "kind": .string(kind),
            "metadata": ["name": "x", "generation": .integer(generation)],
            "spec": spec, "status": status,
        ]
    }

    static let rows: [Row] = [
        Row(
            "a paused Deployment is suspended",
            workload("Deployment", spec: ["paused": true], status: [:]),
            .suspended
        ),
        Row(
            "a Deployment whose controller is behind progresses",
            workload("Deployment", spec: [:], status: ["observedGeneration": 1]),
            .progressing
        ),
        Row(
            "a Deployment past its deadline is degraded",
            workload(
                "Deployment",
                spec: [:],
                status: [
                    "observedGeneration": 2,
                    "conditions": [
                        [
                            "type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded",
                            "message": "too slow",
                        ]
                    ],
                ]
            ),
            .degraded,
            message: "too slow"
        ),
        Row(
            "a Deployment with replicas to update progresses",
            workload(
                "Deployment",
                spec: ["replicas": 2],
                status: ["observedGeneration": 2, "updatedReplicas": 1, "replicas": 2, "readyReplicas": 2]
            ),
            .progressing,
            message: "1 of 2 replicas are updated",
            summary: "2/2 ready"
        ),
        Row(
            "a Deployment with old replicas progresses",
            workload(
                "Deployment",
                spec: ["replicas": 2],
                status: [
                    "observedGeneration": 2, "updatedReplicas": 2, "replicas": 3, "availableReplicas": 2,
                ]
            ),
            .progressing
        ),
        Row(
            "a Deployment with all replicas available is healthy",
            workload(
                "Deployment",
                spec: ["replicas": 2],
                status: [
                    "observedGeneration": 2, "updatedReplicas": 2, "replicas": 2, "availableReplicas": 2,
                    "readyReplicas": 2,
                ]
            ),
            .healthy,
            message: "",
            summary: "2/2 ready"
        ),
        Row(
            "a StatefulSet with an old revision progresses",
            workload(
                "StatefulSet",
                spec: ["replicas": 1],
                status: [
                    "observedGeneration": 2, "readyReplicas": 1, "updateRevision": "b",
                    "currentRevision": "a",
                ]
            ),
            .progressing
        ),
        Row(
            "a StatefulSet that updates on delete is healthy when ready",
            workload(
                "StatefulSet",
                spec: ["replicas": 1, "updateStrategy": ["type": "OnDelete"]],
                status: [
                    "observedGeneration": 2, "readyReplicas": 1, "updateRevision": "b",
                    "currentRevision": "a",
                ]
            ),
            .healthy
        ),
        Row(
            "a StatefulSet above its partition is healthy",
            workload(
                "StatefulSet",
                spec: [
                    "replicas": 3,
                    "updateStrategy": ["type": "RollingUpdate", "rollingUpdate": ["partition": 2]],
                ],
                status: [
                    "observedGeneration": 2, "readyReplicas": 3, "updatedReplicas": 1, "updateRevision": "b",
                    "currentRevision": "a",
                ]
            ),
            .healthy
        ),
        Row(
            "a DaemonSet with pods to come progresses",
            workload(
                "DaemonSet",
                spec: [:],
                status: [
                    "observedGeneration": 2, "desiredNumberScheduled": 3, "updatedNumberScheduled": 3,
                    "numberAvailable": 2,
                    "numberReady": 2,
                ]
            ),
            .progressing,
            summary: "2/3 ready"
        ),
        Row(
            "a ReplicaSet that cannot make pods is degraded",
            workload(
                "ReplicaSet",
                spec: ["replicas": 1],
                status: [
                    "observedGeneration": 2,
                    "conditions": [
                        ["type": "ReplicaFailure", "status": "True", "message": "exceeded quota"]
                    ],
                ]
            ),
            .degraded,
            message: "exceeded quota"
        ),
        Row(
            "a failed Job is degraded",
            workload(
                "Job",
                spec: [:],
                status: ["conditions": [["type": "Failed", "status": "True", "message": "backoff limit"]]],
                api: "batch/v1"
            ),
            .degraded,
            message: "backoff limit"
        ),
        Row(
            "a complete Job is healthy",
            workload(
                "Job",
                spec: [:],
                status: ["conditions": [["type": "Complete", "status": "True"]]],
                api: "batch/v1"
            ),
            .healthy
        ),
        Row(
            "a suspended CronJob is suspended",
            workload(
                "CronJob",
                spec: ["suspend": true, "schedule": "* * * * *"],
                status: [:],
                api: "batch/v1"
            ),
            .suspended
        ),
        Row(
            "a claim that waits progresses",
            workload("PersistentVolumeClaim", spec: [:], status: ["phase": "Pending"], api: "v1"),
            .progressing
        ),
        Row(
            "a lost claim is degraded",
            workload("PersistentVolumeClaim", spec: [:], status: ["phase": "Lost"], api: "v1"),
            .degraded
        ),
        Row(
            "a LoadBalancer without an address progresses",
            workload("Service", spec: ["type": "LoadBalancer"], status: ["loadBalancer": [:]], api: "v1"),
            .progressing
        ),
        Row(
            "a LoadBalancer with an address is healthy",
            workload(
                "Service",
                spec: ["type": "LoadBalancer"],
                status: ["loadBalancer": ["ingress": [["ip": "10.0.0.7"]]]],
                api: "v1"
            ),
            .healthy,
            summary: "10.0.0.7"
        ),
        Row(
            "an established CRD is healthy",
            workload(
                "CustomResourceDefinition",
                spec: [:],
                status: ["conditions": [["type": "Established", "status": "True"]]],
                api: "apiextensions.k8s.io/v1"
            ),
            .healthy
        ),
        Row(
            "any kind that is stalled is degraded",
            workload(
                "Widget",
                spec: [:],
                status: ["conditions": [["type": "Stalled", "status": "True", "message": "stuck"]]],
                api: "example.com/v1"
            ),
            .degraded,
            message: "stuck"
        ),
        Row(
            "any kind whose Ready is False by a reason of its own is degraded",
            workload(
                "Widget",
                spec: [:],
                status: [
                    "conditions": [["type": "Ready", "status": "False", "reason": "Broken", "message": "no"]]
                ],
                api: "example.com/v1"
            ),
            .degraded,
            message: "no"
        ),
        Row(
            "a kind without status is healthy",
            ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "x"]],
            .healthy
        ),
        Row(
            "an object that is being deleted says what holds it",
            [
                "apiVersion": "v1", "kind": "ConfigMap",
                "metadata": [
                    "name": "x", "deletionTimestamp": "2026-01-01T00:00:00Z",
                    "finalizers": ["example.com/wait"],
                ],
            ],
            .progressing,
            message: "is being deleted; waits for example.com/wait"
        ),
    ]

    @Test("An object's health follows from its status", arguments: rows)
    func table(row: Row) {
        let health = Health(of: KubeObject(row.json))
        #expect(health.state == row.state)
        if let message = row.message { #expect(health.message == message) }
        if let summary = row.summary { #expect(health.summary == summary) }
    }

    @Test("What is kept of objects that others made says the same of their health", arguments: rows)
    func abridged(row: Row) {
        let whole = KubeObject(row.json)
        #expect(Health(of: Offspring.abridged(whole)) == Health(of: whole))
    }

    @Test("Of a pod its names, labels, controller, images and pages are kept, and nothing large")
    func abridgedPod() throws {
        var pod = KubeObject(apiVersion: "v1", kind: "Pod", namespace: "a", name: "web-1")
        for (key, value) in ["uid": "1", "resourceVersion": "7", "creationTimestamp": "2026-01-01T00:00:00Z"]
        {
            pod.set(.string(value), at: "metadata", key)
        }
        pod.labels = ["app": "web"]
        pod.annotations = ["varde.dev/link.logs": "https://logs.example", "note": "long"]
        pod.set(
            [
                ["apiVersion": "v1", "kind": "Other", "name": "o", "uid": "8"],
                [
                    "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "uid": "9",
                    "controller": true,
                ],
            ],
            at: "metadata",
            "ownerReferences"
        )
        pod.set([["manager": "kubelet"]], at: "metadata", "managedFields")
        pod["spec"] = [
            "nodeName": "n", "volumes": [["name": "v"]],
            "containers": [["name": "web", "image": "web:1", "env": [["name": "A", "value": "b"]]]],
        ]
        let kept = Offspring.abridged(pod).packed
        #expect(kept.reference == pod.reference && kept.uid == "1" && kept.resourceVersion == "7")
        #expect(kept.creationTimestamp == pod.creationTimestamp)
        #expect(kept.labels == ["app": "web"])
        #expect(kept.controller?.uid == "9" && kept.controller?.kind == "ReplicaSet")
        #expect(kept.annotations == ["varde.dev/link.logs": "https://logs.example"])
        #expect(kept.at("metadata", "managedFields") == nil)
        #expect(kept.spec == ["nodeName": "n", "containers": [["name": "web", "image": "web:1"]]])
        func nodes(_ pod: KubeObject) -> [ObjectNode] {
            let root = ObjectTree.Root(reference: pod.reference, apiVersion: "v1", live: pod, sync: .synced)
            return ObjectTree([root], now: 1) { _ in [] }.nodes
        }
        #expect(nodes(kept) == nodes(pod))
    }

    // MARK: Trees

    private func object(
        _ kind: String,
        _ name: String,
        uid: String,
        api: String = "apps/v1",
        _ more: JSON = [:]
    ) -> KubeObject {
        var object = KubeObject(apiVersion: api, kind: kind, namespace: "n", name: name)
        object.set(.string(uid), at: "metadata", "uid")
        object["spec"] = more["spec"]
        object["status"] = more["status"]
        return object
    }

    private func pod(_ name: String, waiting reason: String?, message: String = "") -> KubeObject {
        var state: JSON = ["running": [:]]
        if let reason { state = ["waiting": ["reason": .string(reason), "message": .string(message)]] }
        return object(
            "Pod",
            name,
            uid: name,
            api: "v1",
            [
                "spec": ["containers": [["name": "web", "image": "web:1"]]],
                "status": [
                    "phase": .string(reason == nil ? "Running" : "Pending"),
                    "conditions": [["type": "Ready", "status": .string(reason == nil ? "True" : "False")]],
                    "containerStatuses": [["name": "web", "ready": .bool(reason == nil), "state": state]],
                ],
            ]
        )
    }

    @Test("A Deployment is degraded as soon as its pod cannot pull its image, in the pod's words")
    func deepestFailure() throws {
        let deployment = object(
            "Deployment",
            "web",
            uid: "d",
            ["spec": ["replicas": 1], "status": ["updatedReplicas": 0]]
        )
        let set = object("ReplicaSet", "web-1", uid: "r", ["spec": ["replicas": 1], "status": [:]])
        let old = object(
            "ReplicaSet",
            "web-0",
            uid: "o",
            ["spec": ["replicas": 0], "status": ["replicas": 0]]
        )
        let bad = pod("web-1-a", waiting: "ImagePullBackOff", message: "Back-off pulling image \"web:2\"")
        let children = ["d": [set, old], "r": [bad]]
        let root = ObjectTree.Root(
            reference: deployment.reference,
            apiVersion: "apps/v1",
            live: deployment,
            sync: .synced
        )
        let tree = ObjectTree([root], now: 5) { children[$0.uid] ?? [] }

        #expect(tree.health.state == .degraded)
        #expect(
            tree.health.message
                == "Deployment web: Pod web-1-a: container web: ImagePullBackOff: Back-off pulling image \"web:2\""
        )
        #expect(
            tree.nodes.map(\.id).sorted() == [
                "Pod:n/web-1-a", "apps/Deployment:n/web", "apps/ReplicaSet:n/web-1",
            ]
        )
        let node = try #require(tree.nodes.first { $0.kind == "Pod" })
        #expect(node.parent == "apps/ReplicaSet:n/web-1")
        #expect(node.sync == nil)
        #expect(node.images == ["web:1"])
        #expect(tree.counts.degraded == 1)
    }

    @Test("Pods that are going away or were replaced do not count")
    func replacedPods() {
        let deployment = object(
            "ReplicaSet",
            "web",
            uid: "r",
            ["spec": ["replicas": 1], "status": ["availableReplicas": 1, "readyReplicas": 1]]
        )
        var leaving = pod("web-a", waiting: "CrashLoopBackOff")
        leaving.set("2026-01-01T00:00:00Z", at: "metadata", "deletionTimestamp")
        let evicted = object(
            "Pod",
            "web-b",
            uid: "b",
            api: "v1",
            ["status": ["phase": "Failed", "reason": "Evicted"]]
        )
        let root = ObjectTree.Root(
            reference: deployment.reference,
            apiVersion: "apps/v1",
            live: deployment,
            sync: .synced
        )
        let tree = ObjectTree([root], now: 5) { $0.uid == "r" ? [leaving, evicted] : [] }
        #expect(tree.health.state == .healthy)
    }

    @Test("An object that is not there is missing, and an application has the worst of its objects")
    func missing() {
        let reference = ObjectReference(group: "", kind: "ConfigMap", namespace: "n", name: "a")
        let tree = ObjectTree(
            [ObjectTree.Root(reference: reference, apiVersion: "v1", live: nil, sync: .syncing)],
            now: 5
        ) { _ in [] }
        #expect(tree.health.state == .missing)
        #expect(tree.counts.total == 1)
        #expect(tree.nodes.first?.health == .missing)
    }

    @Test("A node keeps its time while nothing about it changes")
    func since() {
        let object = object("ConfigMap", "a", uid: "a", api: "v1")
        let root = ObjectTree.Root(reference: object.reference, apiVersion: "v1", live: object, sync: .synced)
        let first = ObjectTree([root], now: 5) { _ in [] }
        let second = ObjectTree([root], previous: ObjectNodes([first.nodes[0]]), now: 9) { _ in [] }
        #expect(second.nodes[0].since == 5)
    }
}
