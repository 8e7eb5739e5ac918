import KubeModel
import Synchronization

/// A pod on a node, as far as the scheduling of others depends on it.
struct PlacedPod: Sendable, Hashable {
    let uid: String
    let name: ObjectName
    let labels: [String: String]
    let priority: Int
    let amount: ResourceAmount
    let ports: Set<HostPort>
    /// Which pods it wants nowhere near; `nil` for most.
    let aversions: [AffinityTerm]?
    let isLeaving: Bool
    let startedAt: String

    init(_ pod: KubeObject) {
        uid = pod.uid
        name = pod.objectName
        labels = pod.labels
        priority = pod.at("spec", "priority")?.int ?? 0
        amount = ResourceAmount(ofPod: pod)
        ports = HostPort.all(of: pod)
        aversions =
            pod.at("spec", "affinity", "podAntiAffinity") == nil
            ? nil : AffinityTerm.required("podAntiAffinity", of: pod)
        isLeaving = pod.isBeingDeleted
        startedAt = pod.at("status", "startTime")?.string ?? pod.creationTimestamp ?? ""
    }
}

/// A port of a node that a pod takes for itself.
struct HostPort: Sendable, Hashable {
    let address: String
    let transport: String
    let number: Int

    static func all(of pod: KubeObject) -> Set<HostPort> {
        var ports: Set<HostPort> = []
        for container in pod.at("spec", "containers")?.array ?? [] {
            for port in container["ports"]?.array ?? [] {
                guard let number = port["hostPort"]?.int, number > 0 else { continue }
                let address = port["hostIP"]?.string ?? ""
                ports.insert(
                    HostPort(
                        address: address.isEmpty ? "0.0.0.0" : address,
                        transport: port["protocol"]?.string ?? "TCP",
                        number: number
                    )
                )
            }
        }
        return ports
    }

    func collides(with other: HostPort) -> Bool {
        number == other.number && transport == other.transport
            && (address == other.address || address == "0.0.0.0" || other.address == "0.0.0.0")
    }
}

/// What the pods of each node use.
final class NodeLedger: Sendable {
    struct Use: Sendable {
        var amount = ResourceAmount()
        var pods: [String: PlacedPod] = [:]
        /// Pods with required anti-affinity.
        var averse: Set<String> = []
    }

    private struct State {
        var nodes: [String: String] = [:]
        var used: [String: Use] = [:]

        mutating func remove(_ uid: String) -> Bool {
            guard let node = nodes.removeValue(forKey: uid),
                let pod = used[node]?.pods.removeValue(forKey: uid)
            else { return false }
            used[node]?.amount -= pod.amount
            used[node]?.averse.remove(uid)
            return true
        }
    }

    private let state = Mutex(State())

    /// - Returns: Whether room became free.
    func note(_ pod: KubeObject) -> Bool {
        if pod.isPodFinished { return state.withLock { $0.remove(pod.uid) } }
        if !pod.nodeName.isEmpty { assume(pod, on: pod.nodeName) }
        return false
    }

    func assume(_ pod: KubeObject, on node: String) {
        state.withLock { state in
            if state.nodes[pod.uid] == node, let known = state.used[node]?.pods[pod.uid],
                known.isLeaving == pod.isBeingDeleted, known.labels == pod.labels, pod.generation <= 1
            {
                return
            }
            _ = state.remove(pod.uid)
            let placed = PlacedPod(pod)
            state.nodes[pod.uid] = node
            var use = state.used.removeValue(forKey: node) ?? Use()
            use.amount += placed.amount
            use.pods[pod.uid] = placed
            if placed.aversions != nil { use.averse.insert(pod.uid) }
            state.used[node] = use
        }
    }

    func forget(_ pod: KubeObject) { state.withLock { _ = $0.remove(pod.uid) } }

    func view(of node: KubeObject) -> SchedulableNode {
        var view = SchedulableNode(node)
        if let use = state.withLock({ $0.used[node.name] }) {
            view.used = use.amount
            view.placed = use.pods
            view.averse = use.averse
        }
        return view
    }
}
