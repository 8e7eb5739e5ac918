import KubeClient
import KubeModel
import KubeRuntime
import Rendering
import Synchronization

extension ReconcilePass {
    /// Plans and syncs until nothing more can be done now, and shows how it is.
    mutating func deliver(_ lane: ClusterLane) async throws -> ReconcileResult {
        if let rejected = progress.rejected,
            progress.rendered == nil || rejected.revision == progress.rendered?.revision
        {
            return showRejected(rejected, lane)
        }
        guard let rendered = progress.rendered else { return .settled }
        let resources = Set(progress.desired.compactMap(\.resource))
        lane.view.watch(resources)
        guard lane.view.isComplete(for: resources) else {
            show(progress.snapshot.sync, message: "Reads what cluster \(id.cluster) has.", findings: [])
            return .settled
        }
        restoreNumber()
        takeManualRequest()
        noteObjectsBefore(lane, rendered)
        var sync = SyncPermission(of: self, rendered)
        var rounds = 0
        while true {
            noteHooks(lane, rendered)
            guard areHooksRecorded else { return waitForRecord(of: "how its hooks ended") }
            if isRecorded { progress.unrecordedSince = nil }
            let plan = makePlan(lane, rendered)
            if !isOutdated, rounds < 200, try await learn(from: plan, lane, isActing: sync.isAllowed) {
                rounds += 1
                continue
            }
            if plan.findings.contains(where: { $0.code == .budget }) {
                progress.objectsBefore?.isOverBudget = true
            }
            progress.applied.merge(plan.confirmed) { _, new in new }
            let decision = SyncDecision(plan) { health(of: $0, lane) }
            rounds += 1
            guard !isOutdated, rounds < 200 else { return outdated(rendered) }
            switch decision {
            case .done:
                complete(plan, rendered, sync.cause)
                return await settle(plan, decision, lane, rendered, sync)
            case .apply(_, let groups), .delete(let groups):
                guard sync.isAllowed, !isBlocked else {
                    return await settle(plan, decision, lane, rendered, sync)
                }
                // Hooks that run or go after the end are part of the sync that ended.
                let isAfterwards =
                    progress.record?.revision == rendered.revision
                    && groups.joined().allSatisfy { $0.phase == .syncFail || $0.isCleanup }
                if !isAfterwards { begin(sync.cause, plan, rendered.revision, by: sync.person) }
                if progress.snapshot.sync == .unknown { showBeginning(rendered) }
                guard isRecorded else { return waitForRecord(of: "that it is there") }
                guard let rights = await prepare(lane) else {
                    return await settle(plan, decision, lane, rendered, sync)
                }
                let repairs = sync.cause == .drift
                switch try await perform(groups, lane, rendered.revision, rights, isRepair: repairs) {
                case .tried: break
                case .outdated: return outdated(rendered)
                case .unreachable(let message):
                    finish(.failed, message)
                    return unreachable(message)
                }
                sync.cause = progress.record?.cause ?? sync.cause
            case .waitForHealth(let wave, let awaited):
                guard sync.isAllowed else { return await settle(plan, decision, lane, rendered, sync) }
                if waitFailure(awaited, plan) == nil || progress.record?.revision != rendered.revision {
                    begin(sync.cause, plan, rendered.revision, by: sync.person)
                    wait(before: wave, awaited, rendered)
                }
                return await settle(plan, decision, lane, rendered, sync)
            case .stuck: return await settle(plan, decision, lane, rendered, sync)
            }
        }
    }

    /// Shows an application whose first sync begins, which may last.
    private mutating func showBeginning(_ rendered: RenderedRevision) {
        show(.syncing, message: "Applies commit \(rendered.revision.short).", findings: rendered.findings) {
            $0.tool = rendered.tool
            $0.desired = rendered.revision
        }
    }

    /// Counts what there is before anything of a new revision is applied.
    private mutating func noteObjectsBefore(_ lane: ClusterLane, _ rendered: RenderedRevision) {
        let commit = rendered.revision.commit
        guard progress.objectsBefore?.commit != commit else { return }
        let live = lane.view.objects(label: cell.tracking.value)
        progress.objectsBefore = ObjectsBefore(
            commit: commit,
            count: DeletionPlanner.count(live, of: cell.tracking)
        )
    }

