import GitSource
import KubeModel
import KubeRuntime
import Rendering
import Synchronization

/// One application's state in this process: what is asked of it, and how far it is.
///
/// `inputs` are written by discovery and by people's actions; `progress` only by the application's own reconcile, of which
/// never two run at a time.
final class ApplicationCell: Sendable {
    struct Inputs: Sendable {
        var source: ApplicationSource
        var presence = Presence.unknown
        /// Of the clock when `presence` became a tombstone; `nil` when that was in another process.
        var tombstoneOffset: Double?
        /// The branch's newest commit.
        var commit: Commit?
        /// When that commit was found.
        var seenAt: Double?
        /// What the directory is at that commit: changes exactly when a file in it changes.
        var trees: [ObjectID] = []
        /// Whether the directory was gone, and a commit since has it again.
        var isBroughtBack = false
        /// Why the repository cannot be read, while that lasts.
        @Rare var sourceFinding: Finding?
        /// Held deletions that may happen: object id → who approved.
        var approvals: [String: String] = [:]
        /// Held deletions that shall not happen: object id → who said so.
        var refusals: [String: String] = [:]
        /// The sync that a person asked for, until it is over.
        @Rare var syncRequest: SyncRequest?
        /// A person's sync also fetches again what the directory has from elsewhere.
        var fetchesAnew = false
        /// The earlier revision that is delivered instead of `commit`.
        @Rare var pin: Pin?
        /// Set while nothing is to be changed.
        @Rare var pause: Pause?
        /// Whether somebody else asked for a pause on the `Application` object itself.
        var isSkipped = false
        /// How often people decided something, and how many of these decisions are written where a restart finds them.
        var decisions = (made: 0, recorded: 0)
        /// Whether it is written where a restart finds it, and would miss it if its directory went.
        var isRecorded = false
        /// Uids of hooks whose results are written where a restart finds them.
        var recordedHooks: Set<String> = []
        /// Set when something changed that failed objects may have been waiting for: they are tried at once.
        var sawAwaitedChange = false
        /// Set when it leaves the registry: whoever still holds it must take the one that is there now.
        var isForgotten = false

        var isPaused: Bool { pause != nil || isSkipped }

        /// Takes the pin away; a directory that went meanwhile can be brought back for the whole delay from now on.
        mutating func endPin(at now: Double) {
            pin = nil
            guard case .vanished(var tombstone) = presence else { return }
            tombstone.since = now
            presence = .vanished(tombstone)
        }
    }

    let id: ApplicationID
    let tracking: Tracking
    let inputs: Mutex<Inputs>
    let progress: Mutex<Progress>
    let isBusy = Mutex(false)

    init(id: ApplicationID, source: ApplicationSource, now: Double) {
        self.id = id
        tracking = Tracking(id)
        inputs = Mutex(Inputs(source: source))
        progress = Mutex(
            Progress(
                snapshot: ApplicationSnapshot(
                    id: id,
                    repository: source.repository,
                    branch: source.branch,
                    path: source.path,
                    now: now
                )
            )
        )
    }
}

extension ApplicationCell {
    /// Whether it ever came to anything, so that something can be lost with its directory.
    var hasDelivered: Bool {
        progress.withLock { $0.snapshot.applied != nil || $0.snapshot.counts.total > 0 }
    }

    /// Makes what failed be tried again at once.
    func sawAwaitedChange(_ queue: WorkQueue<ApplicationID>) {
        inputs.withLock { $0.sawAwaitedChange = true }
        queue.enqueue(id)
    }
}

/// How far an application is.
struct Progress: Sendable {
    /// How far the wall clock was ahead of the steady one when ``shift(by:)`` was last thought of.
    var clockOffset: Double?
    /// As it was last published.
    var snapshot: ApplicationSnapshot
    /// The last rendering without problems; what is delivered.
    var rendered: RenderedRevision?
    /// Why a newer commit cannot be delivered.
    @Rare var rejected: RejectedRevision?
    /// What was known before a restart: for directories that are still the same the commit need not be looked up.
    var restored: (trees: [ObjectID], revision: ApplicationSnapshot.Revision)?
    /// How it was when an earlier process ended, in words, until it is known how it is now.
    var beforeRestart: String?
    var lastGoodSettings: ApplicationSettings?
    var desired: [DesiredObject] = []
    /// Whether every kind of `desired` is known to the cluster.
    var isResolved = true
    var resolveAt = 0.0
    var resolveAttempts = 0
    /// For which rendering, at which state of the policy, `desired` was made and allowed.
    var desiredKey: DesiredKey?

