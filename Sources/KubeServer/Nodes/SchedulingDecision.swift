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
    var pods = 0

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

/// Where a pod goes, or why it cannot go anywhere.
enum SchedulingDecision: Sendable, Hashable {
    case bind(node: String)
    /// The message of the condition `PodScheduled` and of the event `FailedScheduling`.
    case unschedulable(String)

    init(_ pod: KubeObject, nodes: [SchedulableNode]) {
        guard !nodes.isEmpty else {
            self = .unschedulable("no nodes available to schedule pods")
            return
        }
        let request = ResourceAmount(ofPod: pod)
        let rules = PlacementRules(pod)
        var reasons: [String: Int] = [:]
        var preemptible = 0
        var best: (score: Double, tie: UInt64, name: String)?
        for node in nodes {
            let obstacles = rules.obstacles(on: node) ?? Self.shortages(request, on: node)
            if obstacles.isEmpty {
                let candidate = (
                    Self.score(request, on: node), TemplateHash.fnv((pod.uid + node.name).utf8), node.name
                )
                if best.map({ (candidate.0, candidate.1) > ($0.score, $0.tie) }) ?? true { best = candidate }
            } else {
                if rules.obstacles(on: node) == nil { preemptible += 1 }
                for obstacle in obstacles { reasons[obstacle, default: 0] += 1 }
            }
        }
        if let best {
            self = .bind(node: best.name)
        } else {
            self = .unschedulable(Self.message(reasons, nodes: nodes.count, preemptible: preemptible))
        }
    }

    private static func shortages(_ request: ResourceAmount, on node: SchedulableNode) -> [String] {
        var shortages: [String] = []
        if node.pods + 1 > node.maxPods { shortages.append("Too many pods") }
        if request.cpu > 0, node.used.cpu + request.cpu > node.capacity.cpu {
            shortages.append("Insufficient cpu")
        }
        if request.memory > 0, node.used.memory + request.memory > node.capacity.memory {
            shortages.append("Insufficient memory")
        }
        for (name, amount) in request.others where amount > 0 {
            if node.used.others[name, default: 0] + amount > node.capacity.others[name, default: 0] {
                shortages.append("Insufficient \(name)")
            }
        }
        return shortages
    }

    /// Free room after the pod, from 0 to 1, and few pods before many.
    private static func score(_ request: ResourceAmount, on node: SchedulableNode) -> Double {
        func free(_ used: Int, _ capacity: Int) -> Double {
            capacity == 0 ? 0 : 1 - Double(used) / Double(capacity)
        }
        return free(node.used.cpu + request.cpu, node.capacity.cpu)
            + free(node.used.memory + request.memory, node.capacity.memory)
            + free(node.pods, node.maxPods)
    }

    private static func message(_ reasons: [String: Int], nodes: Int, preemptible: Int) -> String {
        let parts = reasons.map { "\($0.value) \($0.key)" }.sorted()
        var preemption: [String] = []
        if nodes > preemptible {
            preemption.append("\(nodes - preemptible) Preemption is not helpful for scheduling")
        }
        if preemptible > 0 {
            preemption.append("\(preemptible) No preemption victims found for incoming pod")
        }
        return
            "0/\(nodes) nodes are available: \(parts.joined(separator: ", ")). preemption: 0/\(nodes) nodes are available: "
            + preemption.sorted().joined(separator: ", ") + "."
    }
}

/// Node selector, affinity and tolerations of a pod.
struct PlacementRules {
    private let selector: ObjectSelector?
    private let terms: [JSON]?
    private let tolerations: [JSON]

    init(_ pod: KubeObject) {
        selector = pod.at("spec", "nodeSelector").map { ObjectSelector(map: $0) }
        terms =
            pod.at(
                "spec",
                "affinity",
                "nodeAffinity",
                "requiredDuringSchedulingIgnoredDuringExecution",
                "nodeSelectorTerms"
            )?.array
        tolerations = pod.at("spec", "tolerations")?.array ?? []
    }

    /// What keeps the pod from the node, apart from room; `nil` if nothing does.
    func obstacles(on node: SchedulableNode) -> [String]? {
        let isCordoned = Taint(["key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"])
        if node.isUnschedulable, !isCordoned.isTolerated(by: tolerations) {
            return ["node(s) were unschedulable"]
        }
        for taint in node.taints
        where taint.effect != "PreferNoSchedule" && !taint.isTolerated(by: tolerations) {
            return ["node(s) had untolerated taint(s)"]
        }
        if !matches(node) { return ["node(s) didn't match Pod's node affinity/selector"] }
        return nil
    }

    func matches(_ node: SchedulableNode) -> Bool {
        if let selector, !selector.selects({ node.labels[$0] }) { return false }
        guard let terms else { return true }
        return terms.contains { term in
            let expressions = term["matchExpressions"]?.array ?? []
            let fields = term["matchFields"]?.array ?? []
            guard !expressions.isEmpty || !fields.isEmpty else { return false }
            return expressions.allSatisfy { Self.holds($0) { node.labels[$0] } }
                && fields.allSatisfy { Self.holds($0) { $0 == "metadata.name" ? node.name : nil } }
        }
    }

    private static func holds(_ expression: JSON, _ value: (String) -> String?) -> Bool {
        let found = value(expression["key"]?.string ?? "")
        let values = (expression["values"]?.array ?? []).compactMap(\.string)
        switch expression["operator"]?.string {
        case "In": return found.map(values.contains) ?? false
        case "NotIn": return found.map { !values.contains($0) } ?? true
        case "Exists": return found != nil
        case "DoesNotExist": return found == nil
        case "Gt":
            guard let found = found.flatMap({ Int($0) }), let limit = values.first.flatMap({ Int($0) }) else {
                return false
            }
            return found > limit
        case "Lt":
            guard let found = found.flatMap({ Int($0) }), let limit = values.first.flatMap({ Int($0) }) else {
                return false
            }
            return found < limit
        default: return false
        }
    }
}
