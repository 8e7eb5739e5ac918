package import Delivery
package import Fleet
package import Tenancy

/// What the console and the HTTP API need; ControlPlane supplies it.
package protocol ConsoleBackend: Sendable {
    var board: Board { get }
    func tenants() async -> [TenantSummary]
    func clusters() async -> [ClusterSummary]
    /// An element whenever ``tenants()`` or ``clusters()`` would answer something else.
    func fleetChanges() async -> AsyncStream<Void>

    /// The nodes of a cluster now, and what is asked of them.
    func nodes(of cluster: String) async throws -> [NodeDetails]
    /// What a tenant's namespaces use of what they may.
    func quotas(of tenant: String) async throws -> [QuotaUse]
    /// What a commit is and what it changed; `nil` when no repository that is watched has it.
    func commit(_ id: String, in repository: String) async throws -> CommitDetails?

    /// - Returns: What whoever asked for it should know.
    func sync(_ id: ApplicationID, by person: String) async throws -> String?
    func approve(_ id: ApplicationID, objects: [String]?, by person: String) async throws
    /// What may be done to an application beside sync and approval: those that are not in it are not offered.
    var abilities: Set<ApplicationAbility> { get }
    func perform(_ change: ApplicationChange, on id: ApplicationID, by person: String) async throws
    func offers(for object: String, of id: ApplicationID) async throws -> [ActionOffer]
    /// - Returns: What was changed or made, as `Job nightly-manual-12`.
    func perform(
        _ action: ObjectAction,
        on object: String,
        of id: ApplicationID,
        by person: String
    ) async throws
        -> String

    func diff(of id: ApplicationID) async throws -> [ObjectDiff]
    func events(of id: ApplicationID) async throws -> [ObjectEvent]
    func object(_ object: String, of id: ApplicationID) async throws -> ObjectManifests
    /// Whether the definition of the object's kind has validation rules (CEL) that its API server, one of Varde's own, does not
    /// evaluate.
    func hasRulesNotEvaluated(_ object: String, of id: ApplicationID) async -> Bool
    func log(
        ofPod pod: String,
        container: String?,
        tail: Int,
        follow: Bool,
        previous: Bool,
        of id: ApplicationID
    )
        async throws -> AsyncThrowingStream<[UInt8], any Error>

    /// Looks at repositories now (webhook); all when `nil`.
    func poke(repository: String?) async
    /// What a webhook about one of these repositories (about any when there are none) must be signed with; empty when
    /// anybody may send one.
    func webhookSecrets(of repositories: [String]) -> Set<String>
    /// Plans of commits; `nil` where none are made.
    var plans: (any PlanDesk)? { get }
}

extension ConsoleBackend {
    package var plans: (any PlanDesk)? { nil }
    package func webhookSecrets(of repositories: [String]) -> Set<String> { [] }
}

/// What a person can do to an application as a whole, beside a sync.
package enum ApplicationAbility: String, Sendable, Hashable, CaseIterable { case pin, pause, refuse }

package enum ApplicationChange: Sendable, Hashable {
    /// Goes back to an earlier commit and stays there for a while.
    case pin(commit: String, reason: String, lifetime: Duration)
    case unpin
    /// Writes a commit that does for good what the pin does.
    case commitPin
    case pause(reason: String)
    case resume
    /// Held deletions shall not happen; all when `nil`.
    case refuse(objects: [String]?)
}

/// A node of a cluster, and how much of it is asked for.
package struct NodeDetails: Sendable, Hashable {
    package var name: String
    package var isReady: Bool
    package var isCordoned: Bool
    package var version: String
    package var roles: [String]
    package var taints: [String]
    /// What is wrong, in Kubernetes' words.
    package var problems: [String]
    package var createdAt: String?
    /// `cpu` in cores, `memory` in bytes, `pods`: what pods may use.
    package var allocatable: [String: Double]
    /// The same, as the pods on it ask for.
    package var requested: [String: Double]

    package init(
        name: String,
        isReady: Bool,
        isCordoned: Bool = false,
        version: String,
        roles: [String] = [],
        taints: [String] = [],
        problems: [String] = [],
        createdAt: String? = nil,
        allocatable: [String: Double],
        requested: [String: Double]
    ) {
        self.name = name
        self.isReady = isReady
        self.isCordoned = isCordoned
        self.version = version
        self.roles = roles
        self.taints = taints
        self.problems = problems
        self.createdAt = createdAt
        self.allocatable = allocatable
        self.requested = requested
    }
}

/// How much of one quota is used.
package struct QuotaUse: Sendable, Hashable {
    /// `nil` with no namespace for the tenant's own limits.
    package var cluster: String?
    package var namespace: String?
    /// Of the quota object, or of the tenant's limit.
    package var name: String
    /// For example `requests.cpu`.
    package var resource: String
    package var used: String
    package var hard: String
    /// Used of hard, 0 to 1 and beyond.
    package var share: Double

    package init(
        cluster: String?,
        namespace: String?,
        name: String,
        resource: String,
        used: String,
        hard: String,
        share: Double
    ) {
        self.cluster = cluster
        self.namespace = namespace
        self.name = name
        self.resource = resource
        self.used = used
        self.hard = hard
        self.share = share
    }
}

/// A commit as its repository has it.
package struct CommitDetails: Sendable, Hashable {
    package var revision: ApplicationSnapshot.Revision
    package var message: String
    /// Files that it changed; of a merge, against its first parent.
    package var files: [String]
    package var parent: String?

    package init(revision: ApplicationSnapshot.Revision, message: String, files: [String], parent: String?) {
        self.revision = revision
        self.message = message
        self.files = files
        self.parent = parent
    }
}
