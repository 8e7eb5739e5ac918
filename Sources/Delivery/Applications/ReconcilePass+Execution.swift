import KubeClient
import KubeModel
import KubeRuntime
import Synchronization

extension ReconcilePass {
    enum Performance {
        /// Everything was tried; what failed is in ``Progress/failures``.
        case tried
        /// A newer commit is there.
        case outdated
        /// The cluster stopped answering.
        case unreachable(String)
    }

    /// Writes groups of objects, one group after the other.
    mutating func perform(
        _ groups: [[Plan.Step]],
        _ lane: ClusterLane,
        _ revision: ApplicationSnapshot.Revision,
        _ rights: NamespaceRights = .standing,
        isRepair: Bool
    ) async throws -> Performance {
        var writer = await writer(lane)
        if rights == .new { writer.patience = Patience(tries: 7) }
        for group in groups {
            try Task.checkCancellation()
            guard !isOutdated else { return .outdated }
            if let failure = await perform(group, writer, lane, revision, isRepair: isRepair) {
                return .unreachable(failure)
            }
        }
        return .tried
    }

    /// Writes as the application's tenant.
    func writer(_ lane: ClusterLane) async -> ObjectWriter {
        var client = lane.client
        if !inputs.source.isPlatform {
            client = client.acting(as: await environment.policy.identity(of: id.tenant))
        }
        return ObjectWriter(
            client: client,
            slots: lane.slots,
            waitsForDependents: !inputs.source.isPlatform,
            now: environment.now
        )
    }

    /// - Returns: Why the cluster does not answer, if it does not.
    private mutating func perform(
        _ group: [Plan.Step],
        _ writer: ObjectWriter,
        _ lane: ClusterLane,
        _ revision: ApplicationSnapshot.Revision,
        isRepair: Bool
    ) async -> String? {
        for step in group { note(step.reference, step.action, .applying, step.reason) }
        publishRecord()
        var repairs: [(Plan.Step, KubeObject)] = []
        var answers: [KubeObject] = []
        var unreachable: String?
        var isOfUnknownKind = false
        var publishedAt = now
        await withTaskGroup(of: (Plan.Step, ObjectWriter.Outcome).self) { tasks in
            var waiting = group[...]
            for _ in 0..<16 {
                guard let step = waiting.popFirst() else { break }
                tasks.addTask {
                    (step, await writer.perform(step, resource: lane.view.resource(of: step.reference)))
                }
            }
            for await (step, outcome) in tasks {
                if case .applied(let object, _, _) = outcome, step.desired?.resource?.isWatchable == true {
                    answers.append(object)
                }
                let mends = isRepair || isSomebodysChange(step)
                var step = step
                if case .applied(let object, _, _) = outcome, hasLostMarks(step, object) {
                    step.reason = "lost its label \(Tracking.label)"
                    step.action = .update
                } else if case .applied(_, _, .some) = outcome {
                    // It was there, though not Varde's.
                    step.action = .update
                }
                if take(outcome, of: step, lane, isRepair: mends), case .applied(let object, _, _) = outcome,
                    mends
                {
                    repairs.append((step, object))
                }
                if case .failed(let failure) = outcome {
                    if failure.isUnreachable { unreachable = failure.finding.message }
                    if failure.isForbidden { lane.view.watchAllowances() }
                    if failure.isOfUnknownKind { isOfUnknownKind = true }
                }
                if now - publishedAt > 0.1 {
                    publishedAt = now
                    publishRecord()
                }
                if unreachable == nil, !Task.isCancelled, let step = waiting.popFirst() {
                    tasks.addTask {
                        (step, await writer.perform(step, resource: lane.view.resource(of: step.reference)))
                    }
                }
            }
        }
        publishRecord()
        if isOfUnknownKind {
            // Its definition, or a version of it, went: what is known of the cluster's kinds is read again.
            try? await lane.client.discovery.refresh()  // Tried again when the kind is resolved.
            await lane.view.followKinds()
            (progress.isResolved, progress.resolveAt, progress.resolveAttempts) = (false, now, 0)
            environment.wake(id)
        }
        await lane.view.waitUntilSeen(answers)
        let events = EventWriter(client: lane.client, logger: environment.logger, now: environment.now)
        for (step, object) in repairs.prefix(20) {
            await events.write("Repaired", repairWords(step, revision), about: object)
        }
        return unreachable
    }

    /// Whether an object was as its manifest says before, so that somebody must have changed it since.
    private func isSomebodysChange(_ step: Plan.Step) -> Bool {
        guard let desired = step.desired, progress.failures[step.reference] == nil else { return false }
        return progress.applied[step.reference]?.digest == desired.digest
    }

