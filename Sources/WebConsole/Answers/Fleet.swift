import Delivery
import Fleet
import KubeModel
import Tenancy

/// How many applications there are in one place, and how they are.
struct ApplicationTally: Sendable {
    private(set) var total = 0
    private(set) var healthy = 0
    private(set) var progressing = 0
    private(set) var degraded = 0

    mutating func add(_ health: HealthState) {
        total += 1
        switch health {
        case .healthy, .suspended: healthy += 1
        case .progressing: progressing += 1
        case .degraded, .missing: degraded += 1
        case .unknown: break
        }
    }

    var answer: JSON {
        [
            "total": .count(total), "healthy": .count(healthy), "progressing": .count(progressing),
            "degraded": .count(degraded),
        ]
    }
}

/// Tenants and clusters, with the tallies of their applications.
struct FleetAnswers {
    let tenants: [JSON]
    let clusters: [JSON]

    init(tenants: [JSON], clusters: [JSON]) {
        self.tenants = tenants
        self.clusters = clusters
    }

    /// Asks the backend once for both.
    ///
    /// - Parameter sight: Of tenants that are not seen nothing is told, not even a number.
    init(_ backend: any ConsoleBackend, for sight: Sight) async {
        var byTenant: [String: ApplicationTally] = [:]
        var byCluster: [String: ApplicationTally] = [:]
        for application in backend.board.applications() where sight.sees(tenant: application.id.tenant) {
            byTenant[application.id.tenant, default: ApplicationTally()].add(application.health)
            byCluster[application.id.cluster, default: ApplicationTally()].add(application.health)
        }
        tenants = await backend.tenants().filter { sight.sees(tenant: $0.name) }.map {
            $0.answer(byTenant[$0.name] ?? ApplicationTally())
        }
        clusters = await backend.clusters().map { $0.answer(byCluster[$0.name] ?? ApplicationTally()) }
    }
}

extension TenantSummary {
    /// The *Tenant* of docs/api.md.
    func answer(_ applications: ApplicationTally) -> JSON {
        [
            "name": .string(name),
            "displayName": .string(displayName),
            "prefixes": .strings(prefixes),
            "repositories": .array(
                repositories.map {
                    ["url": .string($0.url), "branch": .string($0.branch), "root": .string($0.root)]
                }
            ),
            "clusters": .strings(clusters),
            "groups": .object(
                JSONObject(groups.map { ($0.key, .strings($0.value)) }, uniquingKeysWith: { _, last in last })
            ),
            "accepted": .bool(isAccepted),
            "message": .string(message),
            "applications": applications.answer,
        ]
    }
}

extension ClusterSummary {
    /// The *Cluster* of docs/api.md.
    func answer(_ applications: ApplicationTally) -> JSON {
        [
            "name": .string(name),
            "environment": .string(environment),
            "location": .string(location),
            "provider": .string(provider.rawValue),
            "simulated": .bool(isSimulated),
            "version": .string(version),
            "nodes": .count(nodes),
            "readyNodes": .count(readyNodes),
            "reachable": .bool(isReachable),
            "message": .string(message),
            "since": .time(since),
            "applications": applications.answer,
        ]
    }
}
