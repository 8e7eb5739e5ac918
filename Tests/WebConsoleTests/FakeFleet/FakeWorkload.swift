import Delivery

/// What runs in one application of the fake fleet, as objects.
struct FakeWorkload: Sendable {
    enum Condition: Sendable { case healthy, rolling, imagePullBackOff, notReady }

    let namespace: String
    let image: String
    var tag: String
    var replicas: Int
    var condition: Condition
    /// Grows with each rollout; names replica sets and pods.
    var generation = 1
    var hasDatabase = false
    var hasCronJob = false

    private static let letters = Array("bcdfghjklmnpqrstvwxz2456789")

    /// Letters like those that Kubernetes puts at the end of names; the same for the same seed.
    private func suffix(_ seed: Int, _ length: Int) -> String {
        var state = UInt64(
            truncatingIfNeeded: seed &* 2_654_435_761 &+ namespace.utf8.reduce(7) { $0 &* 31 &+ Int($1) }
        )
        return String(
            (0..<length).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Self.letters[Int(state >> 33) % Self.letters.count]
            }
        )
    }

    var name: String { namespace.split(separator: "-", maxSplits: 1).last.map(String.init) ?? namespace }

    func nodes(now: Double) -> [ObjectNode] {
        var nodes =
            deployment(now) + [
                node("v1", "ConfigMap", "\(name)-config", now, summary: "3 keys"),
                service(now),
                node("v1", "ServiceAccount", name, now, summary: ""),
                node("policy/v1", "PodDisruptionBudget", name, now, summary: "minAvailable 1"),
            ]
        if replicas > 2 {
            var ingress = node(
                "networking.k8s.io/v1",
                "Ingress",
                name,
                now,
                summary: "\(namespace).varde.test"
            )
            ingress.links = [service(now).id]
            nodes.append(ingress)
            nodes.append(
                node("autoscaling/v2", "HorizontalPodAutoscaler", name, now, summary: "2–8 replicas")
            )
        }
        if hasDatabase { nodes += database(now) }
        if hasCronJob { nodes += cronJob(now) }
        return nodes
    }

    private func service(_ now: Double) -> ObjectNode {
        var service = node("v1", "Service", name, now, summary: "10.96.\(generation % 250).17 · 80/TCP")
        service.links = [node("apps/v1", "Deployment", name, now, summary: "").id]
        return service
    }

    private func deployment(_ now: Double) -> [ObjectNode] {
        let isBroken = condition == .imagePullBackOff
        let available = isBroken || condition == .rolling ? replicas - 1 : replicas
        var deployment = node("apps/v1", "Deployment", name, now, summary: "\(available)/\(replicas) ready")
        deployment.images = ["\(image):\(tag)"]
        deployment.health = health
        deployment.message = sentence
        var nodes = [deployment]
        let current = "\(name)-\(suffix(generation, 9))"
        var set = node(
            "apps/v1",
            "ReplicaSet",
            current,
            now,
            parent: deployment.id,
            summary: "revision \(generation)"
        )
        set.images = deployment.images
        set.health = health
        nodes.append(set)
        let newPods = isBroken || condition == .rolling ? 1 : replicas
        for index in 0..<newPods {
            nodes.append(
                pod(
                    "\(current)-\(suffix(generation * 50 + index, 5))",
                    in: set.id,
                    tag: tag,
                    now: now,
                    isNew: true
                )
            )
        }
        guard generation > 1 else { return nodes }
        let older = "\(name)-\(suffix(generation - 1, 9))"
        let remaining = replicas - newPods + (isBroken || condition == .rolling ? 0 : 0)
        var old = node(
            "apps/v1",
            "ReplicaSet",
            older,
            now,
            parent: deployment.id,
            summary: "revision \(generation - 1)"
        )
        old.images = ["\(image):previous"]
        nodes.append(old)
        for index in 0..<remaining {
            nodes.append(
                pod(
                    "\(older)-\(suffix(generation * 50 + 900 + index, 5))",
                    in: old.id,
                    tag: "previous",
                    now: now,
                    isNew: false
                )
            )
        }
        return nodes
    }

    private func pod(_ name: String, in parent: String, tag: String, now: Double, isNew: Bool) -> ObjectNode {
        var pod = node("v1", "Pod", name, now, parent: parent, summary: "Running · 1/1")
        pod.images = ["\(image):\(tag)"]
        guard isNew else { return pod }
        switch condition {
        case .healthy: break
        case .rolling:
            pod.health = .progressing
            pod.summary = "ContainerCreating"
            pod.message = "Pulling image \(image):\(tag)"
        case .imagePullBackOff:
            pod.health = .degraded
            pod.summary = "ImagePullBackOff"
            pod.message =
                "Back-off pulling image \"\(image):\(tag)\": failed to resolve reference \"\(image):\(tag)\": not found"
        case .notReady:
            pod.health = .progressing
            pod.summary = "Running · 0/1"
            pod.message = "Readiness probe failed: HTTP probe failed with statuscode: 503"
        }
        return pod
    }

    var health: HealthState {
        switch condition {
        case .healthy: .healthy
        case .rolling, .notReady: .progressing
        case .imagePullBackOff: .degraded
        }
    }

    /// What is wrong or awaited, as the application says it.
    var sentence: String {
        switch condition {
        case .healthy: ""
        case .rolling: "Deployment \(name): \(replicas - 1) of \(replicas) pods are updated and ready"
        case .notReady: "Deployment \(name): waits for 1 pod to become ready (readiness probe answers 503)"
        case .imagePullBackOff:
            "Pod of Deployment \(name) cannot pull its image \(image):\(tag): not found in the registry"
        }
    }

    private func database(_ now: Double) -> [ObjectNode] {
        let set = node("apps/v1", "StatefulSet", "\(name)-db", now, summary: "1/1 ready")
        var pod = node("v1", "Pod", "\(name)-db-0", now, parent: set.id, summary: "Running · 1/1")
        pod.images = ["registry.varde.test/postgis:16-3.4"]
        return [
            set, pod,
            node(
                "v1",
                "PersistentVolumeClaim",
                "data-\(name)-db-0",
                now,
                parent: set.id,
                summary: "Bound · 20Gi"
            ),
            node("v1", "Secret", "\(name)-db", now, summary: "2 keys"),
        ]
    }

    private func cronJob(_ now: Double) -> [ObjectNode] {
        let cron = node("batch/v1", "CronJob", "\(name)-nightly", now, summary: "15 2 * * *")
        let job = node(
            "batch/v1",
            "Job",
            "\(name)-nightly-29387655",
            now,
            parent: cron.id,
            summary: "Complete · 41 s"
        )
        return [
            cron, job,
            node(
                "v1",
                "Pod",
                "\(name)-nightly-29387655-\(suffix(3, 5))",
                now,
                parent: job.id,
                summary: "Succeeded"
            ),
        ]
    }

    private func node(
        _ apiVersion: String,
        _ kind: String,
        _ name: String,
        _ now: Double,
        parent: String? = nil,
        summary: String
    ) -> ObjectNode {
        let group = apiVersion.split(separator: "/").dropLast().first.map { "\($0)/" } ?? ""
        var node = ObjectNode(
            id: "\(group)\(kind):\(namespace)/\(name)",
            apiVersion: apiVersion,
            kind: kind,
            namespace: namespace,
            name: name,
            now: now - 3_600 * Double(1 + name.utf8.count % 40)
        )
        node.parent = parent
        node.sync = parent == nil ? .synced : nil
        node.health = .healthy
        node.summary = summary
        node.createdAt = "2026-11-\(10 + name.utf8.count % 12)T0\(name.utf8.count % 9):17:42Z"
        node.uid = "5f0c1d2e-\(suffix(name.utf8.count, 4))-4a5b-8c9d-\(suffix(name.utf8.count, 12))"
        return node
    }
}
