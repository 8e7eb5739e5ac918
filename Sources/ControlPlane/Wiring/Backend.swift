import Delivery
import Fleet
import GitSource
import KubeRuntime
import Tenancy
import WebConsole

/// What the console shows and does, from the services that know.
struct Backend: ConsoleBackend {
    let delivery: DeliveryService
    let tenancy: TenantService
    let fleet: FleetService
    let watcher: RepositoryWatcher
    let fleetSignal: ChangeSignal
    let sources: SourceKeeper
    let plans: (any PlanDesk)?

    var board: Board { delivery.board }

    func tenants() async -> [TenantSummary] {
        let unreadable = await delivery.unreadableSources()
        let directory = tenancy.directory
        let readers = RepositoryReaders(directory.tenants.values)
        return directory.summaries.map { tenant in
            var tenant = tenant
            let problems = tenant.repositories.compactMap { repository in
                let mirror = readers.mirror(of: repository.url, for: tenant.name)
                return unreadable[WatchedBranch(repository: mirror, branch: repository.branch)]
            }
            if tenant.message.isEmpty { tenant.message = Self.words(of: problems) }
            for place in tenant.repositories.indices {
                tenant.repositories[place].url = RepositoryLocation(tenant.repositories[place].url).display
            }
            return tenant
        }
    }

    /// What is wrong with a tenant's repositories: each problem, as long as there are few.
    static func words(of problems: [String]) -> String {
        let shown = problems.prefix(3).map { $0.hasSuffix(".") ? $0 : $0 + "." }.joined(separator: " ")
        return problems.count > 3 ? "\(shown) (and \(problems.count - 3) more)" : shown
    }

    func clusters() async -> [ClusterSummary] { fleet.summaries }
    func fleetChanges() async -> AsyncStream<Void> { fleetSignal.stream() }

    func sync(_ id: ApplicationID, by person: String) async throws -> String? {
        try await delivery.sync(id, by: person)
    }

    func approve(_ id: ApplicationID, objects: [String]?, by person: String) async throws {
        try await delivery.approve(id, objects: objects, by: person)
    }

    var abilities: Set<ApplicationAbility> { Set(ApplicationAbility.allCases) }

    func perform(_ change: ApplicationChange, on id: ApplicationID, by person: String) async throws {
        switch change {
        case .pin(let commit, let reason, let lifetime):
            try await delivery.rollback(id, to: commit, reason: reason, lifetime: lifetime, by: person)
        case .commitPin: try await delivery.commitRollback(id, by: person)
        case .unpin: try await delivery.unpin(id, by: person)
        case .pause(let reason): try await delivery.pause(id, reason: reason, by: person)
        case .resume: try await delivery.resume(id, by: person)
        case .refuse(let objects): try await delivery.refuse(id, objects: objects, by: person)
        }
    }

    func offers(for object: String, of id: ApplicationID) async throws -> [ActionOffer] {
        try await delivery.offers(for: object, of: id)
    }

    func perform(
        _ action: ObjectAction,
        on object: String,
        of id: ApplicationID,
        by person: String
    ) async throws -> String {
        try await delivery.perform(action, on: object, of: id, by: person)
    }

    func diff(of id: ApplicationID) async throws -> [ObjectDiff] { try await delivery.diff(of: id) }
    func events(of id: ApplicationID) async throws -> [ObjectEvent] { try await delivery.events(of: id) }

    func object(_ object: String, of id: ApplicationID) async throws -> ObjectManifests {
        try await delivery.object(object, of: id)
    }

    func log(
        ofPod pod: String,
        container: String?,
        tail: Int,
        follow: Bool,
        previous: Bool,
        of id: ApplicationID
    )
        async throws -> AsyncThrowingStream<[UInt8], any Error>
    {
        try await delivery.log(
            ofPod: pod,
            container: container,
            tail: tail,
            follow: follow,
            previous: previous,
            of: id
        )
    }

    func poke(repository: String?) async { await watcher.poke(repository) }

    func webhookSecrets(of repositories: [String]) -> Set<String> {
        sources.webhookSecrets(of: repositories)
    }
}
