import KubeModel

/// What an object made: which of it is shown, and which says something of the object's own health.
struct Offspring {
    let shown: [KubeObject]
    private let owner: KubeObject

    init(_ children: [KubeObject], of owner: KubeObject) {
        self.owner = owner
        switch owner.kind {
        case "Deployment":
            // Old revisions are kept without pods, for rolling back.
            shown = children.filter {
                ($0.at("spec", "replicas")?.int ?? 1) > 0 || ($0.at("status", "replicas")?.int ?? 0) > 0
            }
            .sorted { $0.objectName < $1.objectName }
        default: shown = children.sorted { $0.objectName < $1.objectName }
        }
    }

    /// Whether a child's trouble is its owner's: not that of a child which goes away, or which its owner replaced.
    func counts(_ child: KubeObject) -> Bool {
        if child.isBeingDeleted || owner.kind == "CronJob" { return false }
        if child.kind == "ReplicaSet" { return (child.at("spec", "replicas")?.int ?? 1) > 0 }
        guard child.kind == "Pod" else { return true }
        let phase = child.at("status", "phase")?.string
        return phase != "Failed" && phase != "Succeeded"
    }
}

extension Health {
    /// Whether the object's own word is final, so that children do not matter.
    func isSettledByItself(_ object: KubeObject) -> Bool {
        switch object.kind {
        case "Job": object.condition("Complete")?.isTrue == true || object.condition("Failed")?.isTrue == true
        default: state == .suspended && object.kind != "Deployment"
        }
    }

    /// Lets a child count: its failure is its owner's at once, with the child's own words.
    mutating func include(_ child: Health, of object: KubeObject) {
        let words = child.message.isEmpty ? "" : Health.attributed(child.message, to: object)
        if child.state == .degraded {
            if state < .degraded || !isFromChild { message = words }
            state = max(state, .degraded)
        } else if child.state == .progressing, state == .progressing, !words.isEmpty, !isFromChild {
            message = words
        }
    }

    /// Words of a pod carry its name already once they went one step up.
    private static func attributed(_ message: String, to object: KubeObject) -> String {
        object.kind == "Pod" ? "Pod \(object.name): \(message)" : message
    }

    private var isFromChild: Bool { message.hasPrefix("Pod ") }

    /// A CronJob is as its last finished run.
    mutating func includeLastRun(of jobs: [KubeObject]) {
        let finished = jobs.filter {
            $0.condition("Complete")?.isTrue == true || $0.condition("Failed")?.isTrue == true
        }
        guard let last = finished.max(by: { ($0.creationTimestamp ?? "") < ($1.creationTimestamp ?? "") }),
            let failed = last.condition("Failed"), failed.isTrue
        else { return }
        state = .degraded
        message = "Job \(last.name): \(failed.message.isEmpty ? "has failed" : failed.message)"
    }
}
