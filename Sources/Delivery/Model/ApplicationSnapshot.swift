import GitSource

/// What is known of one application at one moment; what the console and the command line show.
///
/// Times are seconds since 1970.
package struct ApplicationSnapshot: Sendable, Hashable {
    package struct Revision: Sendable, Hashable {
        package var commit: String
        package var author: String
        package var subject: String
        package var time: Double

        package init(commit: String, author: String, subject: String, time: Double) {
            self.commit = commit
            self.author = author
            self.subject = subject
            self.time = time
        }
    }

    package struct Counts: Sendable, Hashable {
        package var total = 0
        package var synced = 0
        package var healthy = 0
        package var progressing = 0
        package var degraded = 0
        package init() {}
    }

    package var id: ApplicationID
    /// The name under which its mirror is known.
    package var repository: String
    /// The repository's URL, fit for people.
    package var repositoryURL: String { RepositoryLocation(repository).display }
    package var branch: String
    package var path: String
    /// `directory`, `kustomize`, … once it has been rendered.
    package var tool: String?
    package var sync: SyncState
    package var health: HealthState
    /// The one sentence that says what is wrong or what is awaited; empty when all is well.
    package var message: String
    /// The newest commit that changed this application.
    package var desired: Revision?
    /// The commit that was applied last, whole.
    package var applied: Revision?
    package var appliedAt: Double?
    package var healthyAt: Double?
    /// When `sync` and `health` last changed.
    package var since: Double
    package var counts: Counts
    package var findings: [Finding]
    /// Set while an earlier revision is delivered on purpose.
    package var pin: Pin?
    /// Set while nothing is changed on purpose.
    package var pause: Pause?

    package init(id: ApplicationID, repository: String, branch: String, path: String, now: Double) {
        self.id = id
        self.repository = repository
        self.branch = branch
        self.path = path
        sync = .unknown
        health = .unknown
        message = ""
        since = now
        counts = Counts()
        findings = []
    }
}

/// One object of an application: what a commit says should be there, or what such an object made.
package struct ObjectNode: Sendable, Hashable {
    /// `apps/Deployment:kart-web/web`; unique within an application.
    package var id: String
    package var apiVersion: String
    package var kind: String
    package var namespace: String
    package var name: String
    /// The id of the owner in the tree; `nil` for what the commit itself says.
    package var parent: String?
    /// `nil` for what other controllers made.
    package var sync: SyncState?
    package var health: HealthState
    /// What is wrong or awaited, taken from the deepest failing child.
    package var message: String
    /// Seconds since 1970 at which `sync`, `health` or `message` last changed.
    package var since: Double
    package var createdAt: String?
    /// A few words of the kind: `2/2 ready`, `Running`, `10.0.0.7`.
    package var summary: String
    package var images: [String]
    /// Ids of objects that it leads to, though it does not own them: what a Service selects, an Ingress sends to.
    package var links: [String]
    package var uid: String?
    /// Pages about it that its annotations name.
    package var pages: [PageLink] = []

    package init(id: String, apiVersion: String, kind: String, namespace: String, name: String, now: Double) {
        self.id = id
        self.apiVersion = apiVersion
        self.kind = kind
        self.namespace = namespace
        self.name = name
        health = .unknown
        message = ""
        since = now
        summary = ""
        images = []
        links = []
    }
}

/// One step of a sync.
package struct SyncStep: Sendable, Hashable {
    package enum Action: String, Sendable, Hashable { case create, update, delete, none, hold, refuse, hook }
    package enum State: String, Sendable, Hashable {
        case planned, applying, applied, waiting, healthy, failed, skipped
    }

    package var object: String
    package var action: Action
    package var state: State
    /// Why it is done, what is awaited, or why it failed.
    package var message: String
    package var since: Double

    /// What it went through, oldest first; at most ``trailLimit``.
    package var trail: [Moment]

    /// One state of a step, and when it began.
    package struct Moment: Sendable, Hashable {
        package var state: State
        package var message: String
        package var since: Double

        package init(state: State, message: String, since: Double) {
            self.state = state
            self.message = message
            self.since = since
        }
    }

    package static let trailLimit = 16

    package init(object: String, action: Action, state: State, message: String = "", since: Double) {
        self.object = object
        self.action = action
        self.state = state
        self.message = message
        self.since = since
        trail = [Moment(state: state, message: message, since: since)]
    }

    /// Goes on to a state; the first moments and the last ones are kept.
    package mutating func enter(_ state: State, _ message: String, at now: Double) {
        (self.state, self.message, since) = (state, message, now)
        if trail.count >= Self.trailLimit { trail.remove(at: Self.trailLimit / 2) }
        trail.append(Moment(state: state, message: message, since: now))
    }
}

/// One sync of an application, running or past.
package struct SyncRecord: Sendable, Hashable {
    package enum Cause: String, Sendable, Hashable {
        case commit, drift, retry, manual, start, approval, deletion, rollback
    }
    package enum Result: String, Sendable, Hashable {
        case running, succeeded, failed, superseded, interrupted
    }

    package var number: Int
    package var cause: Cause
    package var result: Result
    package var revision: ApplicationSnapshot.Revision?
    /// When the commit was seen here, and when its objects were made; of the first sync of a commit only.
    package var seenAt: Double?
    package var renderedAt: Double?
    /// When the plan was made.
    package var startedAt: Double
    package var appliedAt: Double?
    package var finishedAt: Double?
    /// How often it was tried again after it had failed; all tries are this one sync.
    package var retries = 0
    /// How many objects were made, changed and deleted: each counts once, however often that was.
    package var created: Int
    package var updated: Int
    package var deleted: Int
    package var message: String
    /// Who asked for it, where a person did.
    package var person: String?
    package var steps: [SyncStep]

    package init(number: Int, cause: Cause, revision: ApplicationSnapshot.Revision?, startedAt: Double) {
        self.number = number
        self.cause = cause
        self.result = .running
        self.revision = revision
        self.startedAt = startedAt
        created = 0
        updated = 0
        deleted = 0
        message = ""
        steps = []
    }
}
