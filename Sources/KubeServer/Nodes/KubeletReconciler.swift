import KubeClient
import KubeModel
import KubeRuntime
import Synchronization

/// The kubelets of all simulated nodes of a cluster: moves every assigned pod through its states.
struct KubeletReconciler: Reconciler {
    let cluster: WorkloadCluster
    private let pods: SimulatedPods

    static func controller(_ cluster: WorkloadCluster) -> Controller<KubeletReconciler> {
        let queue = WorkQueue<ObjectName>(backoff: .workloads)
        let reconciler = Self(cluster: cluster, pods: SimulatedPods())
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
        if pod.isBeingDeleted { return try await stop(pod) }
        if pod.isPodFinished { return .settled }
        guard let node = cluster.informer(.nodes).get(ObjectName(name: pod.nodeName)) else { return .settled }
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

/// The simulations of a cluster's pods, and what its nodes have: images and addresses.
final class SimulatedPods: Sendable {
    private struct Node {
        var images: Set<String> = []
        var addresses: [Int: String] = [:]
        var last = 1
    }

    private struct State {
        var simulations: [String: PodSimulation] = [:]
        var nodes: [String: Node] = [:]
    }

    private let state = Mutex(State())

    /// The simulation of a pod as it is now; from its status where there is none yet.
    func simulation(of pod: KubeObject, at now: Timestamp) -> PodSimulation {
        let known = state.withLock { $0.simulations[pod.uid] }
        return known?.with(pod) ?? PodSimulation(pod, now: now)
    }

    func store(_ simulation: PodSimulation, of pod: KubeObject) {
        state.withLock { state in
            var simulation = simulation
            state.nodes[pod.nodeName, default: Node()].images.formUnion(simulation.pulled)
            simulation.pulled = []
            state.simulations[pod.uid] = simulation.isFinished ? nil : simulation
        }
    }

    func forget(_ pod: KubeObject) {
        state.withLock { state in
            state.simulations[pod.uid] = nil
            guard let node = state.nodes[pod.nodeName] else { return }
            for (number, uid) in node.addresses where uid == pod.uid {
                state.nodes[pod.nodeName]?.addresses[number] = nil
            }
        }
    }

    /// Keeps the address of a pod that has one from an earlier process.
    func noteAddress(of pod: KubeObject) {
        guard pod.at("spec", "hostNetwork")?.bool != true, let address = pod.at("status", "podIP")?.string,
            let number = address.split(separator: ".").last.flatMap({ Int($0) })
        else { return }
        state.withLock { $0.nodes[pod.nodeName, default: Node()].addresses[number] = pod.uid }
    }

    func images(on node: String) -> Set<String> { state.withLock { $0.nodes[node]?.images ?? [] } }

    /// A free address of the node's range.
    func address(for pod: KubeObject, on node: KubeObject) -> String {
        let range = node.at("spec", "podCIDR")?.string ?? "10.244.0.0/24"
        let network = range.split(separator: ".").prefix(3).joined(separator: ".")
        let number = state.withLock { state in
            var entry = state.nodes[node.name, default: Node()]
            defer { state.nodes[node.name] = entry }
            if let known = entry.addresses.first(where: { $0.value == pod.uid }) { return known.key }
            repeat {
                entry.last = entry.last >= 254 ? 2 : entry.last + 1
            } while entry.addresses[entry.last] != nil
            entry.addresses[entry.last] = pod.uid
            return entry.last
        }
        return "\(network).\(number)"
    }
}

/// The ConfigMaps and Secrets that a pod cannot do without, and which of them are missing.
struct PodReferences {
    private(set) var missingVolume: String?
    private(set) var missingByContainer: [String: String] = [:]

    init(_ pod: KubeObject, configMaps: Informer, secrets: Informer) {
        func exists(_ informer: Informer, _ name: String) -> Bool {
            informer.get(ObjectName(namespace: pod.namespace, name: name)) != nil
        }
        for volume in pod.at("spec", "volumes")?.array ?? [] {
            let title = volume["name"]?.string ?? ""
            if let map = volume["configMap"], map["optional"]?.bool != true, let name = map["name"]?.string,
                !exists(configMaps, name)
            {
                missingVolume =
                    "MountVolume.SetUp failed for volume \"\(title)\" : configmap \"\(name)\" not found"
            }
            if let secret = volume["secret"], secret["optional"]?.bool != true,
                let name = secret["secretName"]?.string,
                !exists(secrets, name)
            {
                missingVolume =
                    "MountVolume.SetUp failed for volume \"\(title)\" : secret \"\(name)\" not found"
            }
        }
        let containers =
            (pod.at("spec", "initContainers")?.array ?? []) + (pod.at("spec", "containers")?.array ?? [])
        for container in containers {
            let sources =
                (container["envFrom"]?.array ?? []).flatMap { [($0["configMapRef"], $0["secretRef"])] }
                + (container["env"]?.array ?? []).map {
                    ($0.at("valueFrom", "configMapKeyRef"), $0.at("valueFrom", "secretKeyRef"))
                }
            for (map, secret) in sources {
                let title = container["name"]?.string ?? ""
                if let map, map["optional"]?.bool != true, let name = map["name"]?.string,
                    !exists(configMaps, name)
                {
                    missingByContainer[title] = "configmap \"\(name)\" not found"
                }
                if let secret, secret["optional"]?.bool != true, let name = secret["name"]?.string,
                    !exists(secrets, name)
                {
                    missingByContainer[title] = "secret \"\(name)\" not found"
                }
            }
        }
    }
}
