import KubeModel

/// A node as the scheduler sees it.
struct SchedulableNode: Sendable {
    var name: String
    var labels: [String: String]
    var taints: [Taint]
    var isUnschedulable: Bool
    var capacity: ResourceAmount
    var maxPods: Int
    var used = ResourceAmount()
    /// By uid.
    var placed: [String: PlacedPod] = [:]
    /// The uids of pods with required anti-affinity.
    var averse: Set<String> = []

    init(_ node: KubeObject) {
        name = node.name
        labels = node.labels
        taints = (node.at("spec", "taints")?.array ?? []).map(Taint.init)
        isUnschedulable = node.at("spec", "unschedulable")?.bool ?? false
        capacity = ResourceAmount(node.at("status", "allocatable"))
        maxPods =
            node.at("status", "allocatable", "pods").flatMap(ResourceAmount.thousandths).map { $0 / 1_000 }
            ?? 110
    }

    mutating func remove(_ pod: PlacedPod) {
        guard placed.removeValue(forKey: pod.uid) != nil else { return }
        used -= pod.amount
        averse.remove(pod.uid)
    }

    mutating func add(_ pod: PlacedPod) {
        guard placed.updateValue(pod, forKey: pod.uid) == nil else { return }
        used += pod.amount
        if pod.aversions != nil { averse.insert(pod.uid) }
    }
}

struct Taint: Sendable, Hashable {
    var key: String
    var value: String
    var effect: String

    init(_ json: JSON) {
        key = json["key"]?.string ?? ""
        value = json["value"]?.string ?? ""
        effect = json["effect"]?.string ?? ""
    }

    /// Whether one of a pod's tolerations covers it.
    func isTolerated(by tolerations: [JSON]) -> Bool {
        tolerations.contains { toleration in
            if let effect = toleration["effect"]?.string, !effect.isEmpty, effect != self.effect {
                return false
            }
            let key = toleration["key"]?.string ?? ""
            if toleration["operator"]?.string == "Exists" { return key.isEmpty || key == self.key }
            return key == self.key && toleration["value"]?.string ?? "" == value
        }
    }
}
