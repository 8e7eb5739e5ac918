package import KubeModel

/// What a sync does next, given its plan; nothing is remembered between two decisions, so a sync that was interrupted goes
/// on by planning again.
package enum SyncDecision: Sendable {
    /// Nothing is left to do.
    case done
    /// Everything of the plan that can be done now is done; the rest waits for something else.
    case stuck
    /// A wave may begin only when the earlier ones are healthy, and these are not yet.
    case waitForHealth(wave: Int, [Awaited])
    /// Groups to apply one after the other; the objects of each together.
    case apply(wave: Int, [[Plan.Step]])
    /// Groups to delete one after the other.
    case delete([[Plan.Step]])

    package struct Awaited: Sendable, Hashable {
        package var reference: ObjectReference
        package var health: Health
    }

    /// - Parameter health: How an object is, its children counted.
    package init(_ plan: Plan, health: (Plan.Step) -> Health) {
        let changes = plan.steps.filter { $0.isChange && $0.action != .delete }
        if let (phase, wave) = changes.lazy.map({ ($0.phase, $0.wave) }).min(by: <) {
            let runnable = changes.filter { $0.phase == phase && $0.wave == wave && $0.isRunnable }
            if !runnable.isEmpty {
                let awaited = Self.awaited(before: (phase, wave), plan, health: health)
                self =
                    awaited.isEmpty
                    ? .apply(wave: wave, Self.groups(runnable)) : .waitForHealth(wave: wave, awaited)
                return
            }
            // Kinds that nobody serves hold up nothing but what comes in later waves.
            guard changes.allSatisfy({ $0.obstacle == .unknownKind }) else {
                self = .stuck
                return
            }
        }
        let deletions = plan.steps.filter { $0.action == .delete && $0.isRunnable }
        if !deletions.isEmpty {
            self = .delete(Self.groups(deletions))
        } else {
            self = plan.isDone ? .done : .stuck
        }
    }

    private static func awaited(
        before place: (SyncPhase, Int),
        _ plan: Plan,
        health: (Plan.Step) -> Health
    ) -> [Awaited] {
        guard plan.occasion == .newRevision else { return [] }
        return plan.steps.compactMap { step in
            guard (step.phase, step.wave) < place, let desired = step.desired, desired.rules.countsForHealth,
                step.action == .none,
                case .always = desired.rules.writing
            else { return nil }
            let health = health(step)
            return health.state <= .suspended ? nil : Awaited(reference: step.reference, health: health)
        }
    }

    private static func groups(_ steps: [Plan.Step]) -> [[Plan.Step]] {
        var groups: [[Plan.Step]] = []
        for step in steps {
            if let last = groups.last?.last, last.rank == step.rank, last.wave == step.wave,
                last.action == .hook || step.action != .hook
            {
                groups[groups.count - 1].append(step)
            } else {
                groups.append([step])
            }
        }
        return groups
    }
}
