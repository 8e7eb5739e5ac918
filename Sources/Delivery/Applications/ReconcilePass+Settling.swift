import KubeModel
import KubeRuntime
import Rendering
import Synchronization

/// What a snapshot is to say besides states.
struct SnapshotChange: Sendable {
    var applied: ApplicationSnapshot.Revision
    var appliedAt: Double
}

extension ReconcilePass {
    /// Seconds that a wave may take to become healthy.
    var waveDeadline: Double { progress.rendered?.settings.waveDeadline.seconds ?? 300 }

    /// Shows the state after everything that could be done now, and says when to look again.
    mutating func settle(
        _ plan: Plan,
        _ decision: SyncDecision,
        _ lane: ClusterLane,
        _ rendered: RenderedRevision,
        _ permission: SyncPermission
    ) async -> ReconcileResult {
        progress.hasPlanned = true
        let canAct = permission.isAllowed && progress.blocked == nil
        await lookForStrangers(plan, lane, canAct: canAct)
        let tree = makeTree(plan, lane, canAct: canAct)
        environment.board.publish(objects: tree.nodes, of: id)
        var findings = rendered.findings + plan.findings
        if let blocked = progress.blocked?.finding { findings.insert(blocked, at: 0) }
        if !progress.concessions.isEmpty {
            findings += progress.desired.compactMap { progress.concessions[$0.reference] }
        }
        for step in plan.steps {
            if case .failed = step.obstacle { findings += progress.failures[step.reference]?.more ?? [] }
        }
        if let rejected = progress.rejected { findings = rejected.findings + findings }
        var message = tree.health.message
        if case .waitForHealth(let wave, let awaited) = decision, let first = awaited.first {
            message = waitingWords(wave, first, others: awaited.count - 1)
            if let failure = waitFailure(awaited, plan) {
                message = failure
                findings.insert(Finding(code: .unhealthy, message: failure, since: now), at: 0)
                finish(.failed, failure)
            }
        }
        let sync = inputs.isPaused ? SyncState.paused : syncState(plan, decision, permission)
        if sync == .paused {
            let changes = plan.steps.count { $0.isChange }
            message =
                pauseWords
                + (changes == 0 ? "" : changes == 1 ? " 1 change waits." : " \(changes) changes wait.")
        }
        if message.isEmpty, sync == .syncing || sync == .outOfSync,
            let step = sync == .syncing
                ? plan.going ?? plan.steps.first(where: \.isChange) : plan.steps.first(where: \.isShown)
        {
            message = "\(step.reference.kind) \(step.reference.name): \(step.reason)"
        }
        if sync == .failed, progress.record?.result == .running {
            finish(.failed, findings.first { $0.severity == .error }?.message ?? message)
        }
        if isAskedFor { progress.record?.result == .running ? beginRequest() : endRequest() }
        let runsFailureHooks =
            progress.failedRevision == rendered.revision.commit && permission.isAllowed
            && plan.steps.contains { $0.phase == .syncFail && $0.reason == "runs only when a sync fails" }
        judgeSteps(tree)

        let applied = progress.snapshotChange
        progress.snapshotChange = nil
        let isHealthy = tree.health.state == .healthy && sync == .synced
        let now = now
        let desired = progress.rejected?.revision ?? rendered.revision
        show(sync, health: tree.health.state, message: message, findings: findings) { snapshot in
            snapshot.tool = rendered.tool
            snapshot.desired = desired
            snapshot.counts = tree.counts
            if let applied {
                if snapshot.applied != applied.applied {
                    (snapshot.appliedAt, snapshot.healthyAt) = (applied.appliedAt, nil)
                }
                snapshot.applied = applied.applied
            }
            if isHealthy, snapshot.healthyAt == nil { snapshot.healthyAt = now }
        }
        if runsFailureHooks { return .again(after: .milliseconds(20)) }
        return lookAgain(plan, permission, tree.lookAgainAt)
    }

    /// Why a wait cannot end well: a hook has failed, or the time is over.
    func waitFailure(_ awaited: [SyncDecision.Awaited], _ plan: Plan) -> String? {
        let hooks = Set(plan.steps.filter { $0.desired?.rules.hook != nil }.map(\.reference))
        if let failed = awaited.first(where: { $0.health.state == .degraded && hooks.contains($0.reference) })
        {
            return "Hook \(failed.reference.kind) \(failed.reference.name) failed: \(failed.health.message)"
        }
        guard let wait = progress.waveWait, now - wait.since > waveDeadline, let first = awaited.first
        else { return nil }
        let words = waitingWords(wait.wave, first, others: awaited.count - 1)
        return words
            + " (since \(Timestamp(wait.since).text), longer than the \(Int(waveDeadline)) s it may take)"
    }

    private func waitingWords(_ wave: Int, _ first: SyncDecision.Awaited, others: Int) -> String {
        let words = first.health.message.isEmpty ? first.health.state.rawValue : first.health.message
        let more = others > 0 ? " (and \(others) more)" : ""
        return "Wave \(wave) waits for \(first.reference.kind) \(first.reference.name)\(more): \(words)"
    }

    private func syncState(_ plan: Plan, _ decision: SyncDecision, _ permission: SyncPermission) -> SyncState
    {
        if let rejected = progress.rejected { return rejected.retryAt == nil ? .refused : .failed }
        if let blocked = progress.blocked { return blocked.message == "refused" ? .refused : .failed }
        switch decision {
        case .waitForHealth(_, let awaited):
            if waitFailure(awaited, plan) != nil { return .failed }
            return permission.isAllowed ? .syncing : .outOfSync
        case .apply, .delete: return permission.isAllowed ? .syncing : .outOfSync
        case .stuck, .done: break
        }
        if plan.findings.contains(where: { $0.code == .heldDeletion || $0.code == .budget }), plan.isDone {
            return .held
        }
        if plan.steps.contains(where: { if case .failed = $0.obstacle { true } else { false } }) {
            return .failed
        }
        if plan.findings.contains(where: { $0.code == .unknownKind && $0.severity == .error }) {
            return .failed
        }
        if plan.steps.contains(where: { if case .paused = $0.obstacle { true } else { false } }) {
            return .outOfSync
        }
        if !plan.isDone { return permission.isAllowed ? .syncing : .outOfSync }
        if plan.steps.contains(where: { $0.action == .refuse }) { return .refused }
        if plan.steps.contains(where: { $0.action == .hold }) { return .outOfSync }
        return rendered(isBroken: \.brokenFiles) ? .failed : .synced
    }

    private func rendered(isBroken files: KeyPath<RenderedRevision, Set<String>>) -> Bool {
        !(progress.rendered?[keyPath: files].isEmpty ?? true)
    }

    private func lookAgain(_ plan: Plan, _ permission: SyncPermission, _ health: Double?) -> ReconcileResult {
        var times = [health]
        if plan.steps.contains(where: { $0.action == .hold && progress.contents[$0.reference] != nil }) {
            times.append(now + 30)
        }
        for step in plan.steps {
            switch step.obstacle {
            case .failed(_, let time), .paused(let time): times.append(time)
            default: break
            }
        }
        if let blocked = progress.blocked { times.append(blocked.retryAt) }
        if let retryAt = progress.rejected?.retryAt { times.append(retryAt) }
        if let strangers = progress.strangers { times.append(strangers.lookAgainAt) }
        if !progress.isResolved { times.append(progress.resolveAt) }
        if let wait = progress.waveWait, !plan.isDone, now - wait.since < waveDeadline {
            times.append(wait.since + waveDeadline + 0.5)
        }
        return lookAgain(times)
    }
}
