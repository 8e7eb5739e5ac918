import KubeClient
import KubeModel
import KubeRuntime
import Logging
import Rendering
import Synchronization

extension ReconcilePass {
    /// Removes what a directory that is gone has left, once it can no longer be brought back.
    mutating func bury(_ tombstone: Tombstone) async throws -> ReconcileResult {
        let commit = String(tombstone.commit.prefix(7))
        if tombstone.isHeld {
            let finding = Finding(
                severity: .warning,
                code: .budget,
                message:
                    "Commit \(commit) removes more than \(Burials.limit) directories of tenant \(id.tenant) in cluster "
                    + "\(id.cluster); this one waits for approval with: varde app approve \(id)",
                origin: inputs.source.path,
                since: now
            )
            show(.held, findings: [finding])
            return .settled
        }
        let delay = await environment.policy.deletionDelay(of: id.tenant).seconds
        let due = tombstone.since + delay
        if holdsNothing { return try await leave() }
        if let successor = tombstone.successor, let words = unfinished(successor) {
            show(
                .deleting,
                message: "Moved to \(successor) by commit \(commit): kept until that is healthy (\(words)).",
                findings: []
            )
            return .again(after: .seconds(1))
        }
        guard now >= due else {
            let time = Timestamp(due).text
            show(
                .deleting,
                message:
                    "The directory is gone since commit \(commit): deleted at \(time) unless it comes back.",
                findings: []
            )
            return lookAgain([due])
        }
        guard let lane = environment.lanes[id.cluster] else { return withoutLane(tombstone) }
        if let failure = lane.view.failure { return unreachable(failure) }
        guard lane.view.isComplete(for: []) else {
            show(.deleting, message: "Reads what cluster \(id.cluster) has.", findings: [])
            return .settled
        }
        do {
            return try await bury(tombstone, lane)
        } catch let error as DeliveryError where error.finding.code == .heldDeletion {
            var finding = error.finding
            (finding.severity, finding.object) = (.warning, namespaceReference.description)
            finding.message += " Approve with: varde app approve \(id)"
            finish(.succeeded, "")
            show(.held, findings: [finding])
            return .again(after: .seconds(30))
        } catch let error as DeliveryError {
            return failed(error.finding)
        } catch let error as ClientError {
            return unreachable(error.message)
        } catch let error as StatusError {
            return failed(finding(.applyFailed, "The cluster answered: \(error.message)"))
        }
    }

    /// Why the place that a directory was moved to is not ready yet; `nil` when it is, or when there is none any more.
    private func unfinished(_ successor: ApplicationID) -> String? {
        guard let cell = environment.registry[successor],
            cell.inputs.withLock({ $0.presence == .present || $0.presence == .unknown })
        else { return nil }
        guard let snapshot = environment.board.application(successor) else { return "not looked at yet" }
        if snapshot.sync == .synced, snapshot.applied != nil,
            snapshot.health == .healthy || snapshot.health == .suspended
        {
            let mayBeEmpty = cell.progress.withLock { $0.rendered?.settings.allowEmpty ?? false }
            return snapshot.counts.total > 0 || mayBeEmpty
                ? nil : "it has no object yet; if that is meant, set allowEmpty: true there"
        }
        return snapshot.message.isEmpty
            ? "\(snapshot.sync.rawValue), \(snapshot.health.rawValue)"
            : "\(snapshot.sync.rawValue), \(snapshot.health.rawValue): \(snapshot.message)"
    }

    private var namespaceReference: ObjectReference {
        ObjectReference(group: "", kind: "Namespace", namespace: "", name: id.namespace)
    }

    /// Whether the directory never came to anything, so that there is nothing to be brought back.
    private var holdsNothing: Bool {
        progress.snapshot.applied == nil && progress.record == nil && progress.snapshot.counts.total == 0
            && (environment.lanes[id.cluster]?.view.objects(label: cell.tracking.value).isEmpty ?? true)
    }

    /// Removes what a directory that never came to anything may have left: its namespace.
    private mutating func leave() async throws -> ReconcileResult {
        guard let lane = environment.lanes[id.cluster] else {
            return environment.isExpected(id.cluster) ? unreachable(noConnection) : forget()
        }
        if let failure = lane.view.failure { return unreachable(failure) }
        guard lane.view.isComplete(for: []) else { return .again(after: .milliseconds(200)) }
        guard holdsNothing else { return .again(after: .milliseconds(20)) }
        return try await release(lane) ? forget() : .again(after: .seconds(5))
    }

