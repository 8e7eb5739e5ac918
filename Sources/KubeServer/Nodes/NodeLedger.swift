import KubeModel
import Synchronization

/// What the pods of each node use.
final class NodeLedger: Sendable {
    private struct Entry {
        var node: String
        var amount: ResourceAmount
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var used: [String: (amount: ResourceAmount, pods: Int)] = [:]

        mutating func remove(_ uid: String) -> Bool {
            guard let entry = entries.removeValue(forKey: uid) else { return false }
            used[entry.node]?.amount -= entry.amount
            used[entry.node]?.pods -= 1
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
            if state.entries[pod.uid]?.node == node { return }
            _ = state.remove(pod.uid)
            let amount = ResourceAmount(ofPod: pod)
            state.entries[pod.uid] = Entry(node: node, amount: amount)
            state.used[node, default: (ResourceAmount(), 0)].amount += amount
            state.used[node]?.pods += 1
        }
    }

    func forget(_ pod: KubeObject) { state.withLock { _ = $0.remove(pod.uid) } }

    func view(of node: KubeObject) -> SchedulableNode {
        var view = SchedulableNode(node)
        if let used = state.withLock({ $0.used[node.name] }) {
            view.used = used.amount
            view.pods = used.pods
        }
        return view
    }
}
