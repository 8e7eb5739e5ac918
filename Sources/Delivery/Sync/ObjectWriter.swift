import KubeClient
import KubeModel

/// Writes single objects to one cluster, and says in words what went wrong.
struct ObjectWriter: Sendable {
    enum Outcome: Sendable {
        /// Applied; with a finding, but for fields that another manager keeps.
        case applied(KubeObject, concession: Finding?)
        case deleted
        case failed(Failure)
    }

    struct Failure: Sendable {
        var finding: Finding
        /// The cluster did not answer at all: what else is to be written fails in the same way.
        var isUnreachable = false
    }

    /// Acts as the tenant.
    let client: KubeClient
    let slots: RequestSlots
    /// Whether an object goes only after what it made.
    let waitsForDependents: Bool
    let now: @Sendable () -> Double

    func perform(_ step: Plan.Step, resource: APIResource?) async -> Outcome {
        do {
            switch (step.action, step.desired) {
            case (.delete, _), (.hook, _):
                guard let live = step.live, let resource else { return .deleted }
                let propagation: KubeClient.Propagation =
                    waitsForDependents && !Self.kindsWithoutDependents.contains(resource.kind)
                    ? .foreground : .background
                try await slots.run {
                    try await client.delete(
                        resource,
                        live.objectName,
                        uid: live.uid,
                        propagation: propagation
                    )
                }
                return .deleted
            case (_, let desired?):
                guard let resource = desired.resource else {
                    return .failed(failure(step, "the cluster does not know \(desired.object.gvk)"))
                }
                let (answer, conflicts) = try await write(desired, over: step.live, resource)
                let concession = conflicts.first.map { first in
                    var finding = failure(step, first.sentence(besides: conflicts.count - 1)).finding
                    (finding.severity, finding.code, finding.field) = (.warning, .conflict, first.field)
                    return finding
                }
                return .applied(try await adopt(answer, desired, resource), concession: concession)
            default: return .deleted
            }
        } catch {
            return .failed(failure(step, error))
        }
    }

    /// Nothing is made of these: waiting would only cost another round.
    private static let kindsWithoutDependents: Set<String> = [
        "ConfigMap", "Secret", "ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding",
        "NetworkPolicy",
        "ResourceQuota", "LimitRange", "PodDisruptionBudget", "HorizontalPodAutoscaler", "Ingress",
        "PriorityClass",
    ]

    /// Applies; once more where elements that somebody else put into a list stand in the way.
    private func write(
        _ desired: DesiredObject,
        over live: KubeObject?,
        _ resource: APIResource
    ) async throws -> (KubeObject, [FieldConflict]) {
        do {
            return try await apply(desired, resource)
        } catch let error as StatusError where error.isInvalid {
            guard let live, let patch = ListRepair.patch(for: error, desired: desired.object, live: live)
            else {
                throw error
            }
            _ = try await slots.run { try await client.patch(resource, live.objectName, merge: patch) }
            return try await apply(desired, resource)
        }
    }

    /// Applies, without the fields that a controller keeps for itself.
    private func apply(
        _ desired: DesiredObject,
        _ resource: APIResource
    ) async throws -> (KubeObject, [FieldConflict]) {
        let takes = desired.rules.takesOwnership
        do {
            return (
                try await slots.run { try await client.apply(resource, desired.object, force: takes) }, []
            )
        } catch let error as StatusError where error.isConflict && !takes {
            let conflicts = FieldConflict.all(in: error)
            guard !conflicts.isEmpty else { throw error }
            let kept = conflicts.filter { !$0.isAdoptable }
            var manifest = desired.object
            for conflict in kept where !FieldRemoval.remove(conflict.field, from: &manifest) { throw error }
            let rest = manifest
            // What remains in conflict is a person's or another deployer's, whom the commit overrules.
            return (try await slots.run { try await client.apply(resource, rest, force: true) }, kept)
        }
    }

    /// Makes the fields of another deployer Varde's own, where there are any; then applies again.
    private func adopt(
        _ object: KubeObject,
        _ desired: DesiredObject,
        _ resource: APIResource
    ) async throws -> KubeObject {
        guard let fields = OwnershipMigration.managedFields(of: object, for: Planner.manager) else {
            return object
        }
        let patch: JSON = [
            "metadata": ["managedFields": fields, "resourceVersion": .string(object.resourceVersion)]
        ]
        _ = try await slots.run { try await client.patch(resource, object.objectName, merge: patch) }
        return try await apply(desired, resource).0
    }

    // MARK: Words

    private func failure(_ step: Plan.Step, _ error: any Error) -> Failure {
        switch error {
        case let error as StatusError:
            let conflicts = error.isConflict ? FieldConflict.all(in: error) : []
            if let first = conflicts.first {
                var failure = failure(step, first.sentence(besides: conflicts.count - 1))
                failure.finding.code = .conflict
                failure.finding.field = first.field
                return failure
            }
            var failure = failure(step, Self.gist(of: error))
            failure.finding.field = error.details?["causes"]?.array?.first?["field"]?.string
            return failure
        case let error as ClientError:
            var failure = failure(step, "the cluster does not answer: \(error.message)")
            failure.isUnreachable = true
            return failure
        default: return failure(step, "\(error)")
        }
    }

    /// A refusal without the values it refuses where these are long: the field and the rule are what people need.
    private static func gist(of error: StatusError) -> String {
        let causes = error.details?["causes"]?.array ?? []
        guard error.isInvalid, error.message.count > 250, !causes.isEmpty else { return error.message }
        let rules = causes.prefix(3).map { cause in
            let rule =
                (cause["message"]?.string ?? "").split(separator: ": ").last.map(String.init) ?? "is invalid"
            return "\(cause["field"]?.string ?? ""): \(rule)"
        }
        return "is invalid: " + rules.joined(separator: "; ")
    }

    private func failure(_ step: Plan.Step, _ message: String) -> Failure {
        let name = "\(step.reference.kind) \(step.reference.name)"
        return Failure(
            finding: Finding(
                code: .applyFailed,
                message: message.contains(step.reference.name) ? message : "\(name): \(message)",
                origin: step.desired.map { "\($0.origin)" },
                object: step.reference.description,
                since: now()
            )
        )
    }
}