    func makePlan(_ lane: ClusterLane, _ rendered: RenderedRevision) -> Plan {
        var input = PlanInput(
            tracking: cell.tracking,
            revision: rendered.revision.short,
            desired: progress.desired,
            live: lane.view.objects(label: cell.tracking.value),
            now: now
        )
        for desired in progress.desired where input.live[desired.reference] == nil {
            guard let other = lane.view.object(desired.reference, wantedBy: cell.tracking.value),
                let owner = other.annotation(Tracking.annotation)
            else {
                continue
            }
            let name = owner.split(separator: ":").first.map(String.init) ?? owner
            if isHandedOver(by: name) {
                input.live[desired.reference] = other
            } else {
                input.foreign[desired.reference] = name
            }
        }
        input.settings = rendered.settings
        input.guardsOwnKinds = inputs.source.isPlatform ? .fleet : .none
        (input.approvals, input.refusals, input.recordedHooks) = cell.inputs.withLock {
            ($0.approvals, $0.refusals, $0.recordedHooks)
        }
        input.namespace = inputs.source.isPlatform ? "" : id.namespace
        input.contents = progress.contents.compactMapValues(\.content)
        input.schemas = lane.schemas.known
        input.dryRuns = progress.dryRuns
        input.hookResults = progress.hookResults
        input.hasFailed = progress.failedRevision == rendered.revision.commit
        input.applied = progress.applied
        if let before = progress.objectsBefore, before.commit == rendered.revision.commit {
            (input.objectsBefore, input.isOverBudget) = (before.count, before.isOverBudget)
        }
        input.occasion = progress.completed == rendered.revision.commit ? .repair : .newRevision
        input.failures = progress.failures
        input.pauses = progress.pauses
        input.sentDeletions = progress.sentDeletions
        input.brokenFiles = rendered.brokenFiles
        return Planner.plan(input)
    }

    /// Whether a directory was moved here from an application that had the same objects: its cluster has two names in the fleet, or
    /// the namespace went to another tenant.
    private func isHandedOver(by owner: String) -> Bool {
        guard let owner = ApplicationID(owner), let cell = environment.registry[owner],
            case .vanished(let tombstone) = cell.inputs.withLock({ $0.presence })
        else { return false }
        return tombstone.successor == id
    }

    /// How an object of the plan is, with what it made.
    func health(of step: Plan.Step, _ lane: ClusterLane) -> Health {
        guard let live = step.live else { return Health(.missing, "is not there") }
        let root = ObjectTree.Root(
            reference: step.reference,
            apiVersion: live.apiVersion,
            live: live,
            sync: .synced
        )
        let tree = ObjectTree([root], now: now, circumstances: lane.view.circumstances(now: now)) {
            lane.view.children(of: $0)
        }
        let node = tree.nodes.first { $0.id == step.reference.description }
        return Health(node?.health ?? .unknown, node?.message ?? "")
    }

    /// Whether something stops the application as a whole, and is not to be tried again yet.
    var isBlocked: Bool {
        guard let blocked = progress.blocked, let rendered = progress.rendered else { return false }
        return blocked.version == rendered.revision.commit && now < blocked.retryAt
    }

    /// Makes sure of the namespace and the rights in it; `nil` when that failed.
    private mutating func prepare(_ lane: ClusterLane) async -> NamespaceRights? {
        guard !inputs.source.isPlatform else { return .standing }
        do {
            let rights = try await environment.policy.prepare(id, client: lane.client)
            progress.blocked = nil
            return rights
        } catch {
            var finding = finding(.applyFailed, "Namespace \(id.namespace) cannot be prepared: \(error)")
            var isRetryable = true
            if let error = error as? DeliveryError {
                (finding, isRetryable) = (error.finding, error.isRetryable)
            }
            let attempts = (progress.blocked?.attempts ?? -1) + 1
            progress.blocked = FailedStep(
                digest: nil,
                version: progress.rendered?.revision.commit ?? "",
                message: isRetryable ? "" : "refused",
                retryAt: now
                    + (isRetryable ? Backoff(first: .seconds(1)) : Backoff(first: .seconds(15))).delay(
                        attempt: attempts
                    ).seconds,
                attempts: attempts,
                finding: finding
            )
            finish(.failed, finding.message)
            lane.view.watchAllowances()
            return nil
        }
    }

