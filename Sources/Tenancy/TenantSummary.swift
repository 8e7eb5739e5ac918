/// What the console and the command line show of a tenant.
package struct TenantSummary: Sendable, Hashable {
    package struct Repository: Sendable, Hashable {
        package var url: String
        package var branch: String
        package var root: String
        /// The name of the Secret, in the tenant's namespace of the admin cluster, with the credentials.
        package var secret: String?
        /// Whether submodules are read.
        package var hasSubmodules: Bool
        /// How many commits of each branch are fetched at first; all when `nil`.
        package var depth: Int?

        package init(
            url: String,
            branch: String,
            root: String,
            secret: String? = nil,
            hasSubmodules: Bool = true,
            depth: Int? = nil
        ) {
            self.url = url
            self.branch = branch
            self.root = root
            self.secret = secret
            self.hasSubmodules = hasSubmodules
            self.depth = depth
        }
    }

    package var name: String
    package var displayName: String
    package var prefixes: [String]
    package var repositories: [Repository]
    /// Names of the clusters it may use; empty for all.
    package var clusters: [String]
    /// Role (`view`, `deploy`, `admin`) → groups.
    package var groups: [String: [String]]
    package var isAccepted: Bool
    /// Why the tenant is not accepted, in one sentence; empty otherwise.
    package var message: String

    package init(
        name: String,
        displayName: String,
        prefixes: [String],
        repositories: [Repository],
        clusters: [String],
        groups: [String: [String]],
        isAccepted: Bool,
        message: String
    ) {
        self.name = name
        self.displayName = displayName
        self.prefixes = prefixes
        self.repositories = repositories
        self.clusters = clusters
        self.groups = groups
        self.isAccepted = isAccepted
        self.message = message
    }
}
