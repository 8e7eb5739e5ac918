package import KubeModel
package import Rendering

/// Everything a plan is made from.
package struct PlanInput: Sendable {
    package var tracking: Tracking
    /// The commit, for reasons: seven digits.
    package var revision: String
    package var desired: [DesiredObject]
    /// The live objects with the application's label.
    package var live: [ObjectReference: KubeObject]
    /// Objects of `desired` that belong to another application, with its name.
    package var foreign: [ObjectReference: String] = [:]
    package var settings = ApplicationSettings()
    package var guardsOwnKinds = PlatformGuard.none
    /// Objects whose deletion a person approved: object id → who.
    package var approvals: [String: String] = [:]
    /// Objects whose deletion a person refused: object id → who.
    package var refusals: [String: String] = [:]
    /// The only namespace that the application may reach; empty for one that may reach all.
    package var namespace = ""
    /// Of Namespaces and CustomResourceDefinitions to delete: what else they hold, where that is known; empty for nothing.
    package var contents: [ObjectReference: String] = [:]
    package var schemas: [GroupVersionKind: Schema] = [:]
    package var dryRuns: [ObjectReference: DryRunVerdict] = [:]
    package var hookResults: [ObjectReference: HookResult] = [:]
    /// Uids of hooks whose results a restart would find.
    package var recordedHooks: Set<String> = []
    /// Whether the sync of this revision failed, so that its SyncFail hooks run.
    package var hasFailed = false
    package var applied: [ObjectReference: AppliedObject] = [:]
    /// Failures that are not to be repeated yet, by object.
    package var failures: [ObjectReference: FailedStep] = [:]
    /// Objects to leave alone for now.
    package var pauses: [ObjectReference: PausedObject] = [:]
    /// Uids of objects whose deletion was asked for already.
    package var sentDeletions: [ObjectReference: String] = [:]
    /// Files that cannot be read: objects of theirs are kept.
    package var brokenFiles: Set<String> = []
    package var purpose = Purpose.delivery
    package var occasion = Plan.Occasion.newRevision
    /// How many objects there were before the first of this revision was applied: the deletion budget is a share of these.
    package var objectsBefore: Int?
    /// Whether the revision's deletions were over the budget once.
    package var isOverBudget = false
    package var now: Double

    package init(
        tracking: Tracking,
        revision: String,
        desired: [DesiredObject],
        live: [ObjectReference: KubeObject],
        now: Double
    ) {
        self.tracking = tracking
        self.revision = revision
        self.desired = desired
        self.live = live
        self.now = now
    }

    package enum Purpose: Sendable {
        case delivery
        /// The directory is gone for good: everything goes, without a budget.
        case removal
    }

    package enum PlatformGuard: Sendable {
        case none
        /// `Cluster` and `Tenant` objects are only deleted with approval.
        case fleet
    }
}

/// What the server said that applying a manifest to a version of an object would do.
package struct DryRunVerdict: Sendable, Hashable {
    package var digest: Int
    package var version: String
    package var isSame: Bool

    package init(digest: Int, version: String, isSame: Bool) {
        self.digest = digest
        self.version = version
        self.isSame = isSame
    }
}

/// An object that could not be changed, and as what it was tried.
package struct FailedStep: Sendable, Hashable {
    /// Of the manifest; `nil` for a deletion.
    package var digest: Int?
    package var version: String
    package var message: String
    package var retryAt: Double
    package var attempts: Int
    package var finding: Finding?
    /// Further things that are wrong with it.
    package var more: [Finding] = []

    package init(
        digest: Int?,
        version: String,
        message: String,
        retryAt: Double,
        attempts: Int,
        finding: Finding?,
        more: [Finding] = []
    ) {
        self.more = more
        self.digest = digest
        self.version = version
        self.message = message
        self.retryAt = retryAt
        self.attempts = attempts
        self.finding = finding
    }

    /// Whether trying again now would be the same try.
    func blocks(digest: Int?, version: String, now: Double) -> Bool {
        self.digest == digest && self.version == version && now < retryAt
    }
}

/// An object that is left alone until a time, because somebody else keeps changing it.
package struct PausedObject: Sendable, Hashable {
    package var until: Double
    package var finding: Finding

    package init(until: Double, finding: Finding) {
        self.until = until
        self.finding = finding
    }
}
