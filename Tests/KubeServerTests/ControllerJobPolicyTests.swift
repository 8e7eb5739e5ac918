import KubeModel
import Testing

@testable import KubeServer

@Suite("Policies of Jobs")
struct ControllerJobPolicyTests {
    private func job(_ spec: JSON, status: JSON = [:]) -> KubeObject {
        var job = KubeObject(apiVersion: "batch/v1", kind: "Job", namespace: "a", name: "j")
        var all: JSON = [
            "parallelism": 3, "completions": 3, "completionMode": "Indexed", "template": Made.template(),
        ]
        for (key, value) in spec.object ?? [:] { all[key] = value }
        job.spec = all
        job.status = status
        return job
    }

    private func pod(_ name: String, _ phase: String, index: Int, exitCode: Int = 0) -> KubeObject {
        var pod = Made.pod(name, ready: false, phase: phase)
        pod.set([.string(JobDecision.tracking)], at: "metadata", "finalizers")
        pod.set(.string(String(index)), at: "metadata", "annotations", JobDecision.indexKey)
        pod.set(
            [["name": "c", "state": ["terminated": ["exitCode": .integer(Int64(exitCode))]]]],
            at: "status",
            "containerStatuses"
        )
        return pod
    }

    private func decide(_ job: KubeObject, _ pods: [KubeObject]) -> JobDecision {
        JobDecision(job, pods: pods, now: Made.now)
    }

    private func rule(_ action: String, codes: [JSON]) -> JSON {
        ["action": .string(action), "onExitCodes": ["operator": "In", "values": .array(codes)]]
    }

    @Test("A failure policy fails the Job at once, and says which rule it was")
    func failJob() {
        let policy: JSON = [
            "podFailurePolicy": ["rules": [rule("Ignore", codes: [9]), rule("FailJob", codes: [42])]]
        ]
        let decision = decide(job(policy), [pod("p", "Failed", index: 0, exitCode: 42)])
        let condition = ConditionList(decision.status)["Failed"]
        #expect(condition?.reason == "PodFailurePolicy")
        #expect(
            condition?.message
                == "Container c for pod a/p failed with exit code 42 matching FailJob rule at index 1"
        )
        #expect(decision.events.map(\.reason) == ["PodFailurePolicy"])
    }

    @Test("An ignored failure does not count, and its pod is made again")
    func ignore() {
        let policy: JSON = [
            "backoffLimit": 0,
            "podFailurePolicy": [
                "rules": [["action": "Ignore", "onPodConditions": [["type": "DisruptionTarget"]]]]
            ],
        ]
        var evicted = pod("p", "Failed", index: 0)
        evicted.set([["type": "DisruptionTarget", "status": "True"]], at: "status", "conditions")
        let decision = decide(job(policy), [evicted])
        #expect(decision.status["failed"] == nil)
        #expect(decision.release.count == 1)
        #expect(decision.create.count == 3)
    }

    @Test("Each index has its own limit; when the others are done the Job has failed indexes")
    func perIndex() {
        let spec: JSON = ["backoffLimitPerIndex": 0]
        let first = decide(job(spec), [pod("p", "Failed", index: 1)])
        #expect(first.status["failedIndexes"] == "1")
        #expect(first.create == [0, 2])
        let pods = [
            pod("a", "Succeeded", index: 0), pod("p", "Failed", index: 1), pod("b", "Succeeded", index: 2),
        ]
        #expect(ConditionList(decide(job(spec), pods).status)["Failed"]?.reason == "FailedIndexes")
        let strict: JSON = ["backoffLimitPerIndex": 0, "maxFailedIndexes": 0]
        let failed = decide(job(strict), [pod("p", "Failed", index: 1)])
        #expect(ConditionList(failed.status)["Failed"]?.reason == "MaxFailedIndexesExceeded")
    }

    @Test("A success policy ends the Job before all is done")
    func success() {
        let policy: JSON = ["successPolicy": ["rules": [["succeededIndexes": "0", "succeededCount": 1]]]]
        let pods = [pod("a", "Succeeded", index: 0), pod("b", "Running", index: 1)]
        let decision = decide(job(policy), pods)
        let conditions = ConditionList(decision.status)
        #expect(conditions["SuccessCriteriaMet"]?.message == "Matched rules at index 0")
        #expect(conditions["Complete"] == nil)
        #expect(decision.delete.map(\.name) == ["b"])
        let last = decide(job(policy, status: decision.status), [pod("a", "Succeeded", index: 0)])
        #expect(ConditionList(last.status)["Complete"]?.reason == "SuccessPolicy")
    }
}
