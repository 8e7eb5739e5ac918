import Delivery
import GitSource
import KubeClient
import KubeModel
import Logging
import Synchronization
import Tenancy

/// Tells the watcher how repositories are reached and Delivery which there are, as the tenants and their Secrets say.
///
/// Secrets are looked at every ten seconds: a password that is changed is used without a restart.
final class SourceKeeper: Sendable {
    private struct SecretName: Hashable {
        var tenant: String
        var name: String
    }

    private enum Known: Hashable {
        case texts([String: String])
        case missing
        /// It could not be read yet.
        case unread(String)
    }

    private let admin: KubeClient
    private let tenants: TenantService
    private let delivery: DeliveryService
    private let watcher: RepositoryWatcher
    private let logger: Logger
    private let interval: Duration
    /// By repository, in the spelling that all of its URLs share.
    private let webhooks = Mutex<[String: Set<String>]>([:])

    init(
        admin: KubeClient,
        tenants: TenantService,
        delivery: DeliveryService,
        watcher: RepositoryWatcher,
        logger: Logger,
        interval: Duration = .seconds(10)
    ) {
        self.admin = admin
        self.tenants = tenants
        self.delivery = delivery
        self.watcher = watcher
        self.logger = logger
        self.interval = interval
    }

    /// What a webhook about one of these repositories must be signed with; empty when anybody may send one.
    func webhookSecrets(of repositories: [String]) -> Set<String> {
        webhooks.withLock { webhooks in
            guard !repositories.isEmpty else { return webhooks.values.reduce(into: []) { $0.formUnion($1) } }
            return repositories.reduce(into: []) {
                $0.formUnion(webhooks[RepositoryLocation($1).identity] ?? [])
            }
        }
    }

    /// Runs until cancelled.
    func run() async {
        let (signals, signal) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        await withDiscardingTaskGroup { group in
            group.addTask { for await _ in self.tenants.changes() { signal.yield() } }
            group.addTask {
                while (try? await Task.sleep(for: self.interval)) != nil { signal.yield() }
                // Cancelled.
                signal.finish()
            }
            await keep(signals)
            group.cancelAll()
        }
    }

    private func keep(_ signals: AsyncStream<Void>) async {
        var known: [SecretName: Known] = [:]
        var told: TenantDirectory?
        var made: Set<String> = []
        for await _ in signals where tenants.isReady {
            let directory = tenants.directory
            let all = directory.tenants.values.sorted { $0.name < $1.name }
            let readers = RepositoryReaders(all)
            await makeNamespaces(for: all, &made)
            known = await read(Set(all.flatMap(Self.secrets)), before: known)
            // How to reach a repository is known before it is looked at.
            await watcher.setAccess(access(all, readers, known))
            webhooks.withLock { $0 = secrets(of: all, known) }
            guard directory != told else { continue }
            told = directory
            await delivery.setSources(
                all.flatMap { tenant in
                    tenant.repositories.map {
                        TenantSource(
                            tenant: tenant.name,
                            repository: readers.mirror(of: $0.url, for: tenant.name),
                            branch: $0.branch,
                            root: $0.root
                        )
                    }
                }
            )
        }
    }

    private static func secrets(_ tenant: Tenant) -> [SecretName] {
        (tenant.repositories.map(\.secret) + [tenant.signaturesSecret, tenant.webhookSecret])
            .compactMap(\.self).map { SecretName(tenant: tenant.name, name: $0) }
    }

    private func read(_ names: Set<SecretName>, before: [SecretName: Known]) async -> [SecretName: Known] {
        var known: [SecretName: Known] = [:]
        for name in names {
            let namespace = ApplicationObject.namespace(of: name.tenant)
            do {
                let secret = try await admin.find(.secrets, ObjectName(namespace: namespace, name: name.name))
                known[name] = secret.map { .texts(SourceSecrets.texts(of: $0)) } ?? .missing
            } catch {
                // What was known stays good; a Secret that could never be read is no reason to do without.
                known[name] = before[name] ?? .unread("\(error)")
                logger.warning("a Secret cannot be read", metadata: ["secret": "\(namespace)/\(name.name)"])
            }
        }
        return known
    }

    /// The namespaces in which the tenants' Secrets are looked for are there before anything is delivered.
    private func makeNamespaces(for tenants: [Tenant], _ made: inout Set<String>) async {
        for tenant in tenants where !made.contains(tenant.name) {
            do {
                try await ApplicationObject.makeNamespace(of: tenant.name, in: admin)
                made.insert(tenant.name)
            } catch {
                // The admin cluster is away: it is tried again with the next look.
                logger.debug("a tenant's namespace cannot be made", metadata: ["tenant": "\(tenant.name)"])
            }
        }
    }

    private func access(
        _ all: [Tenant],
        _ readers: RepositoryReaders,
        _ known: [SecretName: Known]
    ) -> [String: RepositoryAccess] {
        var result: [String: RepositoryAccess] = [:]
        for tenant in all {
            for repository in tenant.repositories {
                var access = RepositoryAccess()
                if let name = repository.secret {
                    switch known[SecretName(tenant: tenant.name, name: name)] {
                    case .texts(let texts):
                        access = SourceSecrets.access(from: texts)
                    case .missing, nil: access.problem = problem(tenant, name, "does not exist")
                    case .unread(let reason):
                        access.problem = problem(tenant, name, "cannot be read: \(reason)")
                    }
                }
                if let name = tenant.signaturesSecret {
                    access.signers = signers(known[SecretName(tenant: tenant.name, name: name)], tenant, name)
                }
                access.submodules =
                    repository.hasSubmodules ? .followed(hosts: Set(tenant.allowedHosts)) : .ignored
                access.depth = repository.depth
                let mirror = readers.mirror(of: repository.url, for: tenant.name)
                if let other = result[mirror] {
                    // They read it in the same way; who wants all of the history gets it.
                    access.depth = repository.depth.flatMap { depth in other.depth.map { max($0, depth) } }
                }
                result[mirror] = access
            }
        }
        return result
    }

    /// Whose signatures count; of a Secret that is not there, nobody's.
    private func signers(_ known: Known?, _ tenant: Tenant, _ name: String) -> CommitSigners {
        let secret = words(for: name, of: tenant)
        switch known {
        case .texts(let texts):
            var signers = SourceSecrets.signers(from: texts)
            if signers.isEmpty {
                signers.problem =
                    "\(secret) has no keys: put them under allowed_signers, or under names that end in .asc or .gpg"
            }
            return signers
        case .missing, nil: return CommitSigners(problem: "\(secret), with the keys to trust, does not exist")
        case .unread(let reason): return CommitSigners(problem: "\(secret) cannot be read: \(reason)")
        }
    }

    private func problem(_ tenant: Tenant, _ name: String, _ what: String) -> String {
        "\(words(for: name, of: tenant)), with its credentials, \(what)."
    }

    private func words(for secret: String, of tenant: Tenant) -> String {
        "the Secret \(ApplicationObject.namespace(of: tenant.name))/\(secret) in the admin cluster"
    }

    private func secrets(of all: [Tenant], _ known: [SecretName: Known]) -> [String: Set<String>] {
        var result: [String: Set<String>] = [:]
        for tenant in all {
            guard let name = tenant.webhookSecret else { continue }
            var secret: String?
            if case .texts(let texts)? = known[SecretName(tenant: tenant.name, name: name)] {
                secret = SourceSecrets.webhook(from: texts)
            }
            for repository in tenant.repositories {
                // Without the Secret nothing fits.
                result[RepositoryLocation(repository.url).identity, default: []].insert(secret ?? "")
            }
        }
        return result
    }
}
