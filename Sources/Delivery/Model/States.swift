/// Whether an object, or an application, is as its commit says.
package enum SyncState: String, Sendable, Hashable, CaseIterable {
    case synced = "Synced"
    case outOfSync = "OutOfSync"
    /// A sync is running, or waits for something it named.
    case syncing = "Syncing"
    /// The last sync could not be finished; it is tried again.
    case failed = "Failed"
    /// The source or the policy refuses it: nothing is changed until a commit or a person does something.
    case refused = "Refused"
    /// Something waits for a person's approval, all else is synced.
    case held = "Held"
    case paused = "Paused"
    /// A directory that disappeared: goes away after the tenant's delay.
    case deleting = "Deleting"
    /// Not known yet, or not knowable (the cluster does not answer).
    case unknown = "Unknown"
}

/// Health, best to worst; an application has the worst of its objects.
package enum HealthState: String, Sendable, Hashable, Comparable, CaseIterable {
    case healthy = "Healthy"
    case suspended = "Suspended"
    case progressing = "Progressing"
    case missing = "Missing"
    case degraded = "Degraded"
    case unknown = "Unknown"

    package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// Something a person must see.
package struct Finding: Sendable, Hashable {
    package enum Severity: String, Sendable, Hashable { case error, warning, info }
    package enum Code: String, Sendable, Hashable {
        case sourceUnreadable, renderFailed, settingsInvalid, refused, heldDeletion, conflict, applyFailed,
            unknownKind,
            unhealthy, pinned, clusterUnreachable, unknownCluster, outsidePrefix, duplicateObject, fight,
            budget
    }

    package var severity: Severity
    package var code: Code
    /// One sentence for a person: what is wrong, and what to do where that can be said.
    package var message: String
    /// `env/dev/kart-web/app.yaml, document 2, line 14`, when a file is the cause.
    package var origin: String?
    /// `apps/Deployment:kart-web/web`, when it is about one object.
    package var object: String?
    /// The field, as `spec.template.spec.containers[0].image`, when one is known.
    package var field: String?
    /// Seconds since 1970.
    package var since: Double

    package init(
        severity: Severity = .error,
        code: Code,
        message: String,
        origin: String? = nil,
        object: String? = nil,
        field: String? = nil,
        since: Double
    ) {
        self.severity = severity
        self.code = code
        self.message = message
        self.origin = origin
        self.object = object
        self.field = field
        self.since = since
    }
}
