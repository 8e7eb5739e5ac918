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
        /// The object that depends on it, where it is not a whole wave that waits.
        package var dependent: ObjectReference?

        package init(reference: ObjectReference, health: Health, dependent: ObjectReference? = nil) {
            self.reference = reference
            self.health = health
            self.dependent = dependent
        }
    }

    /// - Parameter health: How an object is, its children counted.
    package init(_ plan: Plan, health: (Plan.Step) -> Health) {
        let cleanup = plan.steps.filter { $0.isCleanup && $0.isRunnable }
        if !cleanup.isEmpty {
            self = .delete([cleanup])
            return
        }
        self = Self.next(plan, health)
        // A sync that goes on has not failed; one that cannot runs its hooks for that.
        switch self {
        case .stuck, .waitForHealth:
            let last = plan.steps.filter { $0.phase == .syncFail && $0.isRunnable && $0.action != .delete }
            if !last.isEmpty { self = .apply(wave: 0, Self.groups(last)) }
        case .done, .apply, .delete: break
        }
    }

    private static func next(_ plan: Plan, _ health: (Plan.Step) -> Health) -> SyncDecision {
        let changes = plan.steps.filter {
            $0.isChange && $0.action != .delete && $0.phase != .syncFail && !$0.isCleanup
        }
        if let (phase, wave) = changes.lazy.map({ ($0.phase, $0.wave) }).min(by: <) {
            let runnable = changes.filter { $0.phase == phase && $0.wave == wave && $0.isRunnable }
            if !runnable.isEmpty {
                let awaited = awaited(before: (phase, wave), plan, health)
                return awaited.isEmpty
                    ? applicable(runnable, wave, plan, health) : .waitForHealth(wave: wave, awaited)
            }
            // Kinds that nobody serves hold up nothing but what comes in later waves.
            guard changes.allSatisfy({ $0.obstacle == .unknownKind }) else { return .stuck }
        }
        let running = runningHooks(plan, health)
        if changes.isEmpty, let wave = running.wave { return .waitForHealth(wave: wave, running.hooks) }
        return deletion(plan, health)
    }

    /// What of a wave may be applied: not what depends on something that is not healthy yet.
    private static func applicable(
        _ runnable: [Plan.Step],
        _ wave: Int,
        _ plan: Plan,
        _ health: (Plan.Step) -> Health
    ) -> SyncDecision {
        guard plan.occasion == .newRevision, runnable.contains(where: { !$0.dependencies.isEmpty }) else {
            return .apply(wave: wave, groups(runnable))
        }
        let steps = Dictionary(plan.steps.map { ($0.reference, $0) }, uniquingKeysWith: { first, _ in first })
        var ready: [Plan.Step] = []
        var awaited: [Awaited] = []
        for step in runnable {
            let open = step.dependencies.compactMap { reference -> Awaited? in
                guard let other = steps[reference], !isNeverApplied(other) else { return nil }
                let state =
                    other.action == .none
                    ? Self.health(of: other, health) : Health(.missing, "is not applied yet")
                guard state.state > .suspended else { return nil }
                return Awaited(reference: reference, health: state, dependent: step.reference)
            }
            if open.isEmpty { ready.append(step) } else { awaited += open }
        }
        if !ready.isEmpty { return .apply(wave: wave, groups(ready)) }
        // Time alone makes things healthy; it does not apply what could not be applied.
        let waits = awaited.filter { steps[$0.reference]?.action == Optional(.none) }
        return waits.isEmpty ? .stuck : .waitForHealth(wave: wave, waits)
    }

    private static func isNeverApplied(_ step: Plan.Step) -> Bool {
        if case .never? = step.desired?.rules.writing { true } else { false }
    }

    private static func awaited(
        before place: (SyncPhase, Int),
        _ plan: Plan,
        _ health: (Plan.Step) -> Health
    ) -> [Awaited] {
        guard plan.occasion == .newRevision else { return [] }
        return plan.steps.compactMap { step in
            (step.phase, step.wave) < place ? unhealthy(step, health) : nil
        }
    }

    /// How an object that is applied is, when that is not well.
    private static func unhealthy(_ step: Plan.Step, _ health: (Plan.Step) -> Health) -> Awaited? {
        guard let desired = step.desired, step.action == .none, step.phase != .syncFail else { return nil }
        switch desired.rules.writing {
        case .always, .merge: break
        // What was there before Varde came is not Varde's to judge.
        case .onlyCreate: if step.live == nil { return nil }
        case .never: return nil
        }
        guard desired.rules.countsForHealth || step.isRunning else { return nil }
        let health = Self.health(of: step, health)
        return health.state <= .suspended ? nil : Awaited(reference: step.reference, health: health)
    }

    /// How an object that is applied is for what comes after it: of a hook its end counts.
    private static func health(of step: Plan.Step, _ health: (Plan.Step) -> Health) -> Health {
        // One that has ended may be gone, or be going.
        if step.desired?.rules.hook != nil, step.live?.isBeingDeleted ?? true { return Health(.healthy) }
        var health = health(step)
        if step.isRunning, health.state <= .suspended {
            health.state = .progressing
            if health.message.isEmpty { health.message = "has not ended yet" }
        }
        return health
    }

    /// Hooks of the last phase, which nothing comes after that would wait for them.
    private static func runningHooks(
        _ plan: Plan,
        _ health: (Plan.Step) -> Health
    ) -> (hooks: [Awaited], wave: Int?) {
        guard plan.occasion == .newRevision else { return ([], nil) }
        let hooks = plan.steps.filter { $0.desired?.rules.hook != nil }
        let running = hooks.compactMap { step in unhealthy(step, health).map { (step.wave, $0) } }
        return (running.map(\.1), running.first?.0)
    }

    // MARK: Deleting

    private static func deletion(_ plan: Plan, _ health: (Plan.Step) -> Health) -> SyncDecision {
        let doomed = plan.steps.filter { $0.action == .delete }
        let isLast = doomed.allSatisfy(\.goesLast)
        // As long as anything else is to go, or is going, those that go last stay.
        let turn = isLast ? doomed : doomed.filter { !$0.goesLast }
        let needed = Dependency.needed(by: turn)
        let runnable = turn.filter { $0.isRunnable && !needed.contains($0.reference) }
        guard let first = runnable.first else { return plan.isDone ? .done : .stuck }
        let awaited = isLast ? plan.steps.compactMap { unhealthy($0, health) } : []
        return awaited.isEmpty ? .delete(groups(runnable)) : .waitForHealth(wave: first.wave, awaited)
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
