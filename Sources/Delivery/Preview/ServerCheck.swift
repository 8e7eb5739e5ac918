import KubeClient
import KubeModel
import Synchronization

/// Asks a cluster, by dry runs, what it would say to a plan: what it would refuse, what others own, what is there already.
struct ServerCheck: Sendable {
    let environment: DeliveryEnvironment
    let id: ApplicationID
    let isPlatform: Bool
    let lane: ClusterLane

    private static let atOnce = 8
    private static let most = 2_000

    private enum Answer: Sendable {
        case accepted
        /// The object would be this afterwards.
        case changed(KubeObject)
        /// Nothing would change after all.
        case same
        /// There is such an object, which nobody's application marks.
        case exists(KubeObject)
        /// Fields that stay as others have them.
        case concession(Finding, fields: [String], over: KubeObject?)
        case refused(String, code: Int)
        /// It can only be changed by being made anew.
        case remade
    }

    func check(_ plan: Plan, _ result: inout ApplicationPreview) async {
        let steps = plan.steps.filter {
            ($0.action == .create || $0.action == .update) && $0.obstacle == nil
                && $0.desired?.resource != nil
        }
        guard !steps.isEmpty else { return }
        guard await isReady(&result) else { return }
        let identity = isPlatform ? nil : await environment.policy.identity(of: id.tenant)
        let client = lane.client.acting(as: identity)
        let answers = await withTaskGroup(of: (String, Answer).self) { group in
            var answers: [String: Answer] = [:]
            for (index, step) in steps.prefix(Self.most).enumerated() {
                if index >= Self.atOnce, let (object, answer) = await group.next() {
                    answers[object] = answer
                }
                group.addTask { (step.reference.description, await ask(step, client)) }
            }
            for await (object, answer) in group { answers[object] = answer }
            return answers
        }
        for index in result.objects.indices {
            guard let answer = answers[result.objects[index].object] else { continue }
            take(answer, plan, &result.objects[index], &result.findings)
            guard case .refused(let message, let code) = answer,
                let step = steps.first(where: { $0.reference.description == result.objects[index].object })
            else { continue }
            result.effects.refusals[result.objects[index].object] = CommitEffects.Refusal(
                message: message,
                code: code,
                object: step.reference,
                place: CommitEffects.Place(step)
            )
        }
        let count = result.objects.count
        result.objects.removeAll { $0.action == .none }
        result.unchanged += count - result.objects.count
    }

    private func take(
        _ answer: Answer,
        _ plan: Plan,
        _ object: inout ObjectPreview,
        _ findings: inout [Finding]
    ) {
        switch answer {
        case .accepted: break
        case .changed(let answer): settle(answer, plan, &object)
        case .same: object.action = .none
        case .exists(let live): takeOver(live, plan, &object)
        case .concession(var finding, let kept, let live):
            if let live { takeOver(live, plan, &object) }
            (finding.origin, finding.object) = (object.origin, object.object)
            findings.append(finding)
            let paths = Set(kept.map { $0.filter { $0 != "\"" } })
            let known = object.fields.count
            object.fields.removeAll { paths.contains($0.path) }
            if known > 0, object.fields.isEmpty { object.action = .none }
        case .refused(let message, _): object.failure = message
        case .remade: object.reason += "; that cannot be changed, so it is deleted and made anew (Force=true)"
        }
    }

    /// Leaves out what an admission sets back to what it is, and shows what it makes of the rest.
    private func settle(_ answer: KubeObject, _ plan: Plan, _ object: inout ObjectPreview) {
        guard var step = plan.steps.first(where: { $0.reference.description == object.object }),
            let desired = step.desired, let live = step.live
        else { return }
        let unmet = FieldChanges(of: desired, on: answer, schema: nil).changes
        guard !unmet.isEmpty, !step.changes.isEmpty else { return }
        let after = Dictionary(unmet.map { ($0.path, $0.live) }) { first, _ in first }
        var changes = FieldChanges(of: desired, on: live, schema: nil)
        changes.changes = step.changes.compactMap { change in
            guard let value = after[change.path] else { return change }
            if value == change.live { return nil }
            var change = change
            change.desired = value
            return change
        }
        guard !changes.changes.isEmpty else { return }
        step.changes = changes.changes
        object.fields = ObjectPreview.fields(of: step)
        object.reason = changes.reason(live)
    }

