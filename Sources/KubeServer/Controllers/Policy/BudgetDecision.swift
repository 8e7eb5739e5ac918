import KubeModel

/// The status of one PodDisruptionBudget: a pure function of it and its pods.
struct BudgetDecision {
    enum Expectation: Sendable, Hashable {
        case sum(Int)
        /// A pod that nothing controls, of which nobody can say how many there should be.
        case unmanaged(String)
    }

    private(set) var status: JSON
    /// Why the number of expected pods is not known.
    private(set) var failure: String?
    private(set) var lookAgainAfter: Duration?

    /// How long an eviction that was allowed may take to show in the pod.
    private static let evictionTime = 120

    /// - Parameter pods: Those that the budget selects, without finished ones.
    init(_ budget: KubeObject, pods: [KubeObject], expected: Expectation, now: Timestamp) {
        status = budget.status
        let generation: JSON = ["observedGeneration": .integer(Int64(budget.generation))]
        var conditions = ConditionList(status)
        status["observedGeneration"] = .integer(Int64(budget.generation))
        defer { status["conditions"] = .array(conditions.conditions) }

        let leaving = takeLeaving(budget, pods, now)
        let desired: Int
        var count = pods.count
        let unavailable = Share(budget.at("spec", "maxUnavailable"))
        let available = Share(budget.at("spec", "minAvailable"))
        let needsOwners: Bool
        if unavailable != nil {
            needsOwners = true
        } else if case .percent? = available {
            needsOwners = true
        } else {
            needsOwners = false
        }
        if needsOwners {
            switch expected {
            case .sum(let sum): count = sum
            case .unmanaged(let pod):
                let message = "found no controller ref for pod \"\(pod)\""
                failure = message
                status["disruptionsAllowed"] = 0
                for field in ["currentHealthy", "desiredHealthy", "expectedPods"] {
                    status[field] = status[field] ?? 0
                }
                conditions.set(
                    "DisruptionAllowed",
                    "False",
                    reason: "SyncFailed",
                    message: message,
                    at: now,
                    more: generation
                )
                return
            }
        }
        if let unavailable {
            desired = max(0, count - unavailable.of(count, rounding: .up))
        } else {
            desired = (available ?? .count(1)).of(count, rounding: .up)
        }
        let healthy = pods.count { $0.isPodReady && !$0.isBeingDeleted && !leaving.contains($0.name) }
        let allowed = count == 0 ? 0 : max(0, healthy - desired)
        status["currentHealthy"] = .integer(Int64(healthy))
        status["desiredHealthy"] = .integer(Int64(desired))
        status["expectedPods"] = .integer(Int64(count))
        status["disruptionsAllowed"] = .integer(Int64(allowed))
        conditions.set(
            "DisruptionAllowed",
            allowed > 0 ? "True" : "False",
            reason: allowed > 0 ? "SufficientPods" : "InsufficientPods",
            message: "",
            at: now,
            more: generation
        )
    }

    /// Keeps in `disruptedPods` only pods whose eviction was allowed and does not show yet.
    private mutating func takeLeaving(
        _ budget: KubeObject,
        _ pods: [KubeObject],
        _ now: Timestamp
    ) -> Set<String> {
        let alive = Set(pods.filter { !$0.isBeingDeleted }.map(\.name))
        var rest: JSON = [:]
        var names: Set<String> = []
        for (name, time) in budget.at("status", "disruptedPods")?.object ?? [:] where alive.contains(name) {
            let at = time.string.flatMap { Timestamp(parsing: $0) } ?? now
            let remaining = now.duration(to: at.adding(seconds: Self.evictionTime))
            guard remaining > .zero else { continue }
            rest[name] = time
            names.insert(name)
            lookAgainAfter = max(remaining, lookAgainAfter ?? remaining)
        }
        status["disruptedPods"] = names.isEmpty ? nil : rest
        return names
    }
}
