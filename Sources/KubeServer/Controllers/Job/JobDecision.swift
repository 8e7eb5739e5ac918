import KubeModel

/// What one Job needs next: a pure function of it, its pods and the time.
///
/// A finished pod is counted once: its uid stands in `uncountedTerminatedPods` from the status update that counts it until
/// its finalizer is gone.
struct JobDecision {
    static let tracking = "batch.kubernetes.io/job-tracking"
    static let indexKey = "batch.kubernetes.io/job-completion-index"

    /// Completion indexes of the pods to make; `nil` entries where the Job has no indexes.
    private(set) var create: [Int?] = []
    private(set) var delete: [KubeObject] = []
    /// Finished pods that the new status has counted.
    private(set) var release: [KubeObject] = []
    private(set) var status: JSON
    private(set) var events: [(type: EventType, reason: String, message: String)] = []
    private(set) var isExpired = false
    private(set) var lookAgainAfter: Duration?

    private let job: KubeObject
    private let now: Timestamp
    private let parallelism: Int
    private let completions: Int?
    private let isIndexed: Bool
    private var conditions: ConditionList

    init(_ job: KubeObject, pods: [KubeObject], now: Timestamp) {
        self.job = job
        self.now = now
        parallelism = job.at("spec", "parallelism")?.int ?? 1
        completions = job.at("spec", "completions")?.int
        isIndexed = job.at("spec", "completionMode")?.string == "Indexed"
        status = job.status
        conditions = ConditionList(job.status)
        if job.isJobFinished {
            release = pods.filter {
                $0.finalizers.contains(Self.tracking) && ($0.isPodFinished || $0.isBeingDeleted)
            }
            delete = pods.filter(\.isPodActive)
            expire()
            return
        }
        countFinished(pods)
        let active = pods.filter(\.isPodActive)
        if let failure = failure(active: active) {
            finish("Failed", target: "FailureTarget", failure.reason, failure.message, active)
            if failure.reason != "DeadlineExceeded" {
                events.append((.warning, failure.reason, failure.message))
            }
        } else if isComplete(active) {
            let message = "Reached expected number of succeeded pods"
            finish("Complete", target: "SuccessCriteriaMet", "CompletionsReached", message, active)
            events.append((.normal, "Completed", "Job completed"))
        } else {
            proceed(active, pods)
        }
        writeCounts(active: active, pods)
    }

    private var succeeded: Int { status["succeeded"]?.int ?? 0 }
    private var failed: Int { status["failed"]?.int ?? 0 }

