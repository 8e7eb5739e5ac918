import Delivery
import KubeModel
import WebConsole

/// What people do to the fake fleet: it is noted, and what can be seen at once changes.
extension FakeFleet {
    nonisolated var abilities: Set<ApplicationAbility> { Set(ApplicationAbility.allCases) }

    func perform(_ change: ApplicationChange, on id: ApplicationID, by person: String) throws {
        guard var snapshot = board.application(id) else { return }
        let now = Self.wallClock()
        switch change {
        case .pin(let commit, let reason, let lifetime):
            note("pin \(id) \(commit) \(reason) by \(person)")
            snapshot.pin = Pin(
                commit: commit,
                subject: snapshot.applied?.subject ?? "",
                reason: reason,
                person: person,
                since: now,
                expiresAt: now + Double(lifetime.components.seconds)
            )
        case .unpin, .commitPin:
            note("unpin \(id) by \(person)")
            snapshot.pin = nil
        case .pause(let reason):
            note("pause \(id) \(reason) by \(person)")
            snapshot.pause = Pause(reason: reason, person: person, since: now)
            snapshot.sync = .paused
        case .resume:
            note("resume \(id) by \(person)")
            snapshot.pause = nil
            snapshot.sync = .synced
        case .refuse(let objects):
            note("refuse \(id) \(objects?.joined(separator: ",") ?? "all") by \(person)")
            snapshot.findings = []
            snapshot.sync = .synced
            snapshot.message = ""
        }
        board.publish(.application(snapshot))
    }

    func offers(for object: String, of id: ApplicationID) -> [ActionOffer] {
        guard let node = board.objects(of: id).first(where: { $0.id == object }) else { return [] }
        var offers: [ActionOffer] = []
        switch node.kind {
        case "Deployment":
            offers.append(
                ActionOffer(action: .restart, effects: [.replacesPods(2, strategy: "RollingUpdate")])
            )
            offers.append(
                ActionOffer(
                    action: .scale,
                    effects: [.hasReplicas(2), .putBack(field: "spec.replicas", value: "2")]
                )
            )
        case "CronJob":
            offers.append(ActionOffer(action: .trigger, effects: [.startsJob("\(node.name)-manual-1")]))
            offers.append(ActionOffer(action: .suspend, effects: [.noNewRuns]))
        default: break
        }
        offers.append(
            ActionOffer(
                action: .delete,
                effects: node.parent == nil ? [.madeAgainByVarde] : [.madeAgainByOwner("ReplicaSet web")]
            )
        )
        return offers
    }

    func perform(
        _ action: ObjectAction,
        on object: String,
        of id: ApplicationID,
        by person: String
    ) throws
        -> String
    {
        note("\(action.name.rawValue) \(object) of \(id) by \(person)")
        if action == .suspend {
            throw StatusError(code: 403, reason: "Forbidden", message: "cronjobs.batch is forbidden")
        }
        return object
    }

    func hasRulesNotEvaluated(_ object: String, of id: ApplicationID) -> Bool {
        object.contains("ServiceAccount")
    }

    func nodes(of cluster: String) -> [NodeDetails] {
        let gibibyte = 1_073_741_824.0
        return (1...3).map { number in
            let share = Double(number)
            let requested: [String: Double] = [
                "cpu": share * 2.5, "memory": share * 9.5 * gibibyte, "pods": 40,
            ]
            return NodeDetails(
                name: "\(cluster)-node-\(number)",
                isReady: number < 3,
                isCordoned: number == 2,
                version: "v1.36.2",
                roles: number == 1 ? ["control-plane"] : [],
                problems: number == 3 ? ["Ready: Kubelet stopped posting node status."] : [],
                createdAt: "2026-01-04T08:00:00Z",
                allocatable: ["cpu": 8, "memory": 32 * gibibyte, "pods": 110],
                requested: requested
            )
        }
    }

    func quotas(of tenant: String) -> [QuotaUse] {
        [
            QuotaUse(
                cluster: nil,
                namespace: nil,
                name: "namespaces",
                resource: "namespaces",
                used: "12",
                hard: "20",
                share: 0.6
            ),
            QuotaUse(
                cluster: "prod",
                namespace: "\(tenant)-web",
                name: "compute",
                resource: "requests.cpu",
                used: "3800m",
                hard: "4",
                share: 0.95
            ),
        ]
    }

    func commit(_ id: String, in repository: String) -> CommitDetails? {
        guard
            let revision = board.applications().compactMap({ $0.desired ?? $0.applied }).first(where: {
                $0.commit == id
            })
        else { return nil }
        return CommitDetails(
            revision: revision,
            message: "\(revision.subject)\n\nIt was too slow.\n",
            files: ["env/dev/kart-web/app.yaml", "env/prod/kart-web/app.yaml"],
            parent: nil
        )
    }
}
