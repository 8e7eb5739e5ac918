import KubeModel

/// What one Job needs next: a pure function of it, its pods and the time.
///
/// A finished pod is counted once: its uid stands in `uncountedTerminatedPods` from the status update that counts it until
/// its finalizer is gone.
struct JobDecision {
    static let tracking = "batch.kubernetes.io/job-tracking"
    static let indexKey = "batch.kubernetes.io/job-completion-index"

    struct Outcome: Sendable, Hashable {
        enum Kind: Sendable { case complete, failed }
        var kind: Kind
        var reason: String
        var message: String
    }

    /// Completion indexes of the pods to make; `nil` entries where the Job has no indexes.
    private(set) var create: [Int?] = []
    private(set) var delete: [KubeObject] = []
    /// Finished pods that the new status has counted.
    private(set) var release: [KubeObject] = []
    private(set) var status: JSON
    private(set) var events: [(type: EventType, reason: String, message: String)] = []
    private(set) var isExpired = false
    private(set) var lookAgainAfter: Duration?

    let job: KubeObject
    let now: Timestamp
    private let parallelism: Int
    let completions: Int?
    let isIndexed: Bool
    private let policy: PodFailurePolicy
    private(set) var conditions: ConditionList
    private(set) var completed = JobIndexes()
    private(set) var failedIndexes = JobIndexes()
    /// What the failure policy says of the pods that failed.
    private(set) var policyFailure: String?

    init(_ job: KubeObject, pods: [KubeObject], now: Timestamp) {
        self.job = job
        self.now = now
        parallelism = job.at("spec", "parallelism")?.int ?? 1
        completions = job.at("spec", "completions")?.int
        isIndexed = job.at("spec", "completionMode")?.string == "Indexed"
        policy = PodFailurePolicy(job)
        status = job.status
        conditions = ConditionList(job.status)
        if job.isJobFinished {
            release = pods.filter {
                $0.finalizers.contains(Self.tracking) && ($0.isPodFinished || $0.isBeingDeleted)
            }
            delete = pods.filter(\.isPodActive)
            forgetReleased(pods)
            expire()
            return
        }
        completed = JobIndexes(parsing: status["completedIndexes"]?.string)
        countFinished(pods)
        let active = pods.filter(\.isPodActive)
        if let outcome = outcome(active: active) {
            finish(outcome, active, pods)
        } else {
            proceed(active, pods)
        }
        writeCounts(active: active, pods)
    }

    var succeeded: Int { status["succeeded"]?.int ?? 0 }
    var failed: Int { status["failed"]?.int ?? 0 }
    var limitPerIndex: Int? { isIndexed ? job.at("spec", "backoffLimitPerIndex")?.int : nil }

    // MARK: Counting

    /// Strikes from the list of pods whose finalizers are to go those that have gone.
    private mutating func forgetReleased(_ pods: [KubeObject]) {
        let held = Set(pods.filter { $0.finalizers.contains(Self.tracking) }.map(\.uid))
        var rest: JSON = [:]
        for (field, uids) in job.at("status", "uncountedTerminatedPods")?.object ?? [:] {
            let left = (uids.array ?? []).filter { $0.string.map(held.contains) ?? false }
            if !left.isEmpty { rest[field] = .array(left) }
        }
        status["uncountedTerminatedPods"] = rest
    }

