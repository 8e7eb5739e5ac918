import KubeClient
import KubeModel
import KubeRuntime

/// Rolls Deployments out: makes and sizes their ReplicaSets.
struct DeploymentReconciler: Reconciler {
    let cluster: WorkloadCluster

    private static let source = EventSource(component: "deployment-controller")

    static func controller(_ cluster: WorkloadCluster) -> Controller<DeploymentReconciler> {
        let queue = WorkQueue<ObjectName>(backoff: .workloads)
        queue.feed(from: cluster.informer(.deployments))
        queue.feedOwners(of: cluster.informer(.replicaSets), kind: "Deployment")
        Claim.wake(queue, cluster, owners: .deployments, children: .replicaSets)
        wakeRecreated(queue, cluster)
        return Controller(
            name: "deployment",
            queue: queue,
            reconciler: Self(cluster: cluster),
            workers: 4,
            logger: cluster.logger
        )
    }

    /// A Recreate Deployment waits for the end of its last old pod.
    private static func wakeRecreated(_ queue: WorkQueue<ObjectName>, _ cluster: WorkloadCluster) {
        let (sets, deployments) = (cluster.informer(.replicaSets), cluster.informer(.deployments))
        cluster.informer(.pods).onChange { change in
            guard case .removed(let pod) = change, let owner = pod.controller, owner.kind == "ReplicaSet",
                let set = sets.get(ObjectName(namespace: pod.namespace, name: owner.name)),
                let deployment = set.controller
            else { return }
            let name = ObjectName(namespace: pod.namespace, name: deployment.name)
            if deployments.get(name)?.at("spec", "strategy", "type")?.string == "Recreate" {
                queue.enqueue(name)
            }
        }
    }

    func reconcile(_ name: ObjectName) async throws -> ReconcileResult {
        guard let deployment = cluster.informer(.deployments).get(name) else { return .settled }
        let claim = Claim(
            cluster,
            owner: deployment,
            ownerResource: .deployments,
            childResource: .replicaSets
        )
        let sets = try await claim.children()
        let decision = DeploymentDecision(
            deployment,
            replicaSets: sets,
            hasOldPods: hasOldPods(deployment, sets)
        )
        var created: KubeObject?
        for action in decision.actions {
            if let new = try await perform(action, for: deployment) { created = new }
        }
        // After a step the sets have other numbers: their events, which are under way, will lead to the status.
        let status = DeploymentStatus(decision, created: created, now: cluster.now())
        try await write(status.json, revision: decision.revision, to: deployment)
        return status.lookAgainAfter.map(ReconcileResult.again(after:)) ?? .settled
    }

    /// Writes status and revision at once: by way of the status the annotation does not count as a new generation.
    private func write(_ status: JSON, revision: Int?, to deployment: KubeObject) async throws {
        guard let revision else {
            return try await cluster.updateStatus(.deployments, of: deployment, to: status)
        }
        let patch: JSON = [
            "metadata": ["annotations": [DeploymentAnnotations.revision: .string(String(revision))]],
            "status": deployment.status.mergePatch(to: status) ?? [:],
        ]
        do {
            try await cluster.patch(.deployments, deployment.objectName, patch, subresource: "status")
        } catch let error as StatusError where error.isNotFound {
            // Gone; its removal ends the matter.
        }
    }

    private func hasOldPods(_ deployment: KubeObject, _ sets: [KubeObject]) -> Bool {
        guard deployment.at("spec", "strategy", "type")?.string == "Recreate" else { return false }
        let template = TemplateHash.normalized(deployment.spec["template"] ?? [:])
        let pods = cluster.informer(.pods)
        return sets.contains { set in
            TemplateHash.normalized(set.spec["template"] ?? [:]) != template
                && pods.list(controlledBy: set.uid).contains { !$0.isPodFinished }
        }
    }

