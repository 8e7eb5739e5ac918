import KubeModel

/// What keeps a pod from a node.
struct Obstacle: Sendable, Hashable {
    /// As the scheduler words it.
    let reason: String
    /// Whether it would remain if all other pods left the node.
    let isFinal: Bool

    init(_ reason: String, isFinal: Bool = false) {
        self.reason = reason
        self.isFinal = isFinal
    }
}

/// Node selector, affinity and tolerations of a pod.
struct PlacementRules: Sendable {
    private let selector: ObjectSelector?
    private let terms: [JSON]?
    private let preferences: [JSON]
    private let tolerations: [JSON]

    init(_ pod: KubeObject) {
        selector = pod.at("spec", "nodeSelector").map { ObjectSelector(map: $0) }
        let affinity = pod.at("spec", "affinity", "nodeAffinity")
        terms = affinity?.at("requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")?.array
        preferences = affinity?["preferredDuringSchedulingIgnoredDuringExecution"]?.array ?? []
        tolerations = pod.at("spec", "tolerations")?.array ?? []
    }

    /// What keeps the pod from the node, whatever runs there.
    func obstacle(on node: SchedulableNode) -> Obstacle? {
        let cordon = Taint(["key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"])
        if node.isUnschedulable, !cordon.isTolerated(by: tolerations) {
            return Obstacle("node(s) were unschedulable", isFinal: true)
        }
        if taint(on: node) != nil { return Obstacle("node(s) had untolerated taint(s)", isFinal: true) }
        if !matches(node) {
            return Obstacle("node(s) didn't match Pod's node affinity/selector", isFinal: true)
        }
        return nil
    }

    /// The first taint that keeps the pod away.
    func taint(on node: SchedulableNode, effects: Set<String> = ["NoSchedule", "NoExecute"]) -> Taint? {
        node.taints.first { effects.contains($0.effect) && !$0.isTolerated(by: tolerations) }
    }

    func matches(_ node: SchedulableNode) -> Bool {
        if let selector, !selector.selects({ node.labels[$0] }) { return false }
        guard let terms else { return true }
        return terms.contains { Self.matches($0, node) }
    }

    /// How much the preferences speak for a node: from -1 to about 1.
    func score(on node: SchedulableNode) -> Double {
        let weights = preferences.reduce(0) { sum, preference in
            Self.matches(preference["preference"] ?? [:], node) ? sum + (preference["weight"]?.int ?? 1) : sum
        }
        let unwelcome = node.taints.contains {
            $0.effect == "PreferNoSchedule" && !$0.isTolerated(by: tolerations)
        }
        return Double(weights) / 100 - (unwelcome ? 1 : 0)
    }

    private static func matches(_ term: JSON, _ node: SchedulableNode) -> Bool {
        let expressions = term["matchExpressions"]?.array ?? []
        let fields = term["matchFields"]?.array ?? []
        guard !expressions.isEmpty || !fields.isEmpty else { return false }
        return expressions.allSatisfy { holds($0) { node.labels[$0] } }
            && fields.allSatisfy { holds($0) { $0 == "metadata.name" ? node.name : nil } }
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
