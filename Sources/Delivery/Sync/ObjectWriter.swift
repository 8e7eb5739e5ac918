import KubeClient
import KubeModel
import KubeRuntime

/// Writes single objects to one cluster, and says in words what went wrong.
struct ObjectWriter: Sendable {
    enum Outcome: Sendable {
        /// Applied; with a finding, but for fields that another manager keeps; from whom it was taken over, if it was.
        case applied(KubeObject, concession: Finding?, adopted: String?)
        /// There is one that somebody else made, and the manifest is only for making one.
        case leftAlone
        case deleted
        case failed(Failure)
    }

    struct Failure: Sendable {
        var finding: Finding
        /// One for each further field that the cluster complains about.
        var more: [Finding] = []
        /// The cluster did not answer at all: what else is to be written fails in the same way.
        var isUnreachable = false
        /// The cluster does not allow it: a quota, an admission or a right may change.
        var isForbidden = false
        /// The cluster no longer serves the kind.
        var isOfUnknownKind = false
    }

    /// Acts as the tenant.
    let client: KubeClient
    let slots: RequestSlots
    /// Whether an object goes only after what it made.
    let waitsForDependents: Bool
    let now: @Sendable () -> Double
    /// What is done about refusals while the tenant's rights may not have reached the cluster's authorizer.
    var patience = Patience(tries: 0)

    func perform(_ step: Plan.Step, resource: APIResource?) async -> Outcome {
        var tries = 0
        while true {
            do {
                return try await attempt(step, resource: resource)
            } catch let error as StatusError where error.code == 403 {
                guard await patience.wait(after: tries) else { return .failed(failure(step, error)) }
                tries += 1
            } catch {
                tries += 1
                guard let pause = Self.pause(after: error, tries: tries),
                    (try? await Task.sleep(for: pause)) != nil  // Cancelled: the failure stands.
                else { return .failed(failure(step, error)) }
            }
        }
    }

    /// How long to wait before a write whose answer failed is sent once more; `nil` when that is for the next sync.
    ///
    /// Every write here may be repeated: an apply is one, a deletion names the uid, a replacement the version.
    private static func pause(after error: any Error, tries: Int) -> Duration? {
        guard tries < 4 else { return nil }
        let pause = Backoff(first: .milliseconds(100), limit: .seconds(2)).jittered(attempt: tries - 1)
        switch error {
        case let error as StatusError where error.code == 429 || error.code == 503 || error.code == 504:
            let wanted = error.details?["retryAfterSeconds"]?.int ?? 0
            return wanted > 5 ? nil : max(pause, .seconds(wanted))
        case let error as StatusError where error.code >= 500: return pause
        case let error as ClientError where error.code == .connectionLost: return pause
        default: return nil
        }
    }

    private func attempt(_ step: Plan.Step, resource: APIResource?) async throws -> Outcome {
        switch (step.action, step.desired) {
        case (.delete, _), (.hook, _):
            guard let live = step.live, let resource = resource ?? step.desired?.resource else {
                return .deleted
            }
            try await delete(live, resource)
            return .deleted
        case (_, let desired?):
            guard let resource = desired.resource else {
                return .failed(failure(step, "the cluster does not know \(desired.object.gvk)"))
            }
            if case .onlyCreate = desired.rules.writing, step.live == nil,
                try await slots.run({ try await client.find(resource, desired.object.objectName) }) != nil
            {
                return .leftAlone
            }
            let (answer, conflicts) = try await write(desired, over: step.live, resource)
            let concession = conflicts.first.map { first in
                let words = first.sentence(besides: conflicts.count - 1)
                var finding = failure(step, words).finding
                (finding.severity, finding.code, finding.field) = (.warning, .conflict, first.field)
                return finding
            }
            var adopted = AdoptedFrom(answer, manager: Planner.manager)?.sentence
            if adopted == nil, step.live == nil { adopted = Self.foundWords(answer) }
            let final = try await adopt(answer, desired, resource)
            return .applied(final, concession: concession, adopted: adopted)
        default: return .deleted
        }
    }

    /// That an object was there before its first apply; `nil` when that made it.
    private static func foundWords(_ answer: KubeObject) -> String? {
        let others = FieldOwnership(answer).owners.filter { $0.manager != Planner.manager || !$0.isApply }
        guard let first = others.first else { return nil }
        return "was there already, made by \(first.manager.isEmpty ? "somebody" : first.manager)"
    }

    private func delete(_ live: KubeObject, _ resource: APIResource) async throws {
        let propagation: KubeClient.Propagation =
            waitsForDependents && !Self.kindsWithoutDependents.contains(resource.kind)
            ? .foreground : .background
        try await slots.run {
            try await client.delete(resource, live.objectName, uid: live.uid, propagation: propagation)
        }
    }

