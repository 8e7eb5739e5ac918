package import KubeModel

/// How a hook ended, remembered by the uid of the object that it was: it may be gone when somebody asks.
package struct HookResult: Sendable, Hashable {
    package enum Outcome: Sendable, Hashable {
        case succeeded
        case failed(String)
    }

    package var uid: String
    /// The commit that it ran for.
    package var commit: String
    package var outcome: Outcome
    /// The phase that it ran in, where it names several; else empty.
    package var phase = ""
    /// When a failed one runs again.
    package var retryAt = 0.0
    /// How often it failed for this commit, less one.
    package var attempts = 0

    package init(uid: String, commit: String, outcome: Outcome) {
        self.uid = uid
        self.commit = commit
        self.outcome = outcome
    }

    /// The result that a live object shows; `nil` while it runs, and for what is no hook of Varde's.
    package init?(of object: KubeObject) {
        guard let commit = object.annotation(DesiredObject.hookRevision), !object.uid.isEmpty,
            let outcome = Self.outcome(of: object)
        else { return nil }
        self.init(uid: object.uid, commit: commit, outcome: outcome)
        phase = object.annotation(DesiredObject.hookPhase) ?? ""
    }

    /// Whether it is how this hook ended, in its present phase.
    package func isOf(_ hook: DesiredObject) -> Bool {
        commit == hook.object.annotation(DesiredObject.hookRevision)
            && phase == hook.object.annotation(DesiredObject.hookPhase) ?? ""
    }

    /// Whether a hook of this kind is over when it has succeeded or failed; others are over once they are healthy.
    static func comesToAnEnd(_ object: KubeObject) -> Bool {
        switch (object.gvk.group, object.kind) {
        case ("batch", "Job"), ("argoproj.io", "Workflow"): true
        // Without a restart policy, or with this one, it is meant to run on.
        case ("", "Pod"): object.at("spec", "restartPolicy")?.string ?? "Always" != "Always"
        default: false
        }
    }

    private static func outcome(of object: KubeObject) -> Outcome? {
        guard comesToAnEnd(object) else { return outcomeByHealth(of: object) }
        if object.kind == "Job" {
            if object.condition("Complete")?.isTrue == true { return .succeeded }
            guard let failed = object.condition("Failed"), failed.isTrue else { return nil }
            return .failed(failed.message.isEmpty ? "has failed" : failed.message)
        }
        switch object.at("status", "phase")?.string {
        case "Succeeded": return .succeeded
        case "Failed" where object.kind == "Pod": return .failed(Health(of: object).message)
        case "Failed", "Error": return .failed(object.at("status", "message")?.string ?? "has failed")
        default: return nil
        }
    }

    private static func outcomeByHealth(of object: KubeObject) -> Outcome? {
        if object.isBeingDeleted { return nil }
        let health = Health(of: object)
        switch health.state {
        case .healthy, .suspended: return .succeeded
        case .degraded: return .failed(health.message)
        case .progressing, .missing, .unknown: return nil
        }
    }
}
