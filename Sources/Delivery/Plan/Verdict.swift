import KubeClient
import KubeModel
import Rendering

/// What is to be done with one object of a commit, and why.
struct Verdict {
    var step: Plan.Step
    var finding: Finding?
    /// Set when the object was found to be right, for the next time.
    var confirmed: AppliedObject?
    /// The kind whose schema would have made the comparison exact.
    var wantedSchema: GroupVersionKind?

    private init(
        _ desired: DesiredObject,
        _ input: PlanInput,
        _ action: SyncStep.Action,
        _ reason: String,
        obstacle: Plan.Obstacle? = nil,
        finding: Finding? = nil
    ) {
        step = Plan.Step(
            reference: desired.reference,
            action: action,
            reason: reason,
            phase: desired.rules.phase,
            wave: desired.rules.wave,
            rank: KindOrder.rank(of: desired.reference),
            desired: desired,
            live: input.live[desired.reference],
            obstacle: obstacle
        )
        self.finding = finding
        guard step.isRunnable else { return }
        if let failed = input.failures[desired.reference],
            failed.blocks(digest: desired.digest, version: step.live?.resourceVersion ?? "", now: input.now)
        {
            step.obstacle = .failed(message: failed.message, retryAt: failed.retryAt)
            self.finding = failed.finding ?? finding
        }
        if let pause = input.pauses[desired.reference], input.now < pause.until {
            step.obstacle = .paused(until: pause.until)
            self.finding = pause.finding
        }
    }

    init(on desired: DesiredObject, _ input: PlanInput) {
        if let settled = Self.withoutLooking(desired, input) {
            self = settled
        } else if desired.rules.hook != nil {
            self = Self.hook(desired, input)
        } else if let live = input.live[desired.reference] {
            self = Self.present(desired, live, input)
        } else {
            self = Self.absent(desired, input)
        }
    }

    /// An object that must not be applied.
    static func refused(_ desired: DesiredObject, _ problem: String, _ input: PlanInput) -> Verdict {
        let finding = Finding(
            code: .refused,
            message: "\(desired.reference.kind) \(desired.reference.name) \(problem).",
            origin: desired.origin.description,
            object: desired.reference.description,
            field: "metadata.annotations[\(Dependency.annotation)]",
            since: input.now
        )
        return Verdict(desired, input, .refuse, problem, finding: finding)
    }

    // MARK: Cases

    /// What the manifest alone decides.
    private static func withoutLooking(_ desired: DesiredObject, _ input: PlanInput) -> Verdict? {
        if case .never(let annotation) = desired.rules.writing {
            return Verdict(desired, input, .none, "not applied: \(annotation)")
        }
        if desired.rules.hook == .skip {
            return Verdict(desired, input, .none, "not applied: a hook that is not for syncing")
        }
        guard desired.resource == nil else { return nil }
        if desired.rules.hook != nil, input.occasion == .repair {
            return Verdict(desired, input, .none, "a hook, which does not run now")
        }
        return Verdict(
            desired,
            input,
            .create,
            "waits until the cluster knows \(desired.object.gvk)",
            obstacle: .unknownKind,
            finding: unknownKind(desired, input)
        )
    }

    private static func absent(_ desired: DesiredObject, _ input: PlanInput) -> Verdict {
        if desired.resource?.isWatchable == false {
            // It can never be seen: what was applied counts as there.
            let isApplied = input.applied[desired.reference]?.digest == desired.digest
            return isApplied
                ? Verdict(desired, input, .none, "applied")
                : Verdict(desired, input, .create, "was not applied yet")
        }
        if let owner = input.foreign[desired.reference] { return duplicate(desired, owner, input) }
        if case .onlyCreate = desired.rules.writing,
            input.applied[desired.reference]?.isLeftAlone(desired) == true
        {
            return Verdict(desired, input, .none, "is there already; only created, never changed")
        }
        return Verdict(desired, input, .create, "is not there")
    }

    private static func present(_ desired: DesiredObject, _ live: KubeObject, _ input: PlanInput) -> Verdict {
        if live.isBeingDeleted {
            let reason = Health.goingWords(live) + ", and made again when it is gone"
            return Verdict(desired, input, .create, reason, obstacle: .beingDeleted)
        }
        if case .onlyCreate = desired.rules.writing {
            return Verdict(desired, input, .none, "only created, never changed")
        }
        let known = input.applied[desired.reference].flatMap { $0.digest == desired.digest ? $0 : nil }
        let isOtherVersion = live.apiVersion != desired.object.apiVersion
        var right = Verdict(desired, input, .none, "as the commit says")
        // Of this very version everything below was found to be right, its marks included.
        if let known, known.version == live.resourceVersion, !isOtherVersion { return right }
        let owned = FieldOwnership(live).applied(by: Planner.manager)
        right.confirmed = AppliedObject(
            digest: desired.digest,
            fingerprint: isOtherVersion
                ? OwnedProjection.fingerprint(ofAll: live, owned: owned)
                : OwnedProjection.fingerprint(of: live, owned: owned),
            version: live.resourceVersion
        )
        right.confirmed?.uid = live.uid
        // The answer to the apply had another form: it is this one that the next change is compared with.
        if let known, known.version == live.resourceVersion { return right }
        guard input.tracking.owns(live) else {
            return Verdict(desired, input, .update, "does not carry this application's marks")
        }
        if let known, known.fingerprint == right.confirmed?.fingerprint { return right }
        guard owned != nil || FieldOwnership(live).isNeverKept(for: live.gvk.group) else {
            return Verdict(desired, input, .update, "was not applied by Varde before")
        }
        let schema = input.schemas[desired.object.gvk]
        let comparison = FieldChanges(of: desired, on: live, schema: schema)
        if comparison.isNone { return right }
        var verdict = Verdict(desired, input, .update, comparison.reason(live))
        verdict.step.changes = comparison.changes
        if schema == nil, !isOtherVersion { verdict.wantedSchema = desired.object.gvk }
        // What changed since an apply of this process was changed by somebody; in another version it may only look so.
        verdict.step.isNews = known != nil && !isOtherVersion
        if comparison.changes.allSatisfy(\.isDoubtful) {
            if let dry = input.dryRuns[desired.reference], dry.digest == desired.digest,
                dry.version == live.resourceVersion
            {
                if dry.isSame { return right }
            } else {
                verdict.step.isDoubtful = true
            }
        }
        return verdict
    }