    /// Nothing is made of these: waiting would only cost another round.
    private static let kindsWithoutDependents: Set<String> = [
        "ConfigMap", "Secret", "ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding",
        "NetworkPolicy",
        "ResourceQuota", "LimitRange", "PodDisruptionBudget", "HorizontalPodAutoscaler", "Ingress",
        "PriorityClass",
    ]

    // MARK: Writing

    /// Applies; in another way where the cluster refuses and the manifest allows that.
    private func write(
        _ desired: DesiredObject,
        over live: KubeObject?,
        _ resource: APIResource
    ) async throws -> (KubeObject, [FieldConflict]) {
        let options = desired.rules.options
        var desired = desired
        do {
            if options.contains(.replace), let live { try await replace(desired, live, resource) }
            return try await applyKnownFields(&desired, over: live, resource)
        } catch let error as StatusError where error.isInvalid {
            guard let live else { throw error }
            if let patch = ListRepair.patch(for: error, desired: desired.object, live: live) {
                _ = try await slots.run { try await client.patch(resource, live.objectName, merge: patch) }
                return try await apply(desired, over: live, resource)
            }
            guard options.contains(.force), !live.uid.isEmpty else { throw error }
            // What cannot be changed is made anew; the old one has to be gone first.
            try await slots.run {
                try await client.delete(resource, live.objectName, uid: live.uid, propagation: .background)
            }
            try await waitUntilGone(live, resource)
            return try await apply(desired, over: nil, resource)
        }
    }

    /// Puts the manifest in the place of the live object; fields of others are gone after it.
    private func replace(_ desired: DesiredObject, _ live: KubeObject, _ resource: APIResource) async throws {
        var object = desired.manifest(over: live)
        object.set(.string(live.resourceVersion), at: "metadata", "resourceVersion")
        let manifest = object
        _ = try await slots.run { try await client.replace(resource, manifest) }
    }

    private func waitUntilGone(_ live: KubeObject, _ resource: APIResource) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            guard try await client.find(resource, live.objectName)?.uid == live.uid else { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw StatusError(
            code: 409,
            reason: "Conflict",
            message: "\(live.kind) \(live.name) was deleted to be made anew (Force=true), and is still there"
        )
    }

    /// Applies; without fields that the cluster does not know where the manifest is not to be validated.
    private func applyKnownFields(
        _ desired: inout DesiredObject,
        over live: KubeObject?,
        _ resource: APIResource
    ) async throws -> (KubeObject, [FieldConflict]) {
        guard desired.rules.options.contains(.noValidation) else {
            return try await apply(desired, over: live, resource)
        }
        for _ in 0..<20 {
            do {
                return try await apply(desired, over: live, resource)
            } catch let error as StatusError {
                let unknown = TypedPatchProblem.all(in: error.message).filter(\.isUnknownField)
                guard !unknown.isEmpty else { throw error }
                let known = desired.without(unknown.map(\.field))
                guard let known else { throw error }
                desired = known
            }
        }
        return try await apply(desired, over: live, resource)
    }

    /// Applies, without the fields that a controller keeps for itself.
    private func apply(
        _ desired: DesiredObject,
        over live: KubeObject?,
        _ resource: APIResource
    ) async throws -> (KubeObject, [FieldConflict]) {
        let takes = desired.rules.takesOwnership
        let manifest = desired.manifest(over: live)
        do {
            return (try await slots.run { try await client.apply(resource, manifest, force: takes) }, [])
        } catch let error as StatusError where error.isConflict && !takes {
            let conflicts = FieldConflict.all(in: error)
            guard !conflicts.isEmpty else { throw error }
            let kept = conflicts.filter { !$0.isAdoptable && !Tracking.isMark($0.field) }
            var rest = manifest
            for conflict in kept where !FieldRemoval.remove(conflict.field, from: &rest) { throw error }
            let final = rest
            // What remains in conflict is a person's or another deployer's, whom the commit overrules.
            return (try await slots.run { try await client.apply(resource, final, force: true) }, kept)
        }
    }

    /// Makes the fields of another deployer Varde's own, where there are any; then applies again.
    private func adopt(
        _ object: KubeObject,
        _ desired: DesiredObject,
        _ resource: APIResource
    ) async throws -> KubeObject {
        guard desired.rules.writing != .merge,
            let fields = OwnershipMigration.managedFields(of: object, for: Planner.manager)
        else { return object }
        let patch: JSON = [
            "metadata": ["managedFields": fields, "resourceVersion": .string(object.resourceVersion)]
        ]
        let moved = try await slots.run {
            try await client.patch(resource, object.objectName, merge: patch)
        }
        return try await apply(desired, over: moved, resource).0
    }

    /// What applying would make of a live object; nothing is written.
    func preview(_ desired: DesiredObject, over live: KubeObject) async throws -> KubeObject? {
        guard let resource = desired.resource else { return nil }
        let manifest = desired.manifest(over: live)
        return try await slots.run { try await client.apply(resource, manifest, force: true, dryRun: true) }
    }
}
