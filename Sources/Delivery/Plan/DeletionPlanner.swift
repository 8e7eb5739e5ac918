import KubeModel
import Rendering

/// Decides what of an application's live objects is deleted, kept or held for a person.
struct DeletionPlanner {
    /// At most this share of an application's objects goes at once without approval.
    static let budgetShare = 0.3
    /// Applications of at most this many objects have no budget.
    static let budgetFloor = 10

    private let input: PlanInput

    init(_ input: PlanInput) { self.input = input }

    /// How many live objects the deletion budget is a share of: hooks come and go, and do not count.
    static func count(_ live: [ObjectReference: KubeObject], of tracking: Tracking) -> Int {
        live.values.count { tracking.owns($0) && $0.annotation(DesiredObject.hookRevision) == nil }
    }

    func steps(besides wanted: Set<ObjectReference>) -> (steps: [Plan.Step], findings: [Finding]) {
        // The usual case costs no look at the objects.
        guard input.live.keys.contains(where: { !wanted.contains($0) }) else { return ([], []) }
        var steps: [Plan.Step] = []
        var findings: [Finding] = []
        var total = 0
        let otherPhases = Set(input.desired.flatMap(\.variants).map(\.reference))
        for (reference, live) in input.live where input.tracking.owns(live) && isReachable(reference) {
            // Hooks come and go with each commit; they are no part of what is delivered.
            let isHook = live.annotation(DesiredObject.hookRevision) != nil
            if !isHook { total += 1 }
            guard !wanted.contains(reference), live.ownerReferences.isEmpty else { continue }
            // It names several phases, and ran in an earlier one of this commit.
            if isHook, otherPhases.contains(reference) { continue }
            var (step, finding) = judge(live, reference, isHook: isHook)
            if step.action == .delete, let failed = input.failures[reference],
                failed.blocks(digest: nil, version: live.resourceVersion, now: input.now)
            {
                step.obstacle = .failed(message: failed.message, retryAt: failed.retryAt)
                finding = failed.finding ?? finding
            }
            // A kind that nobody knows may be a misspelling of the very object that seems to be gone.
            if step.isRunnable, let unknown = input.desired.first(where: { mayBe($0, live) }) {
                step.obstacle = .unknownKind
                step.reason = "kept until the cluster knows \(unknown.object.gvk)"
            }
            steps.append(step)
            if let finding { findings.append(finding) }
        }
        if input.purpose == .delivery, let finding = hold(&steps, of: input.objectsBefore ?? total) {
            findings.append(finding)
        }
        holdLast(&steps)
        return (steps, findings)
    }

    /// Holds what goes last as long as a person has yet to say whether something else goes: it may be what that needs to go.
    private func holdLast(_ steps: inout [Plan.Step]) {
        guard steps.contains(where: \.goesLast),
            let held = steps.filter({ $0.action == .hold && !$0.goesLast }).min(by: {
                $0.reference < $1.reference
            })
        else { return }
        for index in steps.indices
        where steps[index].action == .delete && steps[index].goesLast && steps[index].approver == nil
            && steps[index].obstacle != .beingDeleted
        {
            steps[index].action = .hold
            steps[index].reason =
                "goes last (PruneLast), after \(held.reference.kind) \(held.reference.name), which waits for approval"
        }
    }

    /// Whether an object is where the application's tenant may delete.
    private func isReachable(_ reference: ObjectReference) -> Bool {
        input.namespace.isEmpty || reference.namespace.isEmpty || reference.namespace == input.namespace
    }

    /// Whether a manifest of an unknown kind may be meant to be a live object; where each file stands alone, one of its file.
    private func mayBe(_ desired: DesiredObject, _ live: KubeObject) -> Bool {
        guard desired.resource == nil else { return false }
        return live.annotation(Tracking.source).map { $0 == desired.origin.file } ?? true
    }

