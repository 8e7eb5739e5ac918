import Delivery
import GitSource
import KubeClient
import KubeModel
import Rendering
import Tenancy

/// Answers Delivery's questions from the tenants; the platform's own source may do everything in the admin cluster.
struct TenancyPolicy: DeliveryPolicy {
    /// The tenant name of the platform repository's own application.
    static let platform = "platform"

    let tenants: TenantService
    let claims: NamespaceClaims
    /// Seconds since 1970.
    let now: @Sendable () -> Double

    func refusal(of destination: ApplicationID, path: String) async -> Finding? {
        guard destination.tenant != Self.platform else { return nil }
        let directory = tenants.directory
        let others =
            directory.tenants[destination.tenant]?.namespaceQuota == nil
            ? 0
            : await claims.count(
                of: destination.tenant,
                unlessIn: destination.cluster,
                destination.namespace
            )
        return directory.refusal(
            tenant: destination.tenant,
            cluster: destination.cluster,
            namespace: destination.namespace,
            path: path,
            otherNamespaces: others
        ).map(finding)
    }

    func refusals(of objects: [PolicyCandidate], for destination: ApplicationID) async -> [Finding] {
        guard destination.tenant != Self.platform else { return [] }
        let candidates = objects.map {
            TenantDirectory.Candidate(object: $0.object, isNamespaced: $0.isNamespaced, origin: $0.origin)
        }
        return tenants.directory.refusals(
            of: candidates,
            tenant: destination.tenant,
            namespace: destination.namespace
        ).map(finding)
    }

    func prepare(_ destination: ApplicationID, client: KubeClient) async throws -> NamespaceRights {
        guard destination.tenant != Self.platform else { return .standing }
        guard let tenant = tenants.directory.tenants[destination.tenant] else { return .standing }
        let claim = NamespaceClaim(
            tenant: tenant,
            cluster: destination.cluster,
            namespace: destination.namespace
        )
        return try await translated {
            try await claims.prepare(claim, client: client) == .granted ? .new : .standing
        }
    }

    func release(_ destination: ApplicationID, foreign: ForeignContent, client: KubeClient) async throws {
        guard destination.tenant != Self.platform else { return }
        // A tenant that is gone itself still has its name on the namespace.
        let tenant =
            tenants.directory.tenants[destination.tenant] ?? Tenant(name: destination.tenant, prefixes: [])
        let claim = NamespaceClaim(
            tenant: tenant,
            cluster: destination.cluster,
            namespace: destination.namespace
        )
        try await translated {
            try await claims.release(
                claim,
                of: Tracking(destination).value,
                foreign: foreign == .hold ? .refuse : .delete,
                client: client
            )
        }
    }

    func identity(of tenant: String) async -> Impersonation? {
        tenant == Self.platform ? nil : Impersonation(user: NamespaceClaim.user(of: tenant))
    }

    func deletionDelay(of tenant: String) async -> Duration {
        tenants.directory.tenants[tenant]?.deletionDelay ?? .seconds(60)
    }

    func network(of tenant: String) async -> ToolNetwork? {
        let hosts = tenants.directory.tenants[tenant].map { AllowedHosts($0.allowedHosts) }
        guard let hosts, !hosts.isEmpty else { return nil }
        return ToolNetwork(tenant: tenant, hosts: hosts)
    }

    private func finding(_ refusal: Refusal) -> Finding {
        let code: Finding.Code =
            switch refusal.rule {
            case .outsidePrefix: .outsidePrefix
            default: .refused
            }
        return Finding(
            code: code,
            message: refusal.message,
            origin: refusal.origin,
            object: refusal.object,
            field: refusal.field,
            since: now()
        )
    }

    private func translated<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as TenancyError {
            let code: Finding.Code = error.code == .foreignContent ? .heldDeletion : .refused
            throw DeliveryError(
                finding: Finding(code: code, message: error.message, since: now()),
                isRetryable: error.isRetryable
            )
        }
    }
}
