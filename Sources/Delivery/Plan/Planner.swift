import KubeClient
package import KubeModel
import Rendering

/// Makes plans; a pure function of its input.
package enum Planner {
    package static let manager = "varde"

    package static func plan(_ input: PlanInput) -> Plan {
        var plan = Plan()
        plan.occasion = input.occasion
        var wanted: Set<ObjectReference> = []
        wanted.reserveCapacity(input.desired.count)
        let waves = WaveOrder(input.desired)
        for desired in input.desired where wanted.insert(desired.reference).inserted {
            var verdict = Self.verdict(on: desired, input)
            if let finding = verdict.finding { plan.findings.append(finding) }
            if let confirmed = verdict.confirmed { plan.confirmed[desired.reference] = confirmed }
            verdict.step.wave = waves.wave(of: desired)
            plan.steps.append(verdict.step)
        }
        plan.steps.sort(by: precedes)

        var deletions = DeletionPlanner(input).steps(besides: wanted)
        plan.findings += deletions.findings
        deletions.steps.sort { precedes($1, $0) }
        plan.steps += deletions.steps
        return plan
    }

    private static func precedes(_ left: Plan.Step, _ right: Plan.Step) -> Bool {
        if left.phase != right.phase { return left.phase < right.phase }
        if left.wave != right.wave { return left.wave < right.wave }
        if left.rank != right.rank { return left.rank < right.rank }
        return left.reference < right.reference
    }

    // MARK: One object

    private struct Verdict {
        var step: Plan.Step
        var finding: Finding?
        var confirmed: AppliedObject?
    }

    private static func verdict(on desired: DesiredObject, _ input: PlanInput) -> Verdict {
        let live = input.live[desired.reference]
        func verdict(
            _ action: SyncStep.Action,
            _ reason: String,
            obstacle: Plan.Obstacle? = nil,
            finding: Finding? = nil,
            confirmed: AppliedObject? = nil
        ) -> Verdict {
            let step = Plan.Step(
                reference: desired.reference,
                action: action,
                reason: reason,
                phase: desired.rules.phase,
                wave: desired.rules.wave,
                rank: KindOrder.rank(of: desired.reference),
                desired: desired,
                live: live,
                obstacle: obstacle
            )
            var verdict = Verdict(step: step, finding: finding, confirmed: confirmed)
            if step.isRunnable, let failed = input.failures[desired.reference],
                failed.blocks(digest: desired.digest, version: live?.resourceVersion ?? "", now: input.now)
            {
                verdict.step.obstacle = .failed(message: failed.message, retryAt: failed.retryAt)
                verdict.finding = failed.finding ?? finding
            }
            if step.isRunnable, let pause = input.pauses[desired.reference], input.now < pause.until {
                verdict.step.obstacle = .paused(until: pause.until)
                verdict.finding = pause.finding
            }
            return verdict
        }

        if case .never(let annotation) = desired.rules.writing {
            return verdict(.none, "not applied: \(annotation)")
        }
        if desired.rules.hook == .skip {
            return verdict(.none, "not applied: a hook that is not for syncing")
        }
        if desired.rules.hook == .syncFail || (desired.rules.hook != nil && input.occasion == .repair) {
            return verdict(.none, "a hook, which does not run now")
        }
        if desired.resource == nil {
            return verdict(
                .create,
                "waits until the cluster knows \(desired.object.gvk)",
                obstacle: .unknownKind,
                finding: unknownKind(desired, input)
            )
        }
        if desired.resource?.isWatchable == false, live == nil {
            // It can never be seen: what was applied counts as there.
            let isApplied = input.applied[desired.reference]?.digest == desired.digest
            return isApplied ? verdict(.none, "applied") : verdict(.create, "was not applied yet")
        }
        guard let live else {
            if let owner = input.foreign[desired.reference] { return duplicate(desired, owner, input) }
            return verdict(.create, "is not there")
        }
        if live.isBeingDeleted {
            return verdict(
                .create,
                "is being deleted, and made again when it is gone",
                obstacle: .beingDeleted
            )
        }
        if desired.rules.hook != nil {
            let isOfThisRevision =
                live.annotation(DesiredObject.hookRevision)
                == desired.object.annotation(DesiredObject.hookRevision)
            if isOfThisRevision { return verdict(.none, "a hook of this commit") }
            return input.sentDeletions[desired.reference] == live.uid
                ? verdict(.create, "runs anew when the old one is gone", obstacle: .beingDeleted)
                : verdict(.hook, "is removed, to run anew for this commit")
        }
        guard input.tracking.owns(live) else {
            return verdict(.update, "does not carry this application's marks")
        }
        if case .onlyCreate = desired.rules.writing { return verdict(.none, "only created, never changed") }

        let known = input.applied[desired.reference].flatMap { $0.digest == desired.digest ? $0 : nil }
        if let known, known.version == live.resourceVersion { return verdict(.none, "as the commit says") }
        let owned = FieldOwnership(live).applied(by: manager)
        let fingerprint = OwnedProjection.fingerprint(of: live, owned: owned)
        let confirmed = AppliedObject(
            digest: desired.digest,
            fingerprint: fingerprint,
            version: live.resourceVersion
        )
        if let known, known.fingerprint == fingerprint {
            return verdict(.none, "as the commit says", confirmed: confirmed)
        }
        guard let owned else { return verdict(.update, "was not applied by Varde before") }
        let differences = FieldComparison.differences(
            desired: desired.object,
            live: live,
            owned: owned,
            limit: 4
        )
        if differences.isEmpty { return verdict(.none, "as the commit says", confirmed: confirmed) }
        return verdict(.update, DifferenceWords.reason(for: differences, live: live))
    }

    private static func duplicate(_ desired: DesiredObject, _ owner: String, _ input: PlanInput) -> Verdict {
        let step = Plan.Step(
            reference: desired.reference,
            action: .refuse,
            reason: "belongs to \(owner)",
            wave: desired.rules.wave,
            rank: KindOrder.rank(of: desired.reference),
            desired: desired
        )
        let finding = Finding(
            code: .duplicateObject,
            message:
                "\(desired.reference) belongs to application \(owner) already; remove it from one of the two.",
            origin: desired.origin.description,
            object: desired.reference.description,
            since: input.now
        )
        return Verdict(step: step, finding: finding)
    }

    private static func unknownKind(_ desired: DesiredObject, _ input: PlanInput) -> Finding {
        let gvk = desired.object.gvk
        let comes = input.desired.contains { $0.defines(gvk) }
        return Finding(
            severity: comes ? .info : .error,
            code: .unknownKind,
            message: comes
                ? "\(gvk.kind) \(desired.reference.name) waits for its CustomResourceDefinition."
                : "The cluster has no kind \(gvk.kind) in \(gvk.apiVersion); everything else is applied.",
            origin: desired.origin.description,
            object: desired.reference.description,
            field: "kind",
            since: input.now
        )
    }
}

extension DesiredObject {
    /// Whether this is the CustomResourceDefinition of a kind.
    package func defines(_ gvk: GroupVersionKind) -> Bool {
        object.kind == "CustomResourceDefinition" && object.at("spec", "group")?.string == gvk.group
            && object.at("spec", "names", "kind")?.string == gvk.kind
    }
}
