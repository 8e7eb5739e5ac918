import KubeModel

extension ActionOffer {
    /// What may be done to an object as it is now; permissions are another matter.
    ///
    /// - Parameters:
    ///   - desired: What the commit says of it, if it does.
    ///   - nodes: All objects of the application.
    static func offers(
        for live: KubeObject,
        desired: KubeObject?,
        nodes: ObjectNodes,
        now: Double
    ) -> [ActionOffer] {
        let below = Descendants(of: live.reference.description, in: nodes)
        var offers: [ActionOffer] = []
        if ["Deployment", "StatefulSet", "DaemonSet"].contains(live.kind) {
            let strategy =
                live.at("spec", "strategy", "type")?.string ?? live.at("spec", "updateStrategy", "type")?
                .string
                ?? "RollingUpdate"
            offers.append(
                ActionOffer(action: .restart, effects: [.replacesPods(below.pods, strategy: strategy)])
            )
        }
        if ["Deployment", "StatefulSet"].contains(live.kind)
            || live.kind == "ReplicaSet" && !isControlled(live)
        {
            var effects: [Effect] = [.hasReplicas(live.at("spec", "replicas")?.int ?? 1)]
            if let replicas = desired?.at("spec", "replicas")?.int {
                effects.append(.putBack(field: "spec.replicas", value: "\(replicas)"))
            }
            offers.append(ActionOffer(action: .scale, effects: effects))
        }
        if live.kind == "CronJob" {
            let isSuspended = live.at("spec", "suspend")?.bool ?? false
            var effects: [Effect] = [
                isSuspended ? .runsAgain(schedule: live.at("spec", "schedule")?.string ?? "") : .noNewRuns
            ]
            if let suspend = desired?.at("spec", "suspend")?.bool {
                effects.append(.putBack(field: "spec.suspend", value: "\(suspend)"))
            }
            offers.append(ActionOffer(action: .trigger, effects: [.startsJob(jobName(live, now: now))]))
            offers.append(ActionOffer(action: isSuspended ? .resume : .suspend, effects: effects))
        }
        offers.append(
            ActionOffer(action: .delete, effects: deletion(of: live, desired: desired, below: below.count))
        )
        return live.isBeingDeleted ? [] : offers
    }

    static func jobName(_ cronJob: KubeObject, now: Double) -> String {
        // Kubernetes cuts names at 63; what `kubectl create job --from` leaves to its user is named by the minute here.
        "\(cronJob.name.prefix(40))-manual-\(Int64(now) % 100_000_000)"
    }

    private static func isControlled(_ object: KubeObject) -> Bool { owner(of: object) != nil }

    private static func owner(of object: KubeObject) -> String? {
        (object.at("metadata", "ownerReferences")?.array ?? []).first { $0["controller"]?.bool == true }.map {
            "\($0["kind"]?.string ?? "") \($0["name"]?.string ?? "")"
        }
    }

    private static func deletion(of live: KubeObject, desired: KubeObject?, below: Int) -> [Effect] {
        var effects: [Effect] = below > 0 ? [.removesBelow(below)] : []
        if desired != nil {
            effects.append(.madeAgainByVarde)
        } else if let owner = owner(of: live), !owner.hasPrefix("CronJob "), !owner.hasPrefix("Job ") {
            effects.append(.madeAgainByOwner(owner))
        } else {
            effects.append(.goesForGood)
        }
        return effects
    }
}

/// How much hangs below an object in an application's tree.
private struct Descendants {
    private(set) var count = 0
    private(set) var pods = 0

    init(of root: String, in nodes: ObjectNodes) {
        var children: [String: [ObjectNode]] = [:]
        for node in nodes { if let parent = node.parent { children[parent, default: []].append(node) } }
        var waiting = children[root] ?? []
        while let node = waiting.popLast(), count < nodes.count {
            count += 1
            if node.kind == "Pod" { pods += 1 }
            waiting += children[node.id] ?? []
        }
    }
}
