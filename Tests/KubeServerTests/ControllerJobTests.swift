import Foundation
import KubeModel
import Testing

@testable import KubeServer

@Suite("Job and CronJob decisions")
struct ControllerJobTests {
    private func job(_ spec: JSON = [:], status: JSON = [:]) -> KubeObject {
        var job = KubeObject(apiVersion: "batch/v1", kind: "Job", namespace: "a", name: "j")
        var all: JSON = ["parallelism": 1, "completions": 1, "backoffLimit": 1, "template": Made.template()]
        for (key, value) in spec.object ?? [:] { all[key] = value }
        job.spec = all
        job.status = status
        return job
    }

    private func pod(_ name: String, _ phase: String, index: Int? = nil) -> KubeObject {
        var pod = Made.pod(name, ready: false, phase: phase)
        pod.set([.string(JobDecision.tracking)], at: "metadata", "finalizers")
        if let index { pod.set(.string(String(index)), at: "metadata", "annotations", JobDecision.indexKey) }
        return pod
    }

    private func decide(_ job: KubeObject, _ pods: [KubeObject]) -> JobDecision {
        JobDecision(job, pods: pods, now: Made.now)
    }

    @Test("A new Job makes as many pods as may run at once")
    func begins() {
        let decision = decide(job(["parallelism": 2, "completions": 3]), [])
        #expect(decision.create.count == 2)
        #expect(decision.status["active"] == 2)
        #expect(decision.status["ready"] == 0)
        #expect(decision.status["terminating"] == 0)
        #expect(decision.status["startTime"] != nil)
    }

    @Test("A finished pod is counted once, then let go")
    func countsOnce() {
        let first = decide(job(["completions": 2]), [pod("a", "Succeeded")])
        #expect(first.status["succeeded"] == 1)
        #expect(first.release.map(\.name) == ["a"])
        let again = decide(job(["completions": 2], status: first.status), [pod("a", "Succeeded")])
        #expect(again.status["succeeded"] == 1)
        var free = pod("a", "Succeeded")
        free.set(nil, at: "metadata", "finalizers")
        let last = decide(job(["completions": 2], status: again.status), [free])
        #expect(last.status["succeeded"] == 1)
        #expect(last.status["uncountedTerminatedPods"] == [:])
    }

    @Test("Enough successes complete the Job")
    func completes() {
        let decision = decide(job(), [pod("a", "Succeeded")])
        let conditions = ConditionList(decision.status)
        #expect(conditions["SuccessCriteriaMet"]?.reason == "CompletionsReached")
        #expect(conditions["Complete"]?.message == "Reached expected number of succeeded pods")
        #expect(decision.status["completionTime"] != nil)
        #expect(decision.create.isEmpty)
    }

    @Test("Failures beyond the limit fail the Job; before that they make it wait")
    func fails() {
        let once = decide(job(), [pod("a", "Failed")])
        #expect(once.status["failed"] == 1)
        #expect(ConditionList(once.status)["Failed"] == nil)
        let twice = decide(job(), [pod("a", "Failed"), pod("b", "Failed")])
        #expect(ConditionList(twice.status)["Failed"]?.reason == "BackoffLimitExceeded")
        #expect(twice.create.isEmpty)
        #expect(twice.events.map(\.reason) == ["BackoffLimitExceeded"])
    }

    @Test("An indexed Job makes each index once and says which are done")
    func indexed() {
        let spec: JSON = ["completionMode": "Indexed", "completions": 5, "parallelism": 2]
        let pods = [
            pod("a", "Succeeded", index: 0), pod("b", "Succeeded", index: 1), pod("c", "Running", index: 3),
        ]
        let decision = decide(job(spec), pods)
        #expect(decision.status["completedIndexes"] == "0,1")
        #expect(decision.create == [2])
        #expect(JobIndexes([0, 2, 3, 4, 9]).text == "0,2-4,9")
        #expect(JobIndexes(parsing: "0,2-4,9").numbers == [0, 2, 3, 4, 9])
    }

