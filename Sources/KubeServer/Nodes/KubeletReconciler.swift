import KubeClient
import KubeModel
import KubeRuntime
import Synchronization

/// The kubelets of all simulated nodes of a cluster: moves every assigned pod through its states.
struct KubeletReconciler: Reconciler {
    let cluster: WorkloadCluster
    private let pods: SimulatedPods

    static func controller(
        _ cluster: WorkloadCluster,
        pods: SimulatedPods
    ) -> Controller<KubeletReconciler> {
        let queue = WorkQueue<ObjectName>(backoff: .workloads)
        let reconciler = Self(cluster: cluster, pods: pods)
        cluster.informer(.pods).onChange { [pods = reconciler.pods] change in
            switch change {
            case .added(let pod):
                if pod.nodeName.isEmpty { break }
                pods.noteAddress(of: pod)
                queue.enqueue(pod.objectName)
            case .updated(_, let pod):
                if !pod.nodeName.isEmpty { queue.enqueue(pod.objectName) }
            case .removed(let pod): pods.forget(pod)
            case .synced: break
            }
        }
        let informer = cluster.informer(.pods)
        cluster.informer(.nodes).onChange { change in
            guard case .updated(let old, let new) = change,
                old.annotation(PodScript.Annotation.fail) != new.annotation(PodScript.Annotation.fail)
            else { return }
            for pod in informer.list() where pod.nodeName == new.name { queue.enqueue(pod.objectName) }
        }
        return Controller(
            name: "kubelet",
            queue: queue,
            reconciler: reconciler,
            workers: 4,
            logger: cluster.logger
        )
    }

    func reconcile(_ name: ObjectName) async throws -> ReconcileResult {
        guard let pod = cluster.informer(.pods).get(name), !pod.nodeName.isEmpty else { return .settled }
        let node = cluster.informer(.nodes).get(ObjectName(name: pod.nodeName))
        // The kubelet of a node that has failed does nothing; the node's return brings its pods here again.
        let failure = node?.annotation(PodScript.Annotation.fail)
        if failure == PodScript.Failure.notReady.rawValue { return .settled }
        if pod.isBeingDeleted { return try await stop(pod) }
        guard let node, !pod.isPodFinished else { return .settled }
        let now = cluster.now()
        var simulation = pods.simulation(of: pod, at: now)
        let isWaiting = simulation.isWaitingForReferences
        let surroundings = surroundings(of: pod, on: node)
        if isWaiting { simulation.tryAgain() }
        let reports = simulation.advance(to: now, surroundings)
        let status = simulation.status(at: now)
        let next = simulation.nextMoment(after: now)
        pods.store(simulation, of: pod)
        try await cluster.updateStatus(.pods, of: pod, to: status)
        record(reports, pod)
        if simulation.isWaitingForReferences { return .again(after: .seconds(2)) }
        return next.map { .again(after: max(.milliseconds(1), cluster.now().duration(to: $0))) } ?? .settled
    }

    private func stop(_ pod: KubeObject) async throws -> ReconcileResult {
        let now = cluster.now()
        var simulation = pods.simulation(of: pod, at: now)
        let grace = Duration.seconds(pod.at("metadata", "deletionGracePeriodSeconds")?.int ?? 30)
        record(simulation.stop(at: now, grace: grace), pod)
        pods.store(simulation, of: pod)
        if let stopsAt = simulation.stopsAt, stopsAt > now { return .again(after: now.duration(to: stopsAt)) }
        if !pod.finalizers.isEmpty, !pod.isPodFinished {
            // Somebody wants to see how it ended.
            simulation.finishStop(at: now)
            pods.store(simulation, of: pod)
            try await cluster.updateStatus(.pods, of: pod, to: simulation.status(at: now))
        }
        if pod.at("metadata", "deletionGracePeriodSeconds")?.int != 0 || pod.finalizers.isEmpty {
            try await cluster.delete(.pods, pod, gracePeriod: .zero)
        }
        return .settled
    }

    private func record(_ reports: [PodSimulation.Report], _ pod: KubeObject) {
        let source = EventSource(component: "kubelet", host: pod.nodeName)
        for report in reports {
            cluster.events.record(
                report.reason,
                report.message,
                type: report.type,
                about: pod,
                from: source,
                fieldPath: report.fieldPath
            )
        }
    }

    private func surroundings(of pod: KubeObject, on node: KubeObject) -> PodSimulation.Surroundings {
        var surroundings = PodSimulation.Surroundings()
        surroundings.images = pods.images(on: node.name)
        let references = PodReferences(
            pod,
            configMaps: cluster.informer(.configMaps),
            secrets: cluster.informer(.secrets)
        )
        surroundings.missingVolume = references.missingVolume
        surroundings.missingReferences = references.missingByContainer
        surroundings.hostIP = (node.at("status", "addresses")?[0]?["address"]?.string) ?? ""
        surroundings.podIP =
            pod.at("status", "podIP")?.string
            ?? (pod.at("spec", "hostNetwork")?.bool == true
                ? surroundings.hostIP : pods.address(for: pod, on: node))
        return surroundings
    }
}
