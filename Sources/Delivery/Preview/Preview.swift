import KubeModel

/// What a commit would do to every application of its repository, made without writing anything.
///
/// Values of Secrets are masked.
package struct Preview: Sendable, Hashable {
    /// What the whole comes to.
    package enum Outcome: String, Sendable, Hashable {
        case nothing, changes
        /// Something would be refused, or cannot be planned.
        case refused
    }

    /// The same for the same question: a link to it stays good when it is asked again.
    package var id: String
    package var repository: String
    /// As it was asked for.
    package var reference: String
    package var revision: ApplicationSnapshot.Revision
    /// What it is merged into; by branch.
    package var bases: [String: String]
    /// Whether the plan is of a merge that nobody has made yet, because the branch has moved on.
    package var isMerged: Bool
    /// Seconds since 1970.
    package var madeAt: Double
    package var applications: [ApplicationPreview]
    /// Applications of the repository that this commit does not change.
    package var unchanged: Int

    package init(
        id: String,
        repository: String,
        reference: String,
        revision: ApplicationSnapshot.Revision,
        bases: [String: String],
        isMerged: Bool,
        madeAt: Double,
        applications: [ApplicationPreview],
        unchanged: Int
    ) {
        self.id = id
        self.repository = repository
        self.reference = reference
        self.revision = revision
        self.bases = bases
        self.isMerged = isMerged
        self.madeAt = madeAt
        self.applications = applications
        self.unchanged = unchanged
    }

    package var outcome: Outcome {
        if applications.contains(where: { $0.outcome == .refused }) { return .refused }
        return applications.contains { $0.outcome == .changes } ? .changes : .nothing
    }
}

/// What a commit would do to one application.
package struct ApplicationPreview: Sendable, Hashable {
    package enum Presence: String, Sendable, Hashable {
        case new, present
        /// Its directory is gone: objects and namespace go after the tenant's delay.
        case removed
        /// Its directory goes to another cluster or tenant: what runs here is kept until that is healthy.
        case moved
    }

    package var id: ApplicationID
    package var path: String
    package var presence: Presence
    package var tool: String?
    /// The other place of a directory that is moved.
    package var movedTo: ApplicationID?
    package var movedFrom: ApplicationID?
    /// What to know beside the objects: automatic syncs are off, the namespace would be made.
    package var notes: [String] = []
    /// In the order of the sync; objects that stay as they are are only counted.
    package var objects: [ObjectPreview] = []
    package var unchanged = 0
    package var findings: [Finding] = []
    /// Why nothing could be planned, when that is so.
    package var isRefused = false
    /// What is settled once all applications of the commit are looked at.
    var effects = CommitEffects()

    package var outcome: Preview.Outcome {
        if isRefused || findings.contains(where: { $0.severity == .error })
            || objects.contains(where: { $0.action == .refuse || $0.failure != nil })
        {
            return .refused
        }
        let isGoing = presence == .removed || presence == .moved
        return objects.contains { $0.action != .none } || isGoing ? .changes : .nothing
    }

    package func count(_ action: SyncStep.Action) -> Int { objects.count { $0.action == action } }
}

/// What a commit would do to one object.
package struct ObjectPreview: Sendable, Hashable {
    package var object: String
    package var action: SyncStep.Action
    package var reason: String
    package var phase: String
    package var wave: Int
    /// The file that says so.
    package var origin: String?
    package var fields: [ObjectDiff.Field] = []
    /// Why the cluster would refuse it.
    package var failure: String?

    init(_ step: Plan.Step) {
        object = step.reference.description
        action = step.action
        reason = step.reason
        phase = "\(step.phase)"
        wave = step.wave
        origin = step.desired.map { "\($0.origin)" }
        fields = Self.fields(of: step)
    }

    /// Fields that nobody else has set are Varde's own.
    static func fields(of step: Plan.Step) -> [ObjectDiff.Field] {
        ObjectDiff.fields(of: step).map { field in
            var field = field
            if field.live != nil, field.manager == nil { field.manager = Planner.manager }
            return field
        }
    }
}
