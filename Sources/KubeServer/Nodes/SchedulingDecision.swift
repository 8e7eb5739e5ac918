import KubeModel

/// Everything that decides on which nodes one pod may be.
struct Placement: Sendable {
    private let request: ResourceAmount
    private let ports: Set<HostPort>
    private let rules: PlacementRules
    private let spread: TopologySpread
    private let affinity: PodAffinityRules
    private let owner: (namespace: String, labels: [String: String])

    init(_ pod: KubeObject, nodes: [SchedulableNode]) {
        request = ResourceAmount(ofPod: pod)
        ports = HostPort.all(of: pod)
        rules = PlacementRules(pod)
        spread = TopologySpread(pod, rules: rules, nodes: nodes)
        affinity = PodAffinityRules(pod, nodes: nodes)
        owner = (pod.namespace, pod.controller == nil ? [:] : pod.labels)
    }

    /// What the first of the scheduler's filters says that refuses the node; empty if none does.
    func obstacles(on node: SchedulableNode) -> [Obstacle] {
        if let obstacle = rules.obstacle(on: node) { return [obstacle] }
        if !ports.isEmpty {
            let taken = node.placed.values.lazy.flatMap(\.ports)
            if taken.contains(where: { port in ports.contains { $0.collides(with: port) } }) {
                return [Obstacle("node(s) didn't have free ports for the requested pod ports")]
            }
        }
        let shortages = shortages(on: node)
        if !shortages.isEmpty { return shortages }
        return (spread.obstacle(on: node) ?? affinity.obstacle(on: node)).map { [$0] } ?? []
    }

    private func shortages(on node: SchedulableNode) -> [Obstacle] {
        var shortages: [Obstacle] = []
        if node.placed.count + 1 > node.maxPods { shortages.append(Obstacle("Too many pods")) }
        func check(_ name: String, _ wanted: Int, _ used: Int, _ capacity: Int) {
            guard wanted > 0, used + wanted > capacity else { return }
            shortages.append(Obstacle("Insufficient \(name)", isFinal: wanted > capacity))
        }
        check("cpu", request.cpu, node.used.cpu, node.capacity.cpu)
        check("memory", request.memory, node.used.memory, node.capacity.memory)
        for (name, amount) in request.others {
            check(name, amount, node.used.others[name, default: 0], node.capacity.others[name, default: 0])
        }
        return shortages
    }

    /// Free room after the pod, few pods before many, few of its own kind, and what the pod prefers.
    func score(on node: SchedulableNode) -> Double {
        func free(_ used: Int, _ capacity: Int) -> Double {
            capacity == 0 ? 0 : 1 - Double(used) / Double(capacity)
        }
        let siblings =
            owner.labels.isEmpty
            ? 0
            : node.placed.values.count { $0.labels == owner.labels && $0.name.namespace == owner.namespace }
        return free(node.used.cpu + request.cpu, node.capacity.cpu)
            + free(node.used.memory + request.memory, node.capacity.memory)
            + free(node.placed.count, node.maxPods)
            - Double(min(siblings, 10)) / 5
            + 2 * rules.score(on: node) + 2 * spread.score(on: node) + 2 * affinity.score(on: node)
    }
}

/// Why a pod found no place, in the scheduler's words.
struct SchedulingRefusal: Sendable, Hashable, CustomStringConvertible {
    /// What keeps it from the nodes: how many are available, and the reasons with their numbers.
    let summary: String
    /// What came of looking for pods to remove.
    let preemption: String?
    /// The nodes on which other pods are in the way.
    let contested: [String]

    var description: String {
        preemption.map { "\(summary) no new claims to deallocate, preemption: \($0)" } ?? summary
    }

    static let noNodes = SchedulingRefusal(
        summary: "no nodes available to schedule pods",
        preemption: nil,
        contested: []
    )

    /// - Parameter reason: What the filters say, with the numbers of nodes.
    init(_ reason: String, nodes: Int, contested: [String], mayPreempt: Bool) {
        let available = "0/\(nodes) nodes are available:"
        summary = "\(available) \(reason)."
        self.contested = contested
        guard mayPreempt else {
            preemption = "not eligible due to preemptionPolicy=Never."
            return
        }
        var parts: [String] = []
        let unhelpful = nodes - contested.count
        if !contested.isEmpty {
            parts.append("\(contested.count) No preemption victims found for incoming pod")
        }
        if unhelpful > 0 { parts.append("\(unhelpful) Preemption is not helpful for scheduling") }
        preemption = "\(available) \(parts.sorted().joined(separator: ", "))."
    }

    private init(summary: String, preemption: String?, contested: [String]) {
        self.summary = summary
        self.preemption = preemption
        self.contested = contested
    }
}

/// Where a pod goes, or why it cannot go anywhere.
enum SchedulingDecision: Sendable, Hashable {
    case bind(node: String)
    case unschedulable(SchedulingRefusal)

    init(_ pod: KubeObject, nodes: [SchedulableNode]) {
        guard !nodes.isEmpty else {
            self = .unschedulable(.noNodes)
            return
        }
        let placement = Placement(pod, nodes: nodes)
        var reasons: [String: Int] = [:]
        var contested: [String] = []
        var best: (score: Double, tie: UInt64, name: String)?
        for node in nodes {
            let obstacles = placement.obstacles(on: node)
            if obstacles.isEmpty {
                let candidate = (
                    placement.score(on: node), TemplateHash.fnv((pod.uid + node.name).utf8), node.name
                )
                if best.map({ (candidate.0, candidate.1) > ($0.score, $0.tie) }) ?? true { best = candidate }
            } else {
                if !obstacles.contains(where: \.isFinal) { contested.append(node.name) }
                for obstacle in obstacles { reasons[obstacle.reason, default: 0] += 1 }
            }
        }
        if let best {
            self = .bind(node: best.name)
            return
        }
        self = .unschedulable(
            SchedulingRefusal(
                reasons.map { "\($0.value) \($0.key)" }.sorted().joined(separator: ", "),
                nodes: nodes.count,
                contested: contested,
                mayPreempt: pod.at("spec", "preemptionPolicy")?.string != "Never"
            )
        )
    }
}