    private mutating func countFinished(_ pods: [KubeObject]) {
        var uncounted: [String: [String]] = [:]
        for (field, phase) in [("succeeded", "Succeeded"), ("failed", "Failed")] {
            let known = Set(
                (job.at("status", "uncountedTerminatedPods", field)?.array ?? []).compactMap(\.string)
            )
            let finished = pods.filter { pod in
                guard pod.finalizers.contains(Self.tracking) else { return false }
                if pod.podPhase == phase { return true }
                // A pod that is deleted before its end has failed.
                return phase == "Failed" && pod.isBeingDeleted && !pod.isPodFinished && pod.stopped
            }
            release += finished
            var new = finished.filter { !known.contains($0.uid) }
            if field == "failed" {
                new.removeAll { policy.verdict(on: $0) == .ignore }
                for case .failJob(let message) in finished.lazy.map(policy.verdict(on:)) {
                    policyFailure = policyFailure ?? message
                }
            }
            status.setCount(field, (status[field]?.int ?? 0) + new.count)
            uncounted[field] = finished.map(\.uid).sorted()
            if field == "succeeded", isIndexed {
                completed.numbers.formUnion(new.compactMap(\.completionIndex))
                status["completedIndexes"] = completed.numbers.isEmpty ? nil : .string(completed.text)
                status.setCount("succeeded", completed.numbers.count)
            }
        }
        var json: JSON = [:]
        for (field, uids) in uncounted where !uids.isEmpty { json[field] = .array(uids.map(JSON.string)) }
        status["uncountedTerminatedPods"] = json
        if let limitPerIndex { countFailedIndexes(pods, limit: limitPerIndex) }
    }

    private mutating func countFailedIndexes(_ pods: [KubeObject], limit: Int) {
        failedIndexes = JobIndexes(parsing: status["failedIndexes"]?.string)
        let failures = pods.filter { $0.podPhase == "Failed" }
        for (index, pods) in Dictionary(grouping: failures, by: { $0.completionIndex ?? -1 }) where index >= 0
        {
            let verdicts = pods.map(policy.verdict(on:))
            let counted = verdicts.count { $0 != .ignore }
            if counted > limit || verdicts.contains(.failIndex) { failedIndexes.numbers.insert(index) }
        }
        failedIndexes.numbers.subtract(completed.numbers)
        status["failedIndexes"] = .string(failedIndexes.text)
    }

    private mutating func writeCounts(active: [KubeObject], _ pods: [KubeObject]) {
        let gone = Set(delete.map(\.uid))
        let remaining = active.filter { !gone.contains($0.uid) }
        status.setCount("active", remaining.count + create.count)
        status["ready"] = .integer(Int64(remaining.count(where: \.isPodReady)))
        status["terminating"] = .integer(
            Int64(pods.count { $0.isBeingDeleted && !$0.isPodFinished } + delete.count)
        )
        status["conditions"] = conditions.conditions.isEmpty ? nil : .array(conditions.conditions)
    }

    // MARK: Ends

    private mutating func finish(_ outcome: Outcome, _ active: [KubeObject], _ pods: [KubeObject]) {
        let isComplete = outcome.kind == .complete
        setCondition(isComplete ? "SuccessCriteriaMet" : "FailureTarget", "True", outcome)
        delete = active
        status["startTime"] = status["startTime"] ?? .string(now.text)
        // The last word is only said when no pod runs any more.
        guard active.isEmpty, !pods.contains(where: { $0.isBeingDeleted && !$0.isPodFinished && !$0.stopped })
        else { return }
        setCondition(isComplete ? "Complete" : "Failed", "True", outcome)
        if isComplete {
            status["completionTime"] = .string(now.text)
            events.append((.normal, "Completed", "Job completed"))
        } else {
            events.append((.warning, outcome.reason, outcome.message))
        }
    }

    private mutating func setCondition(_ type: String, _ value: String, _ outcome: Outcome) {
        if conditions[type]?.status == value, conditions[type]?.reason == outcome.reason { return }
        conditions.set(
            type,
            value,
            reason: outcome.reason,
            message: outcome.message,
            at: now,
            more: ["lastProbeTime": .string(now.text)]
        )
    }

    /// Deletes a finished Job after its time to live.
    private mutating func expire() {
        guard let seconds = job.at("spec", "ttlSecondsAfterFinished")?.int else { return }
        let finished = (job.at("status", "conditions")?.array ?? [])
            .first {
                ["Complete", "Failed"].contains($0["type"]?.string ?? "") && $0["status"]?.string == "True"
            }
        let at = finished?["lastTransitionTime"]?.string.flatMap { Timestamp(parsing: $0) } ?? now
        let end = at.adding(seconds: seconds)
        if end <= now { isExpired = true } else { lookAgainAfter = now.duration(to: end) }
    }

