import KubeModel
import Synchronization

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
    private let imageListeners = Mutex<[@Sendable (String) -> Void]>([])

    /// Calls a handler with the name of a node that has new images.
    func onNewImages(_ handler: @escaping @Sendable (String) -> Void) {
        imageListeners.withLock { $0.append(handler) }
    }

    /// The simulation of a pod as it is now; from its status where there is none yet.
    func simulation(of pod: KubeObject, at now: Timestamp) -> PodSimulation {
        let known = state.withLock { $0.simulations[pod.uid] }
        return known?.with(pod) ?? PodSimulation(pod, now: now)
    }

    func store(_ simulation: PodSimulation, of pod: KubeObject) {
        let hasNewImages = state.withLock { state in
            var simulation = simulation
            let isNew = !simulation.pulled.isSubset(of: state.nodes[pod.nodeName]?.images ?? [])
            state.nodes[pod.nodeName, default: Node()].images.formUnion(simulation.pulled)
            simulation.pulled = []
            state.simulations[pod.uid] = simulation.isFinished ? nil : simulation
            return isNew
        }
        guard hasNewImages else { return }
        for listener in imageListeners.withLock({ $0 }) { listener(pod.nodeName) }
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
