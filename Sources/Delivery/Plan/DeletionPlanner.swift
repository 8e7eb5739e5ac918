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

    func steps(besides wanted: Set<ObjectReference>) -> (steps: [Plan.Step], findings: [Finding]) {
        var steps: [Plan.Step] = []
        var findings: [Finding] = []
        var total = 0
        for (reference, live) in input.live where input.tracking.owns(live) {
            total += 1
            guard !wanted.contains(reference), live.ownerReferences.isEmpty else { continue }
            var (step, finding) = judge(live, reference)
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
        if input.purpose == .delivery, let finding = hold(&steps, of: total) { findings.append(finding) }
        return (steps, findings)
    }

    /// Whether a manifest of an unknown kind may be meant to be a live object; where each file stands alone, one of its file.
    private func mayBe(_ desired: DesiredObject, _ live: KubeObject) -> Bool {
        guard desired.resource == nil else { return false }
        return live.annotation(Tracking.source).map { $0 == desired.origin.file } ?? true
    }

    private func judge(_ live: KubeObject, _ reference: ObjectReference) -> (Plan.Step, Finding?) {
        let rules = ObjectRules(live)
        func step(_ action: SyncStep.Action, _ reason: String, obstacle: Plan.Obstacle? = nil) -> Plan.Step {
            Plan.Step(
                reference: reference,
                action: action,
                reason: reason,
                wave: rules.wave,
                rank: KindOrder.rank(of: reference),
                live: live,
                obstacle: obstacle
            )
        }
        if live.isBeingDeleted || input.sentDeletions[reference] == live.uid {
            return (step(.delete, "is being deleted", obstacle: .beingDeleted), nil)
        }
        if let file = live.annotation(Tracking.source), isBroken(file) {
            return (step(.none, "kept: \(file) cannot be read"), nil)
        }
        if case .kept(let annotation) = rules.removal { return (step(.none, "kept: \(annotation)"), nil) }
        if input.purpose == .delivery, !input.settings.prune {
            return (step(.hold, "not in the commit; the settings say prune: false"), nil)
        }
        if input.approvals.contains(reference.description) { return (step(.delete, "approved"), nil) }
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

    private func isBroken(_ file: String) -> Bool {
        input.brokenFiles.contains { $0 == file || file.hasPrefix($0 + "/") }
    }

    private func holdReason(_ reference: ObjectReference, _ rules: ObjectRules) -> String? {
        if case .confirmed(let annotation) = rules.removal { return "it says \(annotation)" }
        switch (reference.group, reference.kind) {
        case ("", "PersistentVolumeClaim"): return "its data would be lost"
        case ("", "Namespace"): return "everything in it would be deleted"
        case ("apiextensions.k8s.io", "CustomResourceDefinition"):
            return "every object of its kind would be deleted"
        case ("varde.dev", "Cluster") where input.guardsOwnKinds == .fleet:
            return "the cluster would leave the fleet"
        case ("varde.dev", "Tenant") where input.guardsOwnKinds == .fleet:
            return "everything of the tenant would be undeclared"
        default: return nil
        }
    }

    /// Holds all deletions when they are too many for one revision.
    private func hold(_ steps: inout [Plan.Step], of total: Int) -> Finding? {
        let doomed = steps.filter {
            $0.action == .delete && $0.obstacle != .beingDeleted && $0.reason != "approved"
        }
        guard !doomed.isEmpty else { return nil }
        let message: String
        if input.desired.isEmpty, !input.settings.allowEmpty {
            message =
                "Commit \(input.revision) leaves nothing of the application: the deletion of \(doomed.count) objects waits "
                + "for approval (or set allowEmpty: true)."
        } else if total > Self.budgetFloor, Double(doomed.count) > Self.budgetShare * Double(total) {
            message =
                "Commit \(input.revision) would delete \(doomed.count) of \(total) objects, more than 30 %: this waits for "
                + "approval with: varde app approve \(input.tracking.application)"
        } else {
            return nil
        }
        for index in steps.indices
        where steps[index].action == .delete && steps[index].obstacle != .beingDeleted {
            if steps[index].reason == "approved" { continue }
            steps[index].action = .hold
            steps[index].reason = "over the deletion budget"
        }
        return Finding(severity: .warning, code: .budget, message: message, since: input.now)
    }
}
