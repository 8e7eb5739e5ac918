import Foundation
import KubeModel

/// What one CronJob needs next: a pure function of it, its Jobs and the time.
struct CronJobDecision {
    private(set) var create: KubeObject?
    private(set) var delete: [KubeObject] = []
    private(set) var status: JSON
    private(set) var events: [(type: EventType, reason: String, message: String)] = []
    private(set) var lookAgainAfter: Duration?

    init(_ cron: KubeObject, jobs: [KubeObject], now: Timestamp) {
        status = cron.status
        let active = jobs.filter { !$0.isJobFinished }
        let known = Set((cron.at("status", "active")?.array ?? []).compactMap { $0["uid"]?.string })
        for job in jobs where job.isJobFinished && known.contains(job.uid) {
            let condition = job.condition("Complete")?.isTrue == true ? "Complete" : "Failed"
            events.append(
                (.normal, "SawCompletedJob", "Saw completed job: \(job.name), condition: \(condition)")
            )
        }
        var running = active
        let lastSuccess = jobs.compactMap { $0.at("status", "completionTime")?.string }.max()
        if let lastSuccess, lastSuccess > status["lastSuccessfulTime"]?.string ?? "" {
            status["lastSuccessfulTime"] = .string(lastSuccess)
        }
        cleanUp(cron, jobs)
        defer { status["active"] = running.isEmpty ? nil : .array(running.map(Self.reference(to:))) }
        if cron.isBeingDeleted || cron.at("spec", "suspend")?.bool == true { return }

        let zoneName = cron.at("spec", "timeZone")?.string
        guard let zone = zoneName.map(TimeZone.init(identifier:)) ?? TimeZone(secondsFromGMT: 0) else {
            events.append((.warning, "UnknownTimeZone", "invalid timeZone: \"\(zoneName ?? "")\""))
            return
        }
        guard let schedule = try? CronSchedule(cron.at("spec", "schedule")?.string ?? "") else {
            events.append(
                (
                    .warning, "UnparseableSchedule",
                    "unparseable schedule: \(cron.at("spec", "schedule")?.string ?? "")"
                )
            )
            return
        }
        let (due, missed) = Self.mostRecent(schedule, zone, cron, now)
        if missed > 100 {
            let message =
                "too many missed start times: \(missed). Set or decrease .spec.startingDeadlineSeconds or check clock skew"
            events.append((.warning, "TooManyMissedTimes", message))
        }
        lookAgainAfter = schedule.next(after: now, in: zone).map { now.duration(to: $0) + .milliseconds(50) }
        guard let due else { return }
        if active.contains(where: { $0.name == Self.name(cron, due) })
            || jobs.contains(where: { $0.name == Self.name(cron, due) })
        {
            return
        }
        if let deadline = cron.at("spec", "startingDeadlineSeconds")?.int, due.adding(seconds: deadline) < now
        {
            let message = "Missed scheduled time to start a job: \(due.rfc1123Text)"
            events.append((.warning, "MissSchedule", message))
            return
        }
        switch cron.at("spec", "concurrencyPolicy")?.string {
        case "Forbid" where !active.isEmpty:
            events.append(
                (
                    .normal, "JobAlreadyActive",
                    "Not starting job because prior execution is running and concurrency policy is Forbid"
                )
            )
            return
        case "Replace":
            delete += active
            running = []
        default: break
        }
        create = Self.job(cron, due)
        status["lastScheduleTime"] = .string(due.text)
    }

    private static func name(_ cron: KubeObject, _ due: Timestamp) -> String {
        "\(cron.name)-\(due.seconds / 60)"
    }

    /// The last time that has come since the CronJob last ran, or since it exists, and how many have come.
    private static func mostRecent(
        _ schedule: CronSchedule,
        _ zone: TimeZone,
        _ cron: KubeObject,
        _ now: Timestamp
    ) -> (due: Timestamp?, missed: Int) {
        var moment =
            cron.at("status", "lastScheduleTime")?.string.flatMap { Timestamp(parsing: $0) } ?? cron.createdAt
        if let deadline = cron.at("spec", "startingDeadlineSeconds")?.int {
            moment = max(moment, now.adding(seconds: -deadline))
        }
        let last = moment
        // After a long pause the walk begins a day ago, or earlier if the schedule is that rare.
        if last.adding(seconds: 86_400) < now,
            let first = schedule.next(after: now.adding(seconds: -86_400), in: zone), first <= now
        {
            moment = max(last, now.adding(seconds: -86_400))
        }
        var found: Timestamp?
        var missed = 0
        while let next = schedule.next(after: moment, in: zone), next <= now {
            found = next
            missed += 1
            moment = next
        }
        return (found, missed)
    }

    private static func job(_ cron: KubeObject, _ due: Timestamp) -> KubeObject {
        let template = cron.at("spec", "jobTemplate") ?? [:]
        var job = KubeObject(
            apiVersion: "batch/v1",
            kind: "Job",
            namespace: cron.namespace,
            name: name(cron, due)
        )
        job.set(template.at("metadata", "labels"), at: "metadata", "labels")
        job.set(template.at("metadata", "annotations"), at: "metadata", "annotations")
        job.set(
            .string(due.text),
            at: "metadata",
            "annotations",
            "batch.kubernetes.io/cronjob-scheduled-timestamp"
        )
        job.set([OwnerReference(controlledBy: cron).json], at: "metadata", "ownerReferences")
        job.spec = template["spec"] ?? [:]
        return job
    }

    static func reference(to job: KubeObject) -> JSON {
        [
            "apiVersion": "batch/v1", "kind": "Job", "name": .string(job.name),
            "namespace": .string(job.namespace),
            "uid": .string(job.uid), "resourceVersion": .string(job.resourceVersion),
        ]
    }

    private mutating func cleanUp(_ cron: KubeObject, _ jobs: [KubeObject]) {
        let sorted = jobs.sorted { ($0.createdAt, $0.name) < ($1.createdAt, $1.name) }
        let succeeded = sorted.filter { $0.condition("Complete")?.isTrue == true }
        let failed = sorted.filter { $0.condition("Failed")?.isTrue == true }
        let limits = (
            cron.at("spec", "successfulJobsHistoryLimit")?.int ?? 3,
            cron.at("spec", "failedJobsHistoryLimit")?.int ?? 1
        )
        delete += succeeded.prefix(max(0, succeeded.count - limits.0))
        delete += failed.prefix(max(0, failed.count - limits.1))
    }
}
