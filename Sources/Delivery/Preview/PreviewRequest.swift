import GitSource

/// What to make a plan of before it is merged.
package struct PreviewRequest: Sendable {
    /// Which applications are planned.
    package enum Scope: Sendable, Hashable {
        /// Those whose files differ from what their branch has.
        case changed
        /// All of the repository.
        case all
    }

    /// A repository's URL or path, in any spelling; the first one that a source has counts.
    package var repositories: [String]
    /// A branch, tag or commit; `""` is the default branch.
    package var revision: String
    /// How the plan calls it, when that is not the revision itself.
    package var name: String?
    /// The branch that it is to be merged into; each source's own branch when `nil`.
    package var against: String?
    package var tenant: String?
    package var cluster: String?
    package var scope = Scope.changed
    /// A file that `git bundle` made, with the commits that the repository does not have.
    package var bundle: String?

    package init(repositories: [String], revision: String) {
        self.repositories = repositories
        self.revision = revision
    }
}

/// Why there is no plan at all.
package struct PreviewError: Error, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        case unknownRepository, unknownRevision, unknownTenant, unknownCluster, unreadable, conflict
    }
    package var code: Code
    package var message: String

    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }

    init(_ error: GitError) {
        let code: Code =
            switch error.code {
            case .conflict: .conflict
            case .noSuchBranch, .noSuchObject: .unknownRevision
            default: .unreadable
            }
        self.init(code: code, message: error.message)
    }
}