    private func judge(
        _ live: KubeObject,
        _ reference: ObjectReference,
        isHook: Bool
    ) -> (Plan.Step, Finding?) {
        let rules = ObjectRules(live, defaults: input.settings.syncOptions)
        func step(_ action: SyncStep.Action, _ reason: String, obstacle: Plan.Obstacle? = nil) -> Plan.Step {
            var step = Plan.Step(
                reference: reference,
                action: action,
                reason: reason,
                wave: rules.wave,
                rank: KindOrder.rank(of: reference),
                live: live,
                obstacle: obstacle
            )
            step.dependencies = rules.dependencies
            step.goesLast = rules.options.contains(.pruneLast)
            return step
        }
        if live.isBeingDeleted || input.sentDeletions[reference] == live.uid {
            return (step(.delete, Health.goingWords(live), obstacle: .beingDeleted), nil)
        }
        if let file = live.annotation(Tracking.source), isBroken(file) {
            return (step(.none, "kept: \(file) cannot be read"), nil)
        }
        if isHook, input.purpose == .delivery { return leftover(step, rules) }
        if case .kept(let annotation) = rules.removal { return (step(.none, "kept: \(annotation)"), nil) }
        if input.purpose == .delivery, !input.settings.prune {
            return rules.ignoresExtraneous
                ? (step(.none, "not in the commit, which its compare-options ignore"), nil)
                : (step(.hold, "not in the commit; the settings say prune: false"), nil)
        }
        if let person = input.approvals[reference.description] {
            var approved = step(.delete, "deletion approved by \(person)")
            approved.approver = person
            return (approved, nil)
        }
        if let person = input.refusals[reference.description] {
            return (step(.none, "kept: \(person) refused its deletion"), nil)
        }
        guard let reason = holdReason(reference, rules) else {
            return (step(.delete, "no longer in commit \(input.revision)"), nil)
        }
        let finding = Finding(
            severity: .warning,
            code: .heldDeletion,
            message:
                "\(reference.kind) \(reference.name) is no longer in commit \(input.revision) and waits for approval: "
                + "\(reason). Approve with: varde app approve \(input.tracking.application)",
            object: reference.description,
            since: input.now
        )
        return (step(.hold, reason), finding)
    }

    /// A hook of an earlier commit that has no successor of its name.
    private func leftover(
        _ step: (SyncStep.Action, String, Plan.Obstacle?) -> Plan.Step,
        _ rules: ObjectRules
    ) -> (Plan.Step, Finding?) {
        guard input.occasion == .newRevision, rules.hookDeletion.contains(.beforeCreation) else {
            return (step(.none, "a hook of an earlier commit", nil), nil)
        }
        var removal = step(.hook, "a hook of an earlier commit", nil)
        removal.isCleanup = true
        return (removal, nil)
    }

    private func isBroken(_ file: String) -> Bool {
        input.brokenFiles.contains { $0 == file || file.hasPrefix($0 + "/") }
    }

    private func holdReason(_ reference: ObjectReference, _ rules: ObjectRules) -> String? {
        if case .confirmed(let annotation) = rules.removal { return "it says \(annotation)" }
        switch (reference.group, reference.kind) {
        case ("", "PersistentVolumeClaim"): return "its data would be lost"
        case ("", "Namespace"), ("apiextensions.k8s.io", "CustomResourceDefinition"):
            guard let content = input.contents[reference] else {
                return "what it holds is not known yet"
            }
            return content.isEmpty ? nil : "it holds \(content), which would be deleted with it"
        case ("varde.dev", "Cluster") where input.guardsOwnKinds == .fleet:
            return "the cluster would leave the fleet"
        case ("varde.dev", "Tenant") where input.guardsOwnKinds == .fleet:
            return "everything of the tenant would be undeclared"
        default: return nil
        }
    }

    /// Holds all deletions when they are too many for one revision.
    private func hold(_ steps: inout [Plan.Step], of total: Int) -> Finding? {
        func counts(_ step: Plan.Step) -> Bool {
            step.action == .delete && step.obstacle != .beingDeleted && step.approver == nil
        }
        let doomed = steps.filter(counts)
        guard !doomed.isEmpty else { return nil }
        let message: String
        if input.desired.isEmpty, !input.settings.allowEmpty {
            let objects = doomed.count == 1 ? "its object" : "its \(doomed.count) objects"
            message =
                "Commit \(input.revision) leaves nothing of the application: the deletion of \(objects) waits "
                + "for approval (or set allowEmpty: true)."
        } else if total > Self.budgetFloor, Double(doomed.count) > Self.budgetShare * Double(total) {
            message =
                "Commit \(input.revision) would delete \(doomed.count) of \(total) objects, more than 30 %: this waits for "
                + "approval with: varde app approve \(input.tracking.application)"
        } else if input.isOverBudget {
            let rest =
                doomed.count == 1 ? "the last of these waits" : "the last \(doomed.count) of these wait"
            message =
                "Commit \(input.revision) would delete more than 30 % of the objects: \(rest) for approval with: "
                + "varde app approve \(input.tracking.application)"
        } else {
            return nil
        }
        for index in steps.indices where counts(steps[index]) {
            steps[index].action = .hold
            steps[index].reason = "over the deletion budget"
        }
        return Finding(severity: .warning, code: .budget, message: message, since: input.now)
    }
}