    @Test("A suspended Job runs nothing and says so; a finished one goes after its time to live")
    func suspendAndExpire() {
        let suspended = decide(job(["suspend": true]), [pod("a", "Running")])
        #expect(suspended.delete.map(\.name) == ["a"])
        #expect(ConditionList(suspended.status)["Suspended"]?.isTrue == true)
        let complete: JSON = [
            "conditions": [
                ["type": "Complete", "status": "True", "lastTransitionTime": "2026-11-22T11:59:30Z"]
            ]
        ]
        #expect(
            decide(job(["ttlSecondsAfterFinished": 60], status: complete), []).lookAgainAfter == .seconds(30)
        )
        #expect(decide(job(["ttlSecondsAfterFinished": 10], status: complete), []).isExpired)
    }

    // MARK: Schedules

    @Test(
        "A schedule knows its next moment",
        arguments: [
            ("*/5 * * * *", "2026-11-22T12:01:00Z", "2026-11-22T12:05:00Z"),
            ("0 0 * * *", "2026-11-22T12:01:00Z", "2026-11-23T00:00:00Z"),
            ("@hourly", "2026-11-22T12:00:00Z", "2026-11-22T13:00:00Z"),
            ("30 8 * * mon-fri", "2026-11-22T12:00:00Z", "2026-11-23T08:30:00Z"),
            ("0 0 29 2 *", "2026-11-22T12:00:00Z", "2028-02-29T00:00:00Z"),
            ("0 12 1 * sun", "2026-11-22T12:00:00Z", "2026-11-29T12:00:00Z"),
            ("15-45/15 10 * jan,mar *", "2026-11-22T12:00:00Z", "2027-01-01T10:15:00Z"),
        ]
    )
    func schedules(text: String, from: String, next: String) throws {
        let moment = try #require(Timestamp(parsing: from))
        let utc = try #require(TimeZone(secondsFromGMT: 0))
        #expect(try CronSchedule(text).next(after: moment, in: utc)?.text == next)
    }

    @Test("A schedule follows its time zone")
    func zones() throws {
        let moment = try #require(Timestamp(parsing: "2026-07-01T00:00:00Z"))
        let oslo = try #require(TimeZone(identifier: "Europe/Oslo"))
        #expect(try CronSchedule("0 9 * * *").next(after: moment, in: oslo)?.text == "2026-07-01T07:00:00Z")
    }

    @Test(
        "What is no schedule is refused",
        arguments: ["", "* * * *", "60 * * * *", "*/0 * * * *", "a * * * *", "5-1 * * * *"]
    )
    func badSchedules(text: String) {
        #expect(throws: CronSchedule.ParseError.self) { _ = try CronSchedule(text) }
    }

    private func cron(_ spec: JSON = [:], last: String? = nil) -> KubeObject {
        var cron = KubeObject(apiVersion: "batch/v1", kind: "CronJob", namespace: "a", name: "c")
        cron.set("2026-11-22T11:58:30Z", at: "metadata", "creationTimestamp")
        var all: JSON = ["schedule": "* * * * *", "jobTemplate": ["spec": ["template": Made.template()]]]
        for (key, value) in spec.object ?? [:] { all[key] = value }
        cron.spec = all
        if let last { cron.status = ["lastScheduleTime": .string(last)] }
        return cron
    }

    @Test("A due CronJob makes one Job, named by its minute, for the last of the missed times")
    func due() {
        let decision = CronJobDecision(cron(), jobs: [], now: Made.now)
        #expect(decision.create?.name == "c-\(Made.now.seconds / 60)")
        #expect(decision.status["lastScheduleTime"] == .string(Made.now.text))
        let later = CronJobDecision(cron(last: Made.now.text), jobs: [], now: Made.now.adding(seconds: 20))
        #expect(later.create == nil)
        #expect(later.lookAgainAfter == .milliseconds(40_050))
    }

    @Test("Suspension, Forbid and a missed deadline make no Job; Replace ends the running one")
    func policies() {
        let running = job()
        #expect(CronJobDecision(cron(["suspend": true]), jobs: [], now: Made.now).create == nil)
        #expect(
            CronJobDecision(cron(["concurrencyPolicy": "Forbid"]), jobs: [running], now: Made.now).create
                == nil
        )
        let late = CronJobDecision(
            cron(["startingDeadlineSeconds": 10]),
            jobs: [],
            now: Made.now.adding(seconds: 30)
        )
        #expect(late.create == nil)
        let replaced = CronJobDecision(cron(["concurrencyPolicy": "Replace"]), jobs: [running], now: Made.now)
        #expect(replaced.delete.map(\.name) == ["j"])
        #expect(replaced.create != nil)
    }
}