    /// Everything of the commit is there.
    private mutating func complete(_ plan: Plan, _ rendered: RenderedRevision, _ cause: SyncRecord.Cause) {
        let isNew = progress.completed != rendered.revision.commit
        let isRunning = progress.record?.result == .running
        progress.waveWait = nil
        progress.blocked = nil
        progress.failures = [:]
        progress.sentDeletions = [:]
        progress.pauses = progress.pauses.filter { now < $0.value.until }
        progress.fights.prune(now: now)
        progress.failedRevision = nil
        cell.inputs.withLock { inputs in
            // What a person said is about this deletion, not about one that some later commit asks for.
            let open = Set(
                plan.steps.filter { $0.action == .hold || $0.action == .delete }.map(\.reference.description)
            )
            inputs.approvals = inputs.approvals.filter { open.contains($0.key) }
            let live = Set(plan.steps.filter { $0.desired == nil }.map(\.reference.description))
            inputs.refusals = inputs.refusals.filter { live.contains($0.key) }
        }
        if !isRunning, cause == .manual || (isNew && progress.completed != nil) {
            // Nothing had to be changed; people look for an answer all the same.
            begin(cause, plan, rendered.revision, by: cause == .manual ? inputs.syncRequest?.person : nil)
        }
        progress.completed = rendered.revision.commit
        // Hooks of a commit that is complete are over with it.
        if isNew, !progress.hookResults.isEmpty { isToBeRecorded = true }
        if isNew || isRunning || progress.snapshot.applied != rendered.revision {
            progress.snapshotChange = SnapshotChange(applied: rendered.revision, appliedAt: now)
        }
        finish(.succeeded, "")
    }

    private mutating func outdated(_ rendered: RenderedRevision) -> ReconcileResult {
        finish(.superseded, "a newer commit is there")
        environment.wake(id)
        return .settled
    }

    private mutating func wait(
        before wave: Int,
        _ awaited: [SyncDecision.Awaited],
        _ rendered: RenderedRevision
    ) {
        let commit = rendered.revision.commit
        if progress.waveWait?.wave != wave || progress.waveWait?.commit != commit {
            progress.waveWait = Progress.WaveWait(wave: wave, commit: commit, since: now)
        }
        for item in awaited {
            let words = item.health.message.isEmpty ? "is \(item.health.state.rawValue)" : item.health.message
            note(item.reference, .none, .waiting, words)
            guard let dependent = item.dependent else { continue }
            note(
                dependent,
                .create,
                .waiting,
                "waits for \(item.reference.kind) \(item.reference.name): \(words)"
            )
        }
        publishRecord()
    }
}

/// Whether a sync may begin by itself, and what it is caused by.
struct SyncPermission {
    var isAllowed: Bool
    var cause: SyncRecord.Cause
    /// Who asked for it.
    var person: String?

    init(of pass: ReconcilePass, _ rendered: RenderedRevision) {
        let isNew = pass.progress.completed != rendered.revision.commit
        let isManual = pass.progress.record.map {
            $0.result == .running && $0.cause == .manual && $0.revision == rendered.revision
        }
        if pass.isAskedFor || isManual == true {
            (isAllowed, cause) = (true, .manual)
            person = pass.isAskedFor ? pass.inputs.syncRequest?.person : pass.progress.record?.person
        } else if isNew, let pin = pass.inputs.pin {
            (isAllowed, cause) = (true, .rollback)
            person = pin.person
        } else if isNew {
            let isRetry =
                pass.progress.record.map { $0.result == .failed && $0.revision == rendered.revision } ?? false
            (isAllowed, cause) = (rendered.settings.autoSync, isRetry ? .retry : .commit)
        } else if !pass.inputs.approvals.isEmpty {
            (isAllowed, cause) = (true, .approval)
            person = pass.inputs.approvals.values.sorted().first
        } else if !pass.progress.failures.isEmpty {
            (isAllowed, cause) = (rendered.settings.autoSync, .retry)
        } else {
            // What changed while nobody looked is no less somebody's wish than what changes now.
            isAllowed = rendered.settings.autoSync && rendered.settings.selfHeal
            cause = pass.progress.hasPlanned ? .drift : .start
        }
        if pass.inputs.isPaused { isAllowed = false }
    }
}
