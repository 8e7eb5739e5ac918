/// A person's decision to deliver an earlier revision for a while, whatever newer commits say.
package struct Pin: Sendable, Hashable {
    package var commit: String
    package var subject: String
    package var reason: String
    /// Who decided.
    package var person: String
    /// Seconds since 1970.
    package var since: Double
    /// When it ends by itself.
    package var expiresAt: Double

    package init(
        commit: String,
        subject: String,
        reason: String,
        person: String,
        since: Double,
        expiresAt: Double
    ) {
        self.commit = commit
        self.subject = subject
        self.reason = reason
        self.person = person
        self.since = since
        self.expiresAt = expiresAt
    }

    /// For how long, when nobody says.
    package static let lifetime = Duration.seconds(86_400)

    var short: String { String(commit.prefix(7)) }
}

/// A person's decision to change nothing of an application for now.
package struct Pause: Sendable, Hashable {
    package var reason: String
    package var person: String
    /// Seconds since 1970.
    package var since: Double

    package init(reason: String, person: String, since: Double) {
        self.reason = reason
        self.person = person
        self.since = since
    }

    /// Argo CD's annotation that asks for the same, on the `Application` object.
    package static let annotation = "argocd.argoproj.io/skip-reconcile"
}

/// A person's wish to sync now, until that sync is over.
package struct SyncRequest: Sendable, Hashable {
    package var person: String
    /// Seconds since 1970.
    package var since: Double
    /// Whether a sync of this process is under way for it.
    package var isBegun = false

    package init(person: String, since: Double) {
        self.person = person
        self.since = since
    }
}

/// A page about an object, named by one of its annotations.
package struct PageLink: Sendable, Hashable {
    package var title: String
    package var url: String

    package init(title: String, url: String) {
        self.title = title
        self.url = url
    }
}