    /// What becomes of an object that is there, though not applied by Varde.
    private func takeOver(_ live: KubeObject, _ plan: Plan, _ object: inout ObjectPreview) {
        guard var step = plan.steps.first(where: { $0.reference.description == object.object }) else {
            return
        }
        if case .onlyCreate? = step.desired?.rules.writing {
            object.action = .none
            return
        }
        (step.live, step.action) = (live, .update)
        object.action = .update
        object.reason = "is there already, not applied by Varde: it is taken over"
        object.fields = ObjectPreview.fields(of: step)
    }

    /// Whether the namespace is there and the tenant's: before that the cluster refuses everything.
    private func isReady(_ result: inout ApplicationPreview) async -> Bool {
        guard !isPlatform else { return true }
        do {
            guard let namespace = try await lane.client.find(.namespaces, ObjectName(name: id.namespace))
            else {
                result.notes.append(
                    "The namespace \(id.namespace) would be made; what the cluster refuses in it is known then."
                )
                return false
            }
            if namespace.isBeingDeleted {
                result.notes.append("The namespace \(id.namespace) is being deleted; it would be made again.")
                return false
            }
            // A namespace that this application has not used yet may not have the tenant's rights.
            let isUsed = environment.registry[id]?.progress.withLock { $0.snapshot.applied != nil } ?? false
            return isUsed || !lane.view.objects(label: Tracking(id).value).isEmpty
        } catch {
            result.notes.append("The cluster could not be asked what it would refuse: \(error)")
            return false
        }
    }

    /// Whether an apply that was tried would write nothing: not even what is whose.
    private static func isSame(_ answer: KubeObject, _ live: KubeObject) -> Bool {
        ReconcilePass.content(of: answer) == ReconcilePass.content(of: live)
            && FieldOwnership(answer).applied(by: Planner.manager)
                == FieldOwnership(live).applied(by: Planner.manager)
    }

    private func ask(_ step: Plan.Step, _ client: KubeClient) async -> Answer {
        guard let desired = step.desired, let resource = desired.resource else { return .accepted }
        let takes = desired.rules.takesOwnership
        let manifest = desired.manifest(over: step.live)
        do {
            let answer = try await lane.slots.run {
                try await client.apply(resource, manifest, force: takes, dryRun: true)
            }
            if let live = step.live {
                let before = try await lane.client.inVersion(of: desired, live)
                return Self.isSame(answer, before) ? .same : .changed(answer)
            }
            guard !answer.resourceVersion.isEmpty,
                let live = try await lane.client.find(resource, answer.objectName)
            else { return .accepted }
            return .exists(live)
        } catch let error as StatusError where error.isConflict {
            // Where it cannot be read, the plan says less; the sync will tell.
            let live = step.live == nil ? (try? await lane.client.find(resource, manifest.objectName)) : nil
            let kept = FieldConflict.all(in: error).filter { !$0.isAdoptable }
            guard let first = kept.first, live == nil || desired.rules.writing != .onlyCreate else {
                return live.map(Answer.exists) ?? .accepted
            }
            let finding = Finding(
                severity: .warning,
                code: .conflict,
                message: first.sentence(besides: kept.count - 1),
                field: first.field,
                since: environment.now()
            )
            return .concession(finding, fields: kept.map(\.field), over: live)
        } catch let error as StatusError {
            let options = desired.rules.options
            var error = error
            if error.isInvalid, let live = step.live,
                let patch = ListRepair.patch(for: error, desired: desired.object, live: live)
            {
                guard let refusal = await refusalToRepair(live, patch, resource, client) else {
                    return .accepted
                }
                error = refusal
            }
            // An object that is made anew may change what others may not.
            if error.isInvalid, step.live != nil {
                if options.contains(.force) {
                    guard let refusal = await refusalToMake(desired, resource, client) else { return .remade }
                    return .refused(
                        Secrecy.masked(refusal.message, about: desired.object),
                        code: refusal.code
                    )
                }
                if options.contains(.replace) { return .accepted }
            }
            let problems = TypedPatchProblem.all(in: error.message)
            if options.contains(.noValidation), !problems.isEmpty, problems.allSatisfy(\.isUnknownField) {
                return .accepted
            }
            let words = problems.isEmpty ? error.message : problems.map(\.sentence).joined(separator: "; ")
            return .refused(Secrecy.masked(words, about: desired.object), code: error.code)
        } catch {
            // It is not known; the sync will tell.
            return .accepted
        }
    }
}
