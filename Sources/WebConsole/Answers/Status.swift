import Delivery
import KubeModel

/// The whole fleet in numbers, and what a person should look at first.
struct StatusAnswer {
    private let applications: [ApplicationSnapshot]
    private let fleet: FleetAnswers

    init(applications: [ApplicationSnapshot], fleet: FleetAnswers) {
        self.applications = applications
        self.fleet = fleet
    }

    var answer: JSON {
        [
            "applications": counts,
            "clusters": [
                "total": .count(fleet.clusters.count),
                "reachable": .count(fleet.clusters.count { $0["reachable"]?.bool == true }),
            ],
            "tenants": [
                "total": .count(fleet.tenants.count),
                "accepted": .count(fleet.tenants.count { $0["accepted"]?.bool == true }),
            ],
            "attention": .array(attention),
        ]
    }

    private var counts: JSON {
        var bySync: [SyncState: Int] = [:]
        var byHealth: [HealthState: Int] = [:]
        for application in applications {
            bySync[application.sync, default: 0] += 1
            byHealth[application.health, default: 0] += 1
        }
        return [
            "total": .count(applications.count),
            "synced": .count(bySync[.synced, default: 0]),
            "outOfSync": .count(bySync[.outOfSync, default: 0]),
            "failed": .count(bySync[.failed, default: 0]),
            "refused": .count(bySync[.refused, default: 0]),
            "held": .count(bySync[.held, default: 0]),
            "syncing": .count(bySync[.syncing, default: 0]),
            "healthy": .count(byHealth[.healthy, default: 0]),
            "progressing": .count(byHealth[.progressing, default: 0]),
            "degraded": .count(byHealth[.degraded, default: 0]),
        ]
    }

    /// Errors before warnings, the newest of each first.
    private var attention: [JSON] {
        var errors: [ApplicationSnapshot] = []
        var warnings: [ApplicationSnapshot] = []
        for application in applications {
            switch application.attention {
            case .error: errors.append(application)
            case .warning: warnings.append(application)
            case .info, nil: break
            }
        }
        let newestFirst: (ApplicationSnapshot, ApplicationSnapshot) -> Bool = { $0.since > $1.since }
        return places + errors.sorted(by: newestFirst).map { entry(for: $0, severity: .error) }
            + warnings.sorted(by: newestFirst).map { entry(for: $0, severity: .warning) }
    }

    /// Clusters that do not answer, tenants that are not accepted or whose repository cannot be read.
    private var places: [JSON] {
        func entry(_ kind: String, _ place: JSON) -> JSON {
            [
                kind: place["name"] ?? "", "message": place["message"] ?? "",
                "since": place["since"] ?? .null, "severity": "error",
            ]
        }
        return fleet.clusters.filter { $0["reachable"]?.bool != true }.map { entry("cluster", $0) }
            + fleet.tenants.filter { $0["message"]?.string?.isEmpty == false }.map { entry("tenant", $0) }
    }

    private func entry(for application: ApplicationSnapshot, severity: Finding.Severity) -> JSON {
        [
            "application": .string(application.id.description),
            "message": .string(application.sentence),
            "since": .time(application.since),
            "severity": .string(severity.rawValue),
        ]
    }
}

extension ApplicationSnapshot {
    /// How urgently a person should look at it; `nil` when nobody need to.
    fileprivate var attention: Finding.Severity? {
        switch (sync, health) {
        // What is being made, or removed, is not missed.
        case (.syncing, .missing), (.deleting, .missing): nil
        case (.held, .missing): .warning
        case (.failed, _), (.refused, _), (_, .degraded), (_, .missing): .error
        case (.held, _), (.unknown, _), (_, .unknown): .warning
        // Delivered all the same, but not as its author meant: settings that cannot be read, say.
        default: findings.contains { $0.severity != .info } ? .warning : nil
        }
    }

    /// What is wrong in one sentence, from the application or else its worst finding.
    fileprivate var sentence: String {
        guard message.isEmpty else { return message }
        let worst = findings.first { $0.severity == .error } ?? findings.first
        return worst?.message ?? ""
    }
}