    /// A cluster that the fleet has, but that is not connected yet, may still hold objects; so may one that has left the fleet,
    /// which may come back.
    private mutating func withoutLane(_ tombstone: Tombstone) -> ReconcileResult {
        if environment.isExpected(id.cluster) { return unreachable(noConnection) }
        let end = tombstone.since + Burials.patience.seconds
        guard now < end else { return forget() }
        var finding = finding(
            .unknownCluster,
            "There is no cluster \(id.cluster) in the fleet: what the directory left there stays. If the cluster comes back before "
                + "\(Timestamp(end).text), it is deleted.",
            origin: inputs.source.path
        )
        finding.severity = .warning
        show(.deleting, health: .unknown, findings: [finding])
        return .again(after: .seconds(min(3_600, end - now)))
    }

    private mutating func bury(_ tombstone: Tombstone, _ lane: ClusterLane) async throws -> ReconcileResult {
        restoreNumber()
        let revision = ApplicationSnapshot.Revision(
            commit: tombstone.commit,
            author: "",
            subject: "directory removed",
            time: tombstone.since
        )
        var plan = removalPlan(lane, revision)
        if try await lookInside(plan, lane) { plan = removalPlan(lane, revision) }
        let doomed = plan.steps.filter { $0.action == .delete }
        if doomed.contains(where: \.isRunnable),
            case .delete(let groups) = SyncDecision(plan, health: { _ in Health(.healthy) })
        {
            if tombstone.successor != nil, try await isBehind(doomed, lane) {
                return .again(after: .seconds(1))
            }
            begin(.deletion, plan, revision, by: inputs.approvals.values.sorted().first)
            show(.deleting, message: "Deletes \(doomed.count) objects.", findings: [])
            _ = try await perform(groups, lane, revision, isRepair: false)
            if isOutdated { return .settled }
        }
        let rest = removalPlan(lane, revision)
        publishRemains(rest, lane)
        if let waiting = rest.going ?? rest.steps.first(where: { $0.action == .delete }) {
            let findings = rest.findings
            let holders = waiting.live?.finalizers ?? []
            let held = holders.isEmpty ? "" : " (held by \(holders.joined(separator: ", ")))"
            show(
                findings.contains { $0.severity == .error } ? .failed : .deleting,
                message: "Waits until \(waiting.reference.kind) \(waiting.reference.name) is gone\(held).",
                findings: findings
            )
            return .again(after: .seconds(5))
        }
        if rest.steps.contains(where: { $0.action == .hold }) {
            finish(.succeeded, "")
            show(.held, findings: rest.findings)
            return .settled
        }
        guard rest.steps.isEmpty else {
            if isOutdated { return .settled }
            try await letGo(of: rest, lane)
            // Something is to be kept, and needs its namespace.
            finish(.succeeded, "")
            return forget()
        }
        if let finding = try await claimsInNamespace(lane, revision) {
            show(.held, findings: [finding])
            return .settled
        }
        let words = "Waits until namespace \(id.namespace) is gone\(await remains(lane))."
        // What is held may be approved while it is looked at once more.
        if progress.snapshot.sync != .held || isNamespaceApproved {
            show(.deleting, message: words, findings: [])
        }
        guard try await release(lane) else {
            show(.deleting, message: words, findings: [])
            return .again(after: .seconds(1))
        }
        finish(.succeeded, "")
        return isOutdated ? .settled : forget()
    }

    /// Takes the marks from what is kept: of an application that is gone nobody else could ever have it.
    private func letGo(of plan: Plan, _ lane: ClusterLane) async throws {
        let client = await writer(lane).client
        for step in plan.steps {
            guard let live = step.live, let resource = lane.view.resource(of: step.reference) else {
                continue
            }
            let marks: JSON = [
                "uid": .string(live.uid), "labels": [Tracking.label: nil],
                "annotations": [Tracking.annotation: nil, Tracking.source: nil],
            ]
            do {
                _ = try await client.patch(resource, live.objectName, merge: ["metadata": marks])
            } catch let error as StatusError where !error.isRetryable {
                // It stays as it is: that it is kept matters more.
                environment.logger.notice(
                    "marks not taken away",
                    metadata: ["object": "\(step.reference)", "error": "\(error.message)"]
                )
            }
        }
    }

