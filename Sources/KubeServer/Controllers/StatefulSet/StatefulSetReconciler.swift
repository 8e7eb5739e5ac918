import KubeClient
import KubeModel
import KubeRuntime

/// Keeps the pods of StatefulSets: named, in order, each with its own claims.
struct StatefulSetReconciler: Reconciler {
    let cluster: WorkloadCluster

    private static let source = EventSource(component: "statefulset-controller")

    static func controller(_ cluster: WorkloadCluster) -> Controller<StatefulSetReconciler> {
        let queue = WorkQueue<ObjectName>(backoff: .workloads)
        queue.feed(from: cluster.informer(.statefulSets))
        queue.feedOwners(of: cluster.informer(.pods), kind: "StatefulSet")
        Claim.wake(queue, cluster, owners: .statefulSets, children: .pods)
        _ = cluster.informer(.controllerRevisions)
        return Controller(
            name: "statefulset",
            queue: queue,
            reconciler: Self(cluster: cluster),
            workers: 2,
            logger: cluster.logger
        )
    }

    func reconcile(_ name: ObjectName) async throws -> ReconcileResult {
        guard let set = cluster.informer(.statefulSets).get(name), !set.isBeingDeleted else {
            return .settled
        }
        let claim = Claim(cluster, owner: set, ownerResource: .statefulSets, childResource: .pods)
        let pods = try await claim.children()
        let history = ControllerRevisions(cluster: cluster, owner: set)
        guard let update = try await history.current() else { return .settled }
        let decision = StatefulSetDecision(set, pods: pods, update: update.name, now: cluster.now())
        let revisions = history.all() + [update]
        if set.at("spec", "volumeClaimTemplates") != nil {
            try await retainClaims(of: set, pods: pods, surplus: decision.surplus)
        }
        var failure: (any Error)?
        do {
            for action in decision.actions { try await perform(action, for: set, revisions: revisions) }
        } catch let error as StatusError { failure = error }
        try await cluster.updateStatus(.statefulSets, of: set, to: decision.status)
        if let failure { throw failure }
        let used = Set(
            pods.map(\.revisionHash) + [update.name, decision.status["currentRevision"]?.string ?? ""]
        )
        try await history.cleanUp(using: used)
        return decision.lookAgainAfter.map(ReconcileResult.again(after:)) ?? .settled
    }

    private func perform(
        _ action: StatefulSetDecision.Action,
        for set: KubeObject,
        revisions: [KubeObject]
    ) async throws {
        switch action {
        case .create(let ordinal, let revision):
            let template =
                revisions.first { $0.name == revision }.map(ControllerRevisions.template(of:)) ?? set.spec[
                    "template"
                ] ?? [:]
            try await create(ordinal, revision, template, for: set)
        case .delete(let pod):
            try await cluster.delete(.pods, pod)
            report("SuccessfulDelete", "delete Pod \(pod.name) in StatefulSet \(set.name) successful", set)
        }
    }

    private func create(
        _ ordinal: Int,
        _ revision: String,
        _ template: JSON,
        for set: KubeObject
    ) async throws {
        let factory = StatefulSetPods(set: set)
        for claim in factory.claims(ordinal: ordinal)
        where cluster.informer(.persistentVolumeClaims).get(claim.object.objectName) == nil {
            var object = claim.object
            let policy = set.at("spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted")
            if policy?.string == "Delete" {
                object.set([OwnerReference(controlledBy: set).json], at: "metadata", "ownerReferences")
            }
            do {
                try await cluster.create(.persistentVolumeClaims, object)
                let name = claim.object.name
                let message =
                    "create Claim \(name) Pod \(set.name)-\(ordinal) in StatefulSet \(set.name) success"
                report("SuccessfulCreate", message, set)
            } catch let error as StatusError where error.isAlreadyExists || error.isNamespaceTerminating {
            }
        }
        let pod = factory.pod(ordinal: ordinal, revision: revision, template: template)
        do {
            try await cluster.create(.pods, pod)
            report("SuccessfulCreate", "create Pod \(pod.name) in StatefulSet \(set.name) successful", set)
        } catch let error as StatusError where error.isNamespaceTerminating {
            return
        } catch let error as StatusError {
            let message = "create Pod \(pod.name) in StatefulSet \(set.name) failed error: \(error)"
            cluster.events.record("FailedCreate", message, type: .warning, about: set, from: Self.source)
            throw error
        }
    }

    private func report(_ reason: String, _ message: String, _ set: KubeObject) {
        cluster.events.record(reason, message, about: set, from: Self.source)
    }
}