    /// - Returns: The ReplicaSet that was made.
    private func perform(
        _ action: DeploymentDecision.Action,
        for deployment: KubeObject
    ) async throws -> KubeObject? {
        switch action {
        case .create(let set):
            return try await create(set, for: deployment)
        case .scale(let set, let size):
            try await scale(set, to: size, for: deployment)
        case .annotate(let set, let annotations):
            let old = JSON.strings(set.annotations)
            guard let patch = old.mergePatch(to: JSON.strings(annotations)) else { return nil }
            try await cluster.patch(.replicaSets, set.objectName, ["metadata": ["annotations": patch]])
        case .delete(let set):
            try await cluster.delete(.replicaSets, set)
        }
        return nil
    }

    private func create(_ set: KubeObject, for deployment: KubeObject) async throws -> KubeObject? {
        do {
            let created = try await cluster.create(.replicaSets, set)
            let size = set.wantedReplicas
            if size > 0 { report("Scaled up replica set \(created.name) from 0 to \(size)", deployment) }
            return created
        } catch let error as StatusError where error.isNamespaceTerminating {
            return nil
        } catch let error as StatusError where error.isAlreadyExists {
            let existing = try await cluster.client.find(.replicaSets, set.objectName)
            // Ours: the informer is about to see it.
            if existing?.controller?.uid == deployment.uid { return nil }
            let collisions = (deployment.at("status", "collisionCount")?.int ?? 0) + 1
            let patch: JSON = ["status": ["collisionCount": .integer(Int64(collisions))]]
            try await cluster.patch(.deployments, deployment.objectName, patch, subresource: "status")
            return nil
        } catch let error as StatusError {
            try await reportFailure("Failed to create new replica set \"\(set.name)\": \(error)", deployment)
            throw error
        }
    }

    /// Says in an event and in the condition `Progressing` why there is no ReplicaSet.
    private func reportFailure(_ message: String, _ deployment: KubeObject) async throws {
        let reason = "ReplicaSetCreateError"
        cluster.events.record(reason, message, type: .warning, about: deployment, from: Self.source)
        guard deployment.condition("Progressing")?.reason != reason else { return }
        var conditions = ConditionList(deployment.status)
        conditions.set(
            "Progressing",
            "False",
            reason: reason,
            message: message,
            at: cluster.now(),
            updateTimeField: "lastUpdateTime"
        )
        var status = deployment.status
        status["conditions"] = .array(conditions.conditions)
        try await cluster.updateStatus(.deployments, of: deployment, to: status)
    }

    private func scale(_ set: KubeObject, to size: Int, for deployment: KubeObject) async throws {
        let replicas = DeploymentReplicas(deployment)
        let wanted = JSON.strings([
            DeploymentAnnotations.desired: String(replicas.wanted),
            DeploymentAnnotations.maximum: String(replicas.maximum),
        ])
        let minReady = deployment.at("spec", "minReadySeconds")?.int ?? 0
        let isSame =
            set.wantedReplicas == size && (set.at("spec", "minReadySeconds")?.int ?? 0) == minReady
            && wanted.object?.allSatisfy { set.annotation($0.key) == $0.value.string } ?? true
        if isSame { return }
        let patch: JSON = [
            "metadata": ["annotations": wanted],
            "spec": [
                "replicas": .integer(Int64(size)),
                "minReadySeconds": minReady == 0 ? .null : .integer(Int64(minReady)),
            ],
        ]
        try await cluster.patch(.replicaSets, set.objectName, patch)
        let before = set.wantedReplicas
        if size > before { report("Scaled up replica set \(set.name) from \(before) to \(size)", deployment) }
        if size < before {
            report("Scaled down replica set \(set.name) from \(before) to \(size)", deployment)
        }
    }

    private func report(_ message: String, _ deployment: KubeObject) {
        cluster.events.record("ScalingReplicaSet", message, about: deployment, from: Self.source)
    }
}

extension JSON {
    /// An object of strings.
    static func strings(_ strings: [String: String]) -> JSON {
        .object(
            JSONObject(strings.map { ($0.key, .string($0.value)) }, uniquingKeysWith: { _, last in last })
        )
    }
}