    // MARK: Counting

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
            let new = finished.filter { !known.contains($0.uid) }
            status.setCount(field, (status[field]?.int ?? 0) + new.count)
            uncounted[field] = finished.map(\.uid).sorted()
            if field == "succeeded", isIndexed { addIndexes(of: new) }
        }
        var json: JSON = [:]
        for (field, uids) in uncounted where !uids.isEmpty { json[field] = .array(uids.map(JSON.string)) }
        status["uncountedTerminatedPods"] = json
    }

    private mutating func addIndexes(of pods: [KubeObject]) {
        var indexes = Self.indexes(status["completedIndexes"]?.string ?? "")
        indexes.formUnion(pods.compactMap(Self.index(of:)))
        status["completedIndexes"] = indexes.isEmpty ? nil : .string(Self.text(of: indexes))
        status.setCount("succeeded", indexes.count)
    }

    static func index(of pod: KubeObject) -> Int? { pod.annotation(indexKey).flatMap { Int($0) } }

    /// `1,3-5,7` as numbers.
    static func indexes(_ text: String) -> Set<Int> {
        var result: Set<Int> = []
        for part in text.split(separator: ",") {
            let ends = part.split(separator: "-").compactMap { Int($0) }
            if let first = ends.first, let last = ends.last, first <= last { result.formUnion(first...last) }
        }
        return result
    }

    static func text(of indexes: Set<Int>) -> String {
        var ranges: [ClosedRange<Int>] = []
        for index in indexes.sorted() {
            if let last = ranges.last, last.upperBound + 1 == index {
                ranges[ranges.count - 1] = last.lowerBound...index
            } else {
                ranges.append(index...index)
            }
        }
        return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(
            separator: ","
        )
    }

    private mutating func writeCounts(active: [KubeObject], _ pods: [KubeObject]) {
        let remaining =
            job.isJobFinished || !delete.isEmpty
            ? active.filter { pod in !delete.contains { $0.uid == pod.uid } } : active
        status.setCount("active", remaining.count + create.count)
        status["ready"] = .integer(Int64(remaining.count(where: \.isPodReady)))
        status["terminating"] = .integer(
            Int64(pods.count { $0.isBeingDeleted && !$0.isPodFinished } + delete.count)
        )
        status["conditions"] = conditions.conditions.isEmpty ? nil : .array(conditions.conditions)
    }

    // MARK: Ends

    private func failure(active: [KubeObject]) -> (reason: String, message: String)? {
        let limit = job.at("spec", "backoffLimit")?.int ?? 6
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
        return nil
    }

    private func isComplete(_ active: [KubeObject]) -> Bool {
        guard let completions else { return succeeded > 0 && active.isEmpty }
        return succeeded >= completions
    }

    private mutating func finish(
        _ type: String,
        target: String,
        _ reason: String,
        _ message: String,
        _ active: [KubeObject]
    ) {
        conditions.set(
            target,
            "True",
            reason: reason,
            message: message,
            at: now,
            more: ["lastProbeTime": .string(now.text)]
        )
        delete = active
        // The last word is only said when no pod runs any more.
        guard active.isEmpty else { return }
        conditions.set(
            type,
            "True",
            reason: reason,
            message: message,
            at: now,
            more: ["lastProbeTime": .string(now.text)]
        )
        if type == "Complete" { status["completionTime"] = .string(now.text) }
        status["startTime"] = status["startTime"] ?? .string(now.text)
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

    private var isSuspended: Bool { job.at("spec", "suspend")?.bool ?? false }

    private func time(_ field: String) -> Timestamp? {
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
        let leaving = pods.count { $0.isBeingDeleted && !$0.isPodFinished }
        var room = parallelism
        if let completions { room = min(room, completions - succeeded) }
        if completions == nil, succeeded > 0 { room = active.count }
        if active.count > room {
            delete = Array(PodFactory.deletionOrder(active).prefix(active.count - room))
            return
        }
        let missing =
            room - active.count - (job.at("spec", "podReplacementPolicy")?.string == "Failed" ? leaving : 0)
        guard missing > 0 else { return }
        if let wait = backoff(pods) {
            lookAgainAfter = min(wait, lookAgainAfter ?? wait)
            return
        }
        create = isIndexed ? nextIndexes(missing, active: active) : Array(repeating: nil, count: missing)
    }

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

    private func nextIndexes(_ count: Int, active: [KubeObject]) -> [Int?] {
        let taken = Self.indexes(status["completedIndexes"]?.string ?? "").union(
            active.compactMap(Self.index(of:))
        )
        return Array((0..<(completions ?? 0)).lazy.filter { !taken.contains($0) }.prefix(count))
    }

    /// How long to wait after failed pods: 10 s, doubled with each, up to 10 min.
    private func backoff(_ pods: [KubeObject]) -> Duration? {
        let failures = pods.filter { $0.podPhase == "Failed" }
        guard failed > 0, let last = failures.map(\.finishedAt).max() else { return nil }
        let delay = min(600, 10 << min(failed - 1, 6))
        let until = last.adding(seconds: delay)
        return until > now ? now.duration(to: until) : nil
    }
}

extension KubeObject {
    /// Whether a Job has its last condition.
    var isJobFinished: Bool { condition("Complete")?.isTrue == true || condition("Failed")?.isTrue == true }

    /// When the last container of a pod ended; when the pod was made where that is unknown.
    var finishedAt: Timestamp {
        (at("status", "containerStatuses")?.array ?? [])
            .compactMap {
                $0.at("state", "terminated", "finishedAt")?.string.flatMap { Timestamp(parsing: $0) }
            }.max() ?? createdAt
    }

    /// Whether no container of a pod runs, or it never had a node.
    var stopped: Bool {
        nodeName.isEmpty
            || (at("status", "containerStatuses")?.array ?? []).allSatisfy {
                $0.at("state", "running") == nil
            }
    }
}
