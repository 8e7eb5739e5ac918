import KubeModel

/// The topology spread constraints of a pod, with what is there already counted.
struct TopologySpread: Sendable {
    private struct Constraint: Sendable {
        var key: String
        var maxSkew: Int
        var isRequired: Bool
        var minDomains: Int
        /// Whether the pod counts itself.
        var selectsItself: Bool
        var counts: [String: Int] = [:]

        var minimum: Int { counts.count < minDomains ? 0 : counts.values.min() ?? 0 }
    }

    private var constraints: [Constraint] = []

    var isEmpty: Bool { constraints.isEmpty }

    init(_ pod: KubeObject, rules: PlacementRules, nodes: [SchedulableNode]) {
        let specs = pod.at("spec", "topologySpreadConstraints")?.array ?? []
        guard !specs.isEmpty else { return }
        let keys = specs.compactMap { $0["topologyKey"]?.string }
        for spec in specs {
            var selector = spec["labelSelector"] ?? .null
            for key in (spec["matchLabelKeys"]?.array ?? []).compactMap(\.string) {
                guard let value = pod.label(key) else { continue }
                selector.set(.string(value), at: ["matchLabels", key])
            }
            let selects = ObjectSelector(selector.isNull ? nil : selector)
            var constraint = Constraint(
                key: spec["topologyKey"]?.string ?? "",
                maxSkew: spec["maxSkew"]?.int ?? 1,
                isRequired: spec["whenUnsatisfiable"]?.string != "ScheduleAnyway",
                minDomains: spec["minDomains"]?.int ?? 1,
                selectsItself: selects.selects(pod)
            )
            for node in nodes {
                guard keys.allSatisfy({ node.labels[$0] != nil }), let domain = node.labels[constraint.key]
                else { continue }
                if spec["nodeAffinityPolicy"]?.string != "Ignore", !rules.matches(node) { continue }
                if spec["nodeTaintsPolicy"]?.string == "Honor", rules.taint(on: node) != nil { continue }
                constraint.counts[domain, default: 0] += node.placed.values.count { placed in
                    !placed.isLeaving && placed.name.namespace == pod.namespace
                        && selects.selects { placed.labels[$0] }
                }
            }
            constraints.append(constraint)
        }
    }

    func obstacle(on node: SchedulableNode) -> Obstacle? {
        let words = "node(s) didn't match pod topology spread constraints"
        for constraint in constraints where constraint.isRequired {
            guard let domain = node.labels[constraint.key] else {
                return Obstacle("\(words) (missing required label)", isFinal: true)
            }
            let after = constraint.counts[domain, default: 0] + (constraint.selectsItself ? 1 : 0)
            if after - constraint.minimum > constraint.maxSkew { return Obstacle(words) }
        }
        return nil
    }

    /// The fewer are there, the better: from -1 to 0.
    func score(on node: SchedulableNode) -> Double {
        guard !constraints.isEmpty else { return 0 }
        let shares = constraints.map { constraint -> Double in
            let most = Double(max(1, constraint.counts.values.max() ?? 1))
            guard let domain = node.labels[constraint.key] else { return 1 }
            return Double(constraint.counts[domain, default: 0]) / most
        }
        return -shares.reduce(0, +) / Double(shares.count)
    }
}