    /// Whether some of the objects are another application's by now, which this cluster's view does not show yet.
    private func isBehind(_ doomed: [Plan.Step], _ lane: ClusterLane) async throws -> Bool {
        for step in doomed {
            guard let live = step.live,
                let resource = try await lane.client.discovery.resource(for: live.gvk),
                let newest = try await lane.client.find(resource, live.objectName)
            else { continue }
            if !cell.tracking.owns(newest) { return true }
        }
        return false
    }

    private func removalPlan(_ lane: ClusterLane, _ revision: ApplicationSnapshot.Revision) -> Plan {
        var input = PlanInput(
            tracking: cell.tracking,
            revision: revision.short,
            desired: [],
            live: lane.view.objects(label: cell.tracking.value),
            now: now
        )
        input.purpose = .removal
        (input.approvals, input.refusals) = cell.inputs.withLock { ($0.approvals, $0.refusals) }
        input.contents = progress.contents.compactMapValues(\.content)
        input.failures = progress.failures
        input.sentDeletions = progress.sentDeletions
        return Planner.plan(input)
    }

    private mutating func publishRemains(_ plan: Plan, _ lane: ClusterLane) {
        let known = environment.board.objects(of: id)
        let roots = plan.steps.map { step in
            ObjectTree.Root(
                reference: step.reference,
                apiVersion: step.live?.apiVersion ?? "",
                live: step.live,
                sync: step.action == .hold ? .held : step.action == .none ? .synced : .deleting,
                message: step.reason,
                countsForHealth: false
            )
        }
        let tree = ObjectTree(roots, previous: known, now: now) { lane.view.children(of: $0) }
        environment.board.publish(objects: tree.nodes, of: id)
    }

    /// Claims that others made in the namespace, such as StatefulSets: their data would go with it.
    private func claimsInNamespace(
        _ lane: ClusterLane,
        _ revision: ApplicationSnapshot.Revision
    ) async throws -> Finding? {
        let approvals = cell.inputs.withLock { $0.approvals }
        let claims = try await lane.client.list(.persistentVolumeClaims, namespace: id.namespace).items.filter
        {
            approvals[$0.reference.description] == nil && !$0.isBeingDeleted
        }
        guard let first = claims.first else { return nil }
        let more = claims.count > 1 ? " and \(claims.count - 1) more" : ""
        return Finding(
            severity: .warning,
            code: .heldDeletion,
            message:
                "Namespace \(id.namespace) still has PersistentVolumeClaim \(first.name)\(more): the data would be lost. "
                + "Approve with: varde app approve \(id)",
            object: first.reference.description,
            since: now
        )
    }

    private var isNamespaceApproved: Bool {
        cell.inputs.withLock { $0.approvals[namespaceReference.description] != nil }
    }

    /// - Returns: `false` when the namespace has not gone within the time that a worker can wait.
    private func release(_ lane: ClusterLane) async throws -> Bool {
        let isApproved = isNamespaceApproved
        // What the cluster says of the namespace meanwhile is to be shown.
        let released: Void? = try await withDeadline(.seconds(10)) { [environment, id] in
            try await environment.policy.release(
                id,
                foreign: isApproved ? .delete : .hold,
                client: lane.client
            )
        }
        return released != nil
    }

    /// Why the namespace is still there, in brackets, where the cluster says that.
    private func remains(_ lane: ClusterLane) async -> String {
        // Only a word in a message: without an answer it is left out.
        let live = try? await lane.client.find(.namespaces, ObjectName(name: id.namespace))
        return live.flatMap(NamespaceRemains.sentence(of:)).map { " (\($0))" } ?? ""
    }

    private func forget() -> ReconcileResult {
        let isGone = cell.inputs.withLock { inputs in
            guard inputs.presence == self.inputs.presence else { return false }
            inputs.isForgotten = true
            return true
        }
        guard isGone else { return .settled }
        environment.registry.remove(cell)
        environment.board.publish(.applicationRemoved(id))
        environment.records.enqueue(id)
        return .settled
    }
}