    var applied: [ObjectReference: AppliedObject] = [:]
    var failures: [ObjectReference: FailedStep] = [:]
    /// Fields that another manager keeps, by the object they are of.
    var concessions: [ObjectReference: Finding] = [:]
    /// The commit that `rendered` was pinned to.
    var pinned: String?
    /// How hooks ended, by the object they were.
    var hookResults: [ObjectReference: HookResult] = [:]
    /// Since when it waits for something to be written down.
    var unrecordedSince: Double?
    /// The commit id of the revision whose sync failed, so that its SyncFail hooks run.
    var failedRevision: String?
    /// What dry runs said, by the object they were of.
    var dryRuns: [ObjectReference: DryRunVerdict] = [:]
    /// What was found in objects that contain others, and when: `nil` when they hold nothing of anybody else's.
    var contents: [ObjectReference: ContentCheck] = [:]
    /// The state that was shown before the present one, and since when until when.
    @Rare var formerState: FormerState?
    /// What stops the application as a whole before its first object.
    @Rare var blocked: FailedStep?
    /// What is in the cluster of objects that are not delivered, as long as there are such.
    @Rare var strangers: Strangers?
    var fights = FightLog()

    /// What there was before the present revision.
    var objectsBefore: ObjectsBefore?
    /// The commit id of the revision that was synced completely.
    var completed: String?
    @Rare var waveWait: WaveWait?
    /// The last sync, running or over.
    var record: SyncRecord?
    /// The objects that `record` counts as written, as long as it may be tried again.
    var counted: Set<ObjectReference> = []
    var lastNumber = 0
    var lastEvent: String?
    var hasStarted = false
    /// Whether this process made a plan already: what is found before that happened while nobody looked.
    var hasPlanned = false
    /// Where each object's step is in `record`.
    var stepPlaces: [String: Int] = [:]
    /// To be told with the next snapshot.
    var snapshotChange: SnapshotChange?
    /// Objects that somebody else keeps changing, left alone for a while.
    var pauses: [ObjectReference: PausedObject] = [:]
    /// Uids of objects whose deletion was answered, until the watch shows it.
    var sentDeletions: [ObjectReference: String] = [:]

    struct DesiredKey: Hashable {
        var commit: String
        var trees: [ObjectID]
        var policyEpoch: Int
    }

    /// A state of the application that was left lately.
    struct FormerState: Hashable {
        var sync: SyncState
        var health: HealthState
        var since: Double
        var until: Double
    }

    /// What is in an object whose deletion would take other objects with it.
    struct ContentCheck: Hashable {
        var content: String?
        var at: Double
    }

    struct WaveWait: Hashable {
        var wave: Int
        var commit: String
        var since: Double
    }
}

/// Manifests of one commit, with what they were read from.
struct RenderedRevision: Sendable {
    /// The newest commit that changed what was read.
    var revision: ApplicationSnapshot.Revision
    /// The commit at which it was last found to be current.
    var commit: Commit
    var trees: [ObjectID]
    /// One per directory.
    var renderings: [Rendering]
    var readsOutside: Bool
    /// When the commit was first looked at, and when its objects were there.
    var seenAt: Double
    var renderedAt: Double
    var brokenFiles: Set<String> = []
    var findings: [Finding] = []

    var manifests: [Manifest] {
        renderings.count == 1 ? renderings[0].manifests : renderings.flatMap(\.manifests)
    }
    /// What its charts were told of the cluster.
    var capabilities: ClusterCapabilities? { renderings.lazy.compactMap(\.capabilities).first }
    var settings: ApplicationSettings { renderings.first?.settings ?? ApplicationSettings() }
    var tool: String? { renderings.first?.tool.rawValue }
}

/// A commit that is not delivered, and why.
struct RejectedRevision: Sendable {
    var revision: ApplicationSnapshot.Revision
    var commit: Commit
    var trees: [ObjectID]
    var findings: [Finding]
    /// When trying again may help; `nil` when only another commit (or another policy) can.
    var retryAt: Double?
    var attempts = 0
    var policyEpoch: Int
}