    // MARK: Hooks

    private static func hook(_ desired: DesiredObject, _ input: PlanInput) -> Verdict {
        let live = input.live[desired.reference]
        let commit = desired.object.annotation(DesiredObject.hookRevision)
        let phase = desired.object.annotation(DesiredObject.hookPhase)
        let isOfThisCommit =
            live.map {
                $0.annotation(DesiredObject.hookRevision) == commit
                    && $0.annotation(DesiredObject.hookPhase) == phase
            } ?? false
        let known = input.hookResults[desired.reference].flatMap { $0.isOf(desired) ? $0 : nil }
        // One that runs anew has another uid than the one whose result is known.
        let result = known.flatMap { isOfThisCommit && live?.uid != $0.uid ? nil : $0 }

        // Once its deletion was asked for, all that counts is how it ended.
        if let live, let result, live.uid == result.uid, !live.isBeingDeleted,
            input.sentDeletions[desired.reference] != live.uid, input.recordedHooks.contains(live.uid),
            let policy = removal(of: desired, result)
        {
            var verdict = Verdict(desired, input, .hook, "is removed (\(policy.rawValue))")
            verdict.step.isCleanup = true
            return verdict
        }
        if input.occasion == .repair {
            return Verdict(desired, input, .none, "a hook, which does not run now")
        }
        if desired.rules.hook == .syncFail, !input.hasFailed {
            return Verdict(desired, input, .none, "runs only when a sync fails")
        }
        switch result?.outcome {
        case .succeeded: return Verdict(desired, input, .none, "has run for this commit")
        case .failed(let message):
            return failed(desired, live, message, retryAt: result?.retryAt ?? 0, input)
        case nil: break
        }
        guard let live else { return Verdict(desired, input, .create, "runs for this commit") }
        if live.isBeingDeleted || input.sentDeletions[desired.reference] == live.uid {
            return Verdict(
                desired,
                input,
                .create,
                "runs anew when the old one is gone",
                obstacle: .beingDeleted
            )
        }
        guard isOfThisCommit else {
            return Verdict(desired, input, .hook, "is removed, to run anew for this commit")
        }
        var verdict = Verdict(desired, input, .none, "a hook of this commit")
        verdict.step.isRunning = HookResult.comesToAnEnd(live)
        return verdict
    }

    private static func failed(
        _ desired: DesiredObject,
        _ live: KubeObject?,
        _ message: String,
        retryAt: Double,
        _ input: PlanInput
    ) -> Verdict {
        let name = "Hook \(desired.reference.kind) \(desired.reference.name)"
        if desired.rules.hook == .syncFail { return Verdict(desired, input, .none, "has failed: \(message)") }
        let isGoing =
            live.map { $0.isBeingDeleted || input.sentDeletions[desired.reference] == $0.uid } ?? false
        guard input.now < retryAt else {
            return Verdict(
                desired,
                input,
                live == nil || isGoing ? .create : .hook,
                "has failed, and runs once more",
                obstacle: isGoing ? .beingDeleted : nil
            )
        }
        let finding = Finding(
            code: .unhealthy,
            message: "\(name) failed: \(message)",
            origin: desired.origin.description,
            object: desired.reference.description,
            since: input.now
        )
        return Verdict(
            desired,
            input,
            .create,
            "has failed: \(message)",
            obstacle: .failed(message: "\(name) failed: \(message)", retryAt: retryAt),
            finding: finding
        )
    }

    /// Why a hook that has ended is to be removed, if it is.
    private static func removal(of desired: DesiredObject, _ result: HookResult) -> ObjectRules.HookDeletion?
    {
        let policy: ObjectRules.HookDeletion = result.outcome == .succeeded ? .succeeded : .failed
        return desired.rules.hookDeletion.contains(policy) ? policy : nil
    }

    // MARK: Findings

    private static func duplicate(_ desired: DesiredObject, _ owner: String, _ input: PlanInput) -> Verdict {
        let finding = Finding(
            code: .duplicateObject,
            message:
                "\(desired.reference) belongs to application \(owner) already; remove it from one of the two.",
            origin: desired.origin.description,
            object: desired.reference.description,
            since: input.now
        )
        return Verdict(desired, input, .refuse, "belongs to \(owner)", finding: finding)
    }

    private static func unknownKind(_ desired: DesiredObject, _ input: PlanInput) -> Finding {
        let gvk = desired.object.gvk
        let comes = input.desired.contains { $0.defines(gvk) }
        let isExpected = comes || desired.rules.options.contains(.skipMissing)
        return Finding(
            severity: isExpected ? .info : .error,
            code: .unknownKind,
            message: comes
                ? "\(gvk.kind) \(desired.reference.name) waits for its CustomResourceDefinition."
                : "The cluster has no kind \(gvk.kind) in \(gvk.apiVersion); \(desired.reference.name) waits for it, "
                    + "and everything else is applied.",
            origin: desired.origin.description,
            object: desired.reference.description,
            field: "kind",
            since: input.now
        )
    }
}
