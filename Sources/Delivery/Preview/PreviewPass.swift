import GitSource
import KubeClient
import KubeModel
import Rendering
import Synchronization

/// Plans one application as its reconcile would, on a copy of what that knows; writes and shows nothing.
struct PreviewPass: Sendable {
    let environment: DeliveryEnvironment
    let candidate: Previewer.Candidate
    let repository: GitRepository
    let scope: PreviewRequest.Scope
    /// The directories that the commit takes from the tenant in this cluster.
    let vanishing: [ApplicationID]
    let moves: Previewer.Moves

    private static let patience = Duration.seconds(20)

    private var id: ApplicationID { candidate.id }

    /// - Returns: `nil` when the commit changes nothing for it.
    func preview() async throws -> ApplicationPreview? {
        do {
            if scope == .changed, try await isSame() { return nil }
        } catch is GitError {
            // What cannot be compared is planned, which says what is wrong.
        }
        var result = ApplicationPreview(
            id: id,
            path: candidate.source.path,
            presence: candidate.trees.isEmpty ? .removed : candidate.baseTrees.isEmpty ? .new : .present
        )
        (result.movedTo, result.movedFrom) = (moves.targets[id], moves.origins[id])
        if let origin = result.movedFrom {
            result.notes.append("Moved from \(origin), where everything is kept until this is healthy.")
        }
        do {
            if let refusal = try await plan(into: &result) {
                result.findings.append(refusal)
                result.isRefused = result.isRefused || refusal.severity == .error
            }
        } catch let error as GitError {
            refuse(&result, .sourceUnreadable, error.message)
        } catch let error as ClientError {
            refuse(&result, .clusterUnreachable, "Cluster \(id.cluster) does not answer: \(error.message)")
        } catch let error as StatusError {
            refuse(&result, .applyFailed, "The cluster answered: \(error.message)")
        }
        return result
    }

    private func refuse(_ result: inout ApplicationPreview, _ code: Finding.Code, _ message: String) {
        result.findings.append(finding(code, message))
        result.isRefused = true
    }

    private func finding(_ code: Finding.Code, _ message: String) -> Finding {
        Finding(code: code, message: message, origin: candidate.source.path, since: environment.now())
    }

    /// Whether every file that the branch's rendering was made from is the same in the commit.
    private func isSame() async throws -> Bool {
        guard candidate.trees == candidate.baseTrees else { return false }
        if candidate.head.tree == candidate.base.tree { return true }
        guard case .directory(let path) = candidate.source.layout else { return true }
        let request = RenderRequest(
            repository: repository,
            commit: candidate.base,
            path: path,
            namespace: candidate.source.isPlatform ? "" : id.namespace,
            clusterName: id.cluster
        )
        return try await environment.renderer.isSame(request, at: candidate.head)
    }

    /// - Returns: Why there is no plan, when there is none.
    private func plan(into result: inout ApplicationPreview) async throws -> Finding? {
        if candidate.trees.isEmpty { return try await removal(into: &result) }
        let (lane, problem) = lane()
        guard let lane else { return problem }
        if !candidate.source.isPlatform {
            if let refusal = await environment.policy.refusal(of: id, path: candidate.source.path) {
                return refusal
            }
        }
        if let silence = silence(of: lane) { return silence }
        var pass = ReconcilePass(environment, shadow())
        pass.queueing = .waits
        try await pass.readRevision(at: candidate.head, lane)
        if let rejected = pass.progress.rejected {
            result.findings += rejected.findings
            result.isRefused = true
            return nil
        }
        guard let rendered = pass.progress.rendered else { return nil }
        result.tool = rendered.tool
        result.findings += rendered.findings
        if let problem = rendered.renderings.lazy.compactMap(\.settingsProblem).first {
            result.findings.append(Finding(problem, since: environment.now()))
        }
        let resources = Set(pass.progress.desired.compactMap(\.resource))
        lane.view.watch(resources)
        if let problem = try await incompleteness(lane, resources) { return problem }
        let plan = pass.makePlan(lane, rendered)
        take(plan, into: &result)
        // One that refuses has refused the commit before.
        result.findings += await pass.refusals(of: pass.progress.desired)
        if !rendered.settings.autoSync {
            result.notes.append("Automatic syncs are off: `varde app sync \(id)` is needed.")
        }
        result.notes += pass.interventionWords
        await ServerCheck(
            environment: environment,
            id: id,
            isPlatform: candidate.source.isPlatform,
            lane: lane
        )
        .check(plan, &result)
        result.effects.add(plan, result.objects)
        return nil
    }

    private func take(_ plan: Plan, into result: inout ApplicationPreview) {
        result.findings += plan.findings
        for step in plan.steps {
            if step.action == .none {
                result.unchanged += 1
            } else {
                result.objects.append(ObjectPreview(step))
            }
        }
    }