    /// Whether an object that seemed to be gone was only not to be known any more.
    private func hasLostMarks(_ step: Plan.Step, _ answer: KubeObject) -> Bool {
        step.action == .create && !answer.uid.isEmpty && progress.applied[step.reference]?.uid == answer.uid
    }

    /// - Returns: Whether the object is now as it should be.
    private mutating func take(
        _ outcome: ObjectWriter.Outcome,
        of step: Plan.Step,
        _ lane: ClusterLane,
        isRepair: Bool
    ) -> Bool {
        let reference = step.reference
        switch outcome {
        case .applied(let object, let concession, let adopted):
            progress.concessions[reference] = concession
            progress.dryRuns[reference] = nil
            guard let desired = step.desired else { return true }
            let isChanged = object.resourceVersion != step.live?.resourceVersion
            progress.applied[reference] = AppliedObject(
                applied: desired,
                answer: object,
                manager: Planner.manager
            )
            progress.failures[reference] = nil
            lane.view.absorb(object)
            if step.action == .create {
                count(reference, \.created)
            } else if isChanged {
                count(reference, \.updated)
            }
            let words = adopted ?? step.reason
            note(reference, step.action, .applied, words)
            if desired.object.kind == "CustomResourceDefinition" {
                (progress.resolveAt, progress.resolveAttempts) = (now, 0)
                lane.schemas.forget(group: desired.object.at("spec", "group")?.string ?? "")
            }
            if isRepair, isChanged, let pause = progress.fights.repaired(reference, at: now) {
                fight(step, object, pause: pause)
            }
            return isChanged
        case .leftAlone:
            guard let desired = step.desired else { return true }
            progress.failures[reference] = nil
            progress.applied[reference] = .leftAlone(desired)
            note(reference, .none, .skipped, "is there already; only created, never changed")
            return false
        case .deleted:
            progress.failures[reference] = nil
            progress.applied[reference] = nil
            if step.action == .delete { count(reference, \.deleted) }
            // It may have been in what is held, too.
            progress.contents = [:]
            if step.approver != nil {
                cell.inputs.withLock { _ = $0.approvals.removeValue(forKey: reference.description) }
                if progress.record?.person == nil { progress.record?.person = step.approver }
                environment.records.enqueue(id)
            }
            noteDeletion(step)
            progress.sentDeletions[reference] = step.live?.uid
            return true
        case .failed(let failure):
            let attempts = (progress.failures[reference]?.attempts ?? -1) + 1
            progress.failures[reference] = FailedStep(
                digest: step.desired?.digest,
                version: step.live?.resourceVersion ?? "",
                message: failure.finding.message,
                retryAt: now + Backoff().delay(attempt: attempts).seconds,
                attempts: attempts,
                finding: failure.finding,
                more: failure.more
            )
            note(reference, step.action, .failed, failure.finding.message)
            return false
        }
    }

    private mutating func noteDeletion(_ step: Plan.Step) {
        guard step.isCleanup else { return note(step.reference, step.action, .applied, step.reason) }
        // Of a hook that is over nothing is awaited any more; how it ended is what counts.
        if case .failed(let message) = progress.hookResults[step.reference]?.outcome {
            note(step.reference, step.action, .failed, "\(message); \(step.reason)")
        } else {
            note(step.reference, step.action, .healthy, step.reason)
        }
    }

    /// Somebody keeps changing an object back: leaves it alone for a while, and says so.
    private mutating func fight(_ step: Plan.Step, _ object: KubeObject, pause: Double) {
        let name = "\(step.reference.kind) \(step.reference.name)"
        let rival = FieldOwnership(step.live ?? object).latestOther(than: Planner.manager)
        let who = rival.map { "\"\($0)\" keeps" } ?? "somebody keeps"
        let finding = Finding(
            severity: .warning,
            code: .fight,
            message:
                "\(name) was repaired \(FightLog.limit) times in a minute; \(who) changing it: \(step.reason). "
                + "It is left alone for \(Int(pause)) s.",
            origin: step.desired.map { "\($0.origin)" },
            object: step.reference.description,
            since: now
        )
        progress.pauses[step.reference] = PausedObject(until: now + pause, finding: finding)
    }

    private func repairWords(_ step: Plan.Step, _ revision: ApplicationSnapshot.Revision) -> String {
        step.action == .create
            ? "Was deleted by someone; made again from commit \(revision.short)."
            : "Was changed by someone (\(step.reason)); set back to commit \(revision.short)."
    }
}
