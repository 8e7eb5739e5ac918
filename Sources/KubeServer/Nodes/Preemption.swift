import KubeModel

/// Which pods of lower priority must go so that a pod finds a place.
struct Preemption: Sendable {
    let node: String
    /// The most important first.
    let victims: [PlacedPod]

    /// - Parameters:
    ///   - candidates: Nodes whose obstacles the removal of pods could remove.
    ///   - isProtected: Whether the removal of a pod would break its disruption budget.
    init?(
        _ pod: KubeObject,
        candidates: [SchedulableNode],
        all nodes: [SchedulableNode],
        isProtected: (PlacedPod) -> Bool
    ) {
        let priority = pod.at("spec", "priority")?.int ?? 0
        guard pod.at("spec", "preemptionPolicy")?.string != "Never" else { return nil }
        var best: (cost: Cost, node: String, victims: [PlacedPod])?
        for node in candidates {
            let lower = node.placed.values.filter { $0.priority < priority }
            guard !lower.isEmpty else { continue }
            var trial = node
            for victim in lower { trial.remove(victim) }
            guard Self.fits(pod, on: trial, among: nodes) else { continue }
            var victims: [PlacedPod] = []
            // Those whose budget would be broken are spared first, then the most important ones.
            let ordered = lower.sorted { left, right in
                (isProtected(left) ? 0 : 1, -left.priority, left.startedAt, left.uid)
                    < (isProtected(right) ? 0 : 1, -right.priority, right.startedAt, right.uid)
            }
            for victim in ordered {
                var spared = trial
                spared.add(victim)
                if Self.fits(pod, on: spared, among: nodes) { trial = spared } else { victims.append(victim) }
            }
            let cost = Cost(
                broken: victims.count(where: isProtected),
                highest: victims.map(\.priority).max() ?? 0,
                sum: victims.reduce(0) { $0 + $1.priority },
                count: victims.count
            )
            if best.map({ cost < $0.cost }) ?? true { best = (cost, node.name, victims) }
        }
        guard let best, !best.victims.isEmpty else { return nil }
        node = best.node
        victims = best.victims
    }

    private static func fits(
        _ pod: KubeObject,
        on node: SchedulableNode,
        among nodes: [SchedulableNode]
    ) -> Bool {
        let others = nodes.map { $0.name == node.name ? node : $0 }
        return Placement(pod, nodes: others).obstacles(on: node).isEmpty
    }

    private struct Cost: Comparable {
        var broken: Int
        var highest: Int
        var sum: Int
        var count: Int

        static func < (left: Self, right: Self) -> Bool {
            (left.broken, left.highest, left.sum, left.count)
                < (right.broken, right.highest, right.sum, right.count)
        }
    }
}
