import GitSource

/// Where an application's manifests come from.
package struct ApplicationSource: Sendable, Hashable {
    package enum Layout: Sendable, Hashable {
        /// One directory, delivered to one namespace.
        case directory(String)
        /// Directories of files, each of which stands for itself; any kind and scope.
        case files([String])
    }

    /// The name under which its mirror is known.
    package var repository: String
    /// The repository's URL, fit for people.
    var repositoryURL: String { RepositoryLocation(repository).display }
    package var branch: String
    package var layout: Layout

    package init(repository: String, branch: String, layout: Layout) {
        self.repository = repository
        self.branch = branch
        self.layout = layout
    }

    /// For people.
    package var path: String {
        switch layout {
        case .directory(let path): path
        case .files(let directories): directories.joined(separator: ", ")
        }
    }

    package var isPlatform: Bool { if case .files = layout { true } else { false } }
}

/// A directory that is no longer in its repository, though objects of it may still be there.
package struct Tombstone: Sendable, Hashable {
    /// Seconds since 1970.
    package var since: Double
    /// The first commit without the directory.
    package var commit: String
    /// Too many directories vanished at once: a person must approve.
    package var isHeld: Bool
    /// Where the same commit moved the directory: kept until that is healthy.
    package var successor: ApplicationID?

    package init(since: Double, commit: String, isHeld: Bool, successor: ApplicationID? = nil) {
        self.successor = successor
        self.since = since
        self.commit = commit
        self.isHeld = isHeld
    }
}

/// What is known of an application's directory.
package enum Presence: Sendable, Hashable {
    /// Not looked at yet since the start.
    case unknown
    case present
    indirect case vanished(Tombstone)
    /// No tenant declares the repository any more.
    case undeclared

    var isVanished: Bool {
        if case .vanished = self { true } else { false }
    }
}
