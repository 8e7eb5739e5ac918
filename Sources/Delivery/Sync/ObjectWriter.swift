import KubeClient
import KubeModel

/// Writes single objects to one cluster, and says in words what went wrong.
struct ObjectWriter: Sendable {
    enum Outcome: Sendable {
        case applied(KubeObject)
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
            case (.delete, _):
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
                return .applied(try await adopt(try await apply(desired, resource), desired, resource))
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

    private func apply(_ desired: DesiredObject, _ resource: APIResource) async throws -> KubeObject {
        let takes = desired.rules.takesOwnership
        do {
            return try await slots.run { try await client.apply(resource, desired.object, force: takes) }
        } catch let error as StatusError where error.isConflict && !takes {
            let conflicts = FieldConflict.all(in: error)
            guard !conflicts.isEmpty, conflicts.allSatisfy(\.isAdoptable) else { throw error }
            return try await slots.run { try await client.apply(resource, desired.object, force: true) }
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
        return try await apply(desired, resource)
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
            var failure = failure(step, error.message)
            failure.finding.field = error.details?["causes"]?.array?.first?["field"]?.string
            return failure
        case let error as ClientError:
            var failure = failure(step, "the cluster does not answer: \(error.message)")
            failure.isUnreachable = true
            return failure
        default: return failure(step, "\(error)")
        }
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
