package import KubeModel

/// What would bring a namespace to its commit: object by object, with the reason for each.
package struct Plan: Sendable {
    package enum Obstacle: Sendable, Hashable {
        /// Nobody serves its kind yet.
        case unknownKind
        /// The old one must be gone first.
        case beingDeleted
        /// It failed, and nothing has changed since: tried again at this time.
        case failed(message: String, retryAt: Double)
        /// Somebody else keeps changing it: left alone until this time.
        case paused(until: Double)
    }

    package struct Step: Sendable {
        package var reference: ObjectReference
        package var action: SyncStep.Action
        /// Why, for people.
        package var reason: String
        package var phase = SyncPhase.sync
        package var wave: Int
        package var rank: Int
        package var desired: DesiredObject?
        package var live: KubeObject?
        /// Why it cannot be done now although it should be.
        package var obstacle: Obstacle?
        /// What must be there and healthy first.
        package var dependencies: [ObjectReference] = []
        /// Of an update: field by field, where that was looked at.
        package var changes: [FieldChange] = []
        /// Whether the difference may be none: a dry run tells.
        package var isDoubtful = false
        /// Whether it was as it should be before, so that somebody must have changed it since.
        package var isNews = false
        /// Whether a deletion comes after everything else of the commit.
        package var goesLast = false
        /// Who approved a deletion.
        package var approver: String?
        /// Removes a hook that has done its work.
        package var isCleanup = false
        /// Whether it is a hook that runs to an end, and has not come to it.
        package var isRunning = false

        package var isChange: Bool {
            action == .create || action == .update || action == .delete || action == .hook
        }
        package var isRunnable: Bool { isChange && obstacle == nil }
    }

    package enum Occasion: Sendable {
        /// Runs whole: hooks, and waves that wait for each other.
        case newRevision
        /// The revision was synced before: what differs is set right at once, without hooks.
        case repair
    }

    package var occasion = Occasion.newRevision
    /// In the order of applying, deletions after everything else and in reverse order.
    package var steps: [Step] = []
    package var findings: [Finding] = []
    /// Objects found to be as they should be, to be remembered.
    package var confirmed: [ObjectReference: AppliedObject] = [:]

    /// Kinds whose schemas would make the comparison exact.
    package var wantedSchemas: Set<GroupVersionKind> = []

    /// Whether nothing is left to do, now or later.
    package var isDone: Bool { !steps.contains { $0.isChange && !$0.isCleanup && $0.phase != .syncFail } }
    package var hasRunnableSteps: Bool { steps.contains { $0.isRunnable } }
    /// The first object that is on its way out, which others may wait for.
    var going: Step? { steps.first { $0.obstacle == .beingDeleted } }
    package var heldDeletions: [Step] { steps.filter { $0.action == .hold } }
}

/// Before everything else, with it, or after it: hooks may be in any, other objects are in the middle.
///
/// The last is for hooks of a sync that failed.
package enum SyncPhase: Int, Sendable, Hashable, Comparable {
    case preSync, sync, postSync, syncFail

    var word: String {
        switch self {
        case .preSync: "presync"
        case .sync: "sync"
        case .postSync: "postsync"
        case .syncFail: "syncfail"
        }
    }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// What is remembered of an object after an apply that the server confirmed.
package struct AppliedObject: Sendable, Hashable {
    /// Of the manifest that was applied.
    package var digest: Int
    /// Of the fields that the apply owns, as the server kept them.
    package var fingerprint: Int
    /// The live version that was last found to be right: as long as it is this one nothing needs to be compared.
    package var version: String
    /// Of the object itself; empty where it was not seen.
    package var uid = ""

    package init(digest: Int, fingerprint: Int, version: String) {
        self.digest = digest
        self.fingerprint = fingerprint
        self.version = version
    }

    /// An object that somebody else made, and that is therefore not touched.
    package static func leftAlone(_ desired: DesiredObject) -> AppliedObject {
        AppliedObject(digest: desired.digest, fingerprint: 0, version: "")
    }

    func isLeftAlone(_ desired: DesiredObject) -> Bool { self == Self.leftAlone(desired) }

    /// After an apply: what the server made of it is what it should be.
    package init(applied desired: DesiredObject, answer: KubeObject, manager: String) {
        digest = desired.digest
        fingerprint = OwnedProjection.fingerprint(
            of: answer,
            owned: FieldOwnership(answer).applied(by: manager)
        )
        version = answer.resourceVersion
        uid = answer.uid
    }
}