    private func removal(into result: inout ApplicationPreview) async throws -> Finding? {
        let (lane, problem) = lane()
        guard let lane else {
            let isUnknown = !environment.isExpected(id.cluster)
            guard isUnknown, environment.registry[id]?.hasDelivered != true else { return problem }
            result.notes.append(
                "Nothing of it was ever delivered: there is no cluster \(id.cluster) in the fleet."
            )
            return nil
        }
        // A view that is still being read shows nothing, which would look like nothing to delete.
        if let problem = try await incompleteness(lane, []) { return problem }
        guard hasDelivered(id, lane) else {
            result.notes.append("Nothing of it was ever delivered.")
            return nil
        }
        let tracking = Tracking(id)
        var input = PlanInput(
            tracking: tracking,
            revision: String(candidate.head.id.hex.prefix(7)),
            desired: [],
            live: lane.view.objects(label: tracking.value),
            now: environment.now()
        )
        input.purpose = .removal
        take(Planner.plan(input), into: &result)
        if let target = result.movedTo {
            move(&result, to: target)
            return nil
        }
        let count = vanishing.count { hasDelivered($0, lane) }
        guard count > Burials.limit else {
            result.notes.append(
                "The directory is gone: its objects and the namespace \(id.namespace) are deleted after "
                    + "\(pinWords)the tenant's delay."
            )
            return nil
        }
        for index in result.objects.indices where result.objects[index].action == .delete {
            result.objects[index].action = .hold
            result.objects[index].reason = "over the deletion budget"
        }
        result.findings.append(
            Finding(
                severity: .warning,
                code: .budget,
                message:
                    "\(count) directories of tenant \(id.tenant) in cluster \(id.cluster) would go at once: "
                    + "each waits for approval.",
                since: environment.now()
            )
        )
        return nil
    }

    /// Whether a directory came to anything, as discovery asks it; of one that nobody here delivers, the cluster tells.
    private func hasDelivered(_ id: ApplicationID, _ lane: ClusterLane) -> Bool {
        environment.registry[id]?.hasDelivered ?? false
            || !lane.view.objects(label: Tracking(id).value).isEmpty
    }

    private var pinWords: String {
        guard let pin = environment.registry[id]?.inputs.withLock({ $0.pin }),
            environment.now() < pin.expiresAt
        else { return "" }
        return "its pin ends (\(Timestamp(pin.expiresAt).text)) and "
    }

    /// Nothing goes with the commit; what would need approval later is said now.
    private func move(_ result: inout ApplicationPreview, to target: ApplicationID) {
        result.presence = .moved
        let going = result.objects.count { $0.action == .delete }
        result.objects.removeAll { $0.action == .delete }
        result.unchanged += going
        let objects = going == 1 ? "its object goes" : "its \(going) objects go"
        result.notes.append(
            "Moved to \(target): what runs here is kept until that is healthy; then \(objects), with the namespace "
                + "\(id.namespace)."
        )
    }

    private func lane() -> (ClusterLane?, Finding?) {
        if let lane = environment.lanes[id.cluster] { return (lane, nil) }
        guard environment.isExpected(id.cluster) else {
            return (nil, finding(.unknownCluster, "There is no cluster \(id.cluster) in the fleet."))
        }
        return (
            nil,
            finding(
                .clusterUnreachable,
                "Cluster \(id.cluster) does not answer: \(environment.noConnection(to: id.cluster))"
            )
        )
    }

    private func silence(of lane: ClusterLane) -> Finding? {
        lane.view.failure.map {
            finding(.clusterUnreachable, "Cluster \(id.cluster) does not answer: \($0)")
        }
    }

    /// Waits until everything that the application may have in the cluster is known.
    ///
    /// - Returns: Why it is not, after some patience.
    private func incompleteness(_ lane: ClusterLane, _ resources: Set<APIResource>) async throws -> Finding? {
        let deadline = ContinuousClock.now + Self.patience
        while !lane.view.isComplete(for: resources) {
            if let silence = silence(of: lane) { return silence }
            guard ContinuousClock.now < deadline else {
                return finding(
                    .clusterUnreachable,
                    "What cluster \(id.cluster) has could not be read in \(Self.patience.components.seconds) s."
                )
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        return nil
    }

    /// The application as it would be told of the commit; nobody else sees this one.
    private func shadow() -> ApplicationCell {
        let shadow = ApplicationCell(id: id, source: candidate.source, now: environment.now())
        if let cell = environment.registry[id] {
            let inputs = cell.inputs.withLock { $0 }
            let progress = cell.progress.withLock { $0 }
            shadow.inputs.withLock { $0 = inputs }
            shadow.progress.withLock {
                $0 = progress
                // A pass that finds the same commit rejected before would not look again.
                if $0.rejected?.commit.id == candidate.head.id { $0.rejected = nil }
                // What failed is tried again with another commit; whether it would still fail is asked anew.
                $0.failures = [:]
            }
        }
        shadow.inputs.withLock {
            $0.source = candidate.source
            $0.presence = .present
            $0.commit = candidate.head
            $0.trees = candidate.trees
            $0.sourceFinding = nil
            $0.syncRequest = nil
        }
        return shadow
    }
}