    // MARK: Running

    var isSuspended: Bool { job.at("spec", "suspend")?.bool ?? false }

    func time(_ field: String) -> Timestamp? {
        status[field]?.string.flatMap { Timestamp(parsing: $0) }
    }

    private mutating func proceed(_ active: [KubeObject], _ pods: [KubeObject]) {
        if isSuspended {
            delete = active
            if conditions["Suspended"]?.isTrue != true {
                setSuspended("True", "JobSuspended", "Job suspended")
                events.append((.normal, "Suspended", "Job suspended"))
            }
            status["startTime"] = nil
            return
        }
        if conditions["Suspended"]?.isTrue == true {
            setSuspended("False", "JobResumed", "Job resumed")
            events.append((.normal, "Resumed", "Job resumed"))
        }
        if status["startTime"] == nil { status["startTime"] = .string(now.text) }
        if let deadline = job.at("spec", "activeDeadlineSeconds")?.int, let start = time("startTime") {
            lookAgainAfter = max(.seconds(1), now.duration(to: start.adding(seconds: deadline)))
        }
        var room = parallelism
        if let completions { room = min(room, completions - succeeded - failedIndexes.numbers.count) }
        if completions == nil, succeeded > 0 { room = min(room, active.count) }
        if active.count > room {
            delete = Array(PodFactory.deletionOrder(active).prefix(active.count - room))
            return
        }
        // Pods on their way out count where only what has failed is replaced.
        let replaces = job.at("spec", "podReplacementPolicy")?.string
        let waitsForEnd = replaces == "Failed" || replaces == nil && job.at("spec", "podFailurePolicy") != nil
        let leaving = waitsForEnd ? pods.count { $0.isBeingDeleted && !$0.isPodFinished } : 0
        let missing = room - active.count - leaving
        guard missing > 0 else { return }
        isIndexed ? createIndexes(missing, active, pods) : createAny(missing, pods)
    }

    private mutating func createAny(_ count: Int, _ pods: [KubeObject]) {
        if let wait = backoff(pods) { return look(after: wait) }
        create = Array(repeating: nil, count: count)
    }

    private mutating func createIndexes(_ count: Int, _ active: [KubeObject], _ pods: [KubeObject]) {
        // With a limit for each index each waits for itself.
        if limitPerIndex == nil, let wait = backoff(pods) { return look(after: wait) }
        let taken = completed.numbers.union(failedIndexes.numbers).union(active.compactMap(\.completionIndex))
        for index in 0..<(completions ?? 0) where create.count < count && !taken.contains(index) {
            if limitPerIndex != nil, let wait = backoff(pods.filter { $0.completionIndex == index }) {
                look(after: wait)
            } else {
                create.append(index)
            }
        }
    }

    private mutating func look(after wait: Duration) { lookAgainAfter = min(wait, lookAgainAfter ?? wait) }

    private mutating func setSuspended(_ value: String, _ reason: String, _ message: String) {
        conditions.set(
            "Suspended",
            value,
            reason: reason,
            message: message,
            at: now,
            more: ["lastProbeTime": .string(now.text)]
        )
    }

    /// How long to wait after pods that failed since one last succeeded: 10 s, doubled with each, up to 10 min.
    private func backoff(_ pods: [KubeObject]) -> Duration? {
        let lastSuccess = pods.filter { $0.podPhase == "Succeeded" }.map(\.finishedAt).max()
        let failures = pods.filter { pod in
            pod.podPhase == "Failed" && policy.verdict(on: pod) != .ignore
                && lastSuccess.map { $0 < pod.finishedAt } ?? true
        }
        guard let last = failures.map(\.finishedAt).max() else { return nil }
        let delay = min(600, 10 << min(failures.count - 1, 6))
        let until = last.adding(seconds: delay)
        return until > now ? now.duration(to: until) : nil
    }
}
