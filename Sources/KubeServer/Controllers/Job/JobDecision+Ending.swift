import KubeModel

/// Whether a Job has come to its end, and which.
extension JobDecision {
    /// How the Job ends, once that is decided; what was decided earlier stands.
    func outcome(active: [KubeObject]) -> Outcome? {
        for (target, kind) in [("FailureTarget", Outcome.Kind.failed), ("SuccessCriteriaMet", .complete)] {
            guard let condition = conditions[target], condition.isTrue else { continue }
            return Outcome(kind: kind, reason: condition.reason, message: condition.message)
        }
        if let failure = failure(active: active) {
            return Outcome(kind: .failed, reason: failure.reason, message: failure.message)
        }
        if let rule = metSuccessRule {
            return Outcome(
                kind: .complete,
                reason: "SuccessPolicy",
                message: "Matched rules at index \(rule)"
            )
        }
        guard isComplete(active) else { return nil }
        return Outcome(
            kind: .complete,
            reason: "CompletionsReached",
            message: "Reached expected number of succeeded pods"
        )
    }

    private func failure(active: [KubeObject]) -> (reason: String, message: String)? {
        if let policyFailure { return ("PodFailurePolicy", policyFailure) }
        let limit = job.at("spec", "backoffLimit")?.int ?? (limitPerIndex == nil ? 6 : Int(Int32.max))
        let restarts =
            job.at("spec", "template", "spec", "restartPolicy")?.string == "OnFailure"
            ? active.reduce(0) { $0 + $1.podRestarts } : 0
        if failed > limit || restarts > 0 && restarts + failed > limit {
            return ("BackoffLimitExceeded", "Job has reached the specified backoff limit")
        }
        if let deadline = job.at("spec", "activeDeadlineSeconds")?.int, !isSuspended,
            let start = time("startTime"), start.adding(seconds: deadline) <= now
        {
            return ("DeadlineExceeded", "Job was active longer than specified deadline")
        }
        guard limitPerIndex != nil, !failedIndexes.numbers.isEmpty else { return nil }
        if let most = job.at("spec", "maxFailedIndexes")?.int, failedIndexes.numbers.count > most {
            return (
                "MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes"
            )
        }
        if failedIndexes.numbers.count + completed.numbers.count >= completions ?? .max {
            return ("FailedIndexes", "Job has failed indexes")
        }
        return nil
    }

    /// The first rule of the success policy that is met.
    private var metSuccessRule: Int? {
        guard isIndexed else { return nil }
        return (job.at("spec", "successPolicy", "rules")?.array ?? []).firstIndex { rule in
            var relevant = completed.numbers
            var needed = rule["succeededCount"]?.int
            if let text = rule["succeededIndexes"]?.string {
                let wanted = JobIndexes(parsing: text).numbers
                relevant.formIntersection(wanted)
                needed = needed ?? wanted.count
            }
            return relevant.count >= needed ?? .max
        }
    }

    private func isComplete(_ active: [KubeObject]) -> Bool {
        guard let completions else { return succeeded > 0 && active.isEmpty }
        return succeeded >= completions
    }
}
