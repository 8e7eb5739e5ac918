import GitSource
import Tenancy

/// Which mirror each tenant's repository is read from.
///
/// Tenants that read one URL in the same way share a mirror under that URL. Who brings credentials, signers or other rules
/// of their own has a mirror of their own: nobody reads with what another tenant was given, and nobody's trust counts for
/// another tenant.
struct RepositoryReaders: Sendable {
    /// What two tenants must have in common to share a mirror.
    private struct Way: Hashable {
        /// Secrets are the tenant's own, whatever they are called.
        var secretsOf: String?
        var hasSubmodules: Bool
        var hosts: Set<String>

        init(_ tenant: Tenant, _ repository: TenantSummary.Repository) {
            secretsOf = repository.secret == nil && tenant.signaturesSecret == nil ? nil : tenant.name
            hasSubmodules = repository.hasSubmodules
            hosts = Set(tenant.allowedHosts)
        }
    }

    private struct Reader: Hashable {
        var tenant: String
        var url: String
    }

    private var names: [Reader: String] = [:]

    init(_ tenants: some Sequence<Tenant>) {
        var known: [String: [Way: String]] = [:]
        for tenant in tenants.sorted(by: { $0.name < $1.name }) {
            for repository in tenant.repositories {
                let way = Way(tenant, repository)
                let ways = known[repository.url] ?? [:]
                let name =
                    ways[way]
                    ?? (ways.isEmpty
                        ? repository.url : RepositoryLocation(repository.url).readBy(tenant.name))
                known[repository.url, default: [:]][way] = name
                // A tenant that names a URL twice reads it in one way.
                let reader = Reader(tenant: tenant.name, url: repository.url)
                names[reader] = names[reader] ?? name
            }
        }
    }

    /// The name under which the watcher knows the mirror.
    func mirror(of url: String, for tenant: String) -> String {
        names[Reader(tenant: tenant, url: url)] ?? url
    }
}
