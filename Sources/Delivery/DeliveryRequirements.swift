package import KubeClient
package import KubeModel
package import Rendering

/// What Delivery asks about clusters; ControlPlane answers from the fleet.
package protocol ClusterDirectory: Sendable {
    /// Access to a cluster of the fleet as Varde itself (may impersonate); `nil` for a name the fleet does not have.
    func client(for cluster: String) async -> KubeClient?
    /// Why a cluster cannot be reached that exists and has no client so far; `nil` when nobody knows.
    func problem(of cluster: String) -> String?
    /// The names that exist now.
    func clusterNames() async -> Set<String>
    /// An element whenever a cluster was added, removed, or became (un)reachable, and when ``delivers(to:)`` changed.
    func changes() async -> AsyncStream<Void>
    /// Whether this process is the one that delivers to a cluster now; another replica may be.
    func delivers(to cluster: String) -> Bool
    /// Differs whenever a cluster that this process delivers to was another replica's to deliver to for a while.
    func term(of cluster: String) -> Int
}

extension ClusterDirectory {
    package func problem(of cluster: String) -> String? { nil }
    package func delivers(to cluster: String) -> Bool { true }
    package func term(of cluster: String) -> Int { 0 }
}

/// What Delivery asks before it writes; ControlPlane answers from Tenancy.
package protocol DeliveryPolicy: Sendable {
    /// Why this destination may not be used by this tenant at all; `nil` when it may.
    func refusal(of destination: ApplicationID, path: String) async -> Finding?
    /// Why single objects may not be applied: one finding per object. Any error refuses the whole plan; what is
    /// less is told in plans of commits.
    func refusals(of objects: [PolicyCandidate], for destination: ApplicationID) async -> [Finding]
    /// Makes sure the namespace exists, claimed for the tenant, with the rights its objects are applied with; idempotent,
    /// and without a request when it is known to be so.
    /// - Throws: ``DeliveryError`` with a finding when the namespace belongs to somebody else.
    func prepare(_ destination: ApplicationID, client: KubeClient) async throws -> NamespaceRights
    /// Removes a namespace that was made for a destination whose directory is gone; waits until it has really gone.
    /// - Throws: ``DeliveryError`` with `heldDeletion` when it holds objects that nobody said may go.
    func release(_ destination: ApplicationID, foreign: ForeignContent, client: KubeClient) async throws
    /// As whom a tenant's objects are applied.
    func identity(of tenant: String) async -> Impersonation?
    /// How long a directory that disappeared can be brought back.
    func deletionDelay(of tenant: String) async -> Duration
    /// What may be fetched while a tenant's directories are rendered; `nil` for nothing.
    func network(of tenant: String) async -> ToolNetwork?
}

extension DeliveryPolicy {
    package func network(of tenant: String) async -> ToolNetwork? { nil }
}

/// Whether a tenant's rights in a namespace were there, or were given a moment ago.
///
/// An API server learns of new ones by watching: for some milliseconds it refuses what it will allow.
package enum NamespaceRights: Sendable, Hashable { case standing, new }

/// What becomes of objects in a namespace that Varde did not make, when the namespace goes.
package enum ForeignContent: Sendable, Hashable { case hold, delete }

package struct PolicyCandidate: Sendable {
    package var object: KubeObject
    package var isNamespaced: Bool
    package var origin: String

    package init(object: KubeObject, isNamespaced: Bool, origin: String) {
        self.object = object
        self.isNamespaced = isNamespaced
        self.origin = origin
    }
}

/// A repository that a tenant deploys from.
package struct TenantSource: Sendable, Hashable {
    package var tenant: String
    package var repository: String
    package var branch: String
    /// The directory above `<cluster>/<namespace>`; `env` by default.
    package var root: String

    package init(tenant: String, repository: String, branch: String, root: String = "env") {
        self.tenant = tenant
        self.repository = repository
        self.branch = branch
        self.root = root
    }
}

/// Why a step of delivery failed, with what a person is told.
package struct DeliveryError: Error, Sendable, CustomStringConvertible {
    package var finding: Finding
    package var isRetryable: Bool

    package init(finding: Finding, isRetryable: Bool) {
        self.finding = finding
        self.isRetryable = isRetryable
    }

    package var description: String { finding.message }
}
