import KubeModel
import Testing

@testable import KubeServer

@Suite("Disruption budgets, autoscalers, claims' owners")
struct ControllerPolicyTests {
    // MARK: Budgets

    private func budget(_ spec: JSON, status: JSON = [:]) -> KubeObject {
        var budget = KubeObject(
            apiVersion: "policy/v1",
            kind: "PodDisruptionBudget",
            namespace: "a",
            name: "b"
        )
        budget.set(1, at: "metadata", "generation")
        budget.spec = spec
        budget.status = status
        return budget
    }

    private func numbers(_ status: JSON) -> [Int?] {
        ["expectedPods", "desiredHealthy", "currentHealthy", "disruptionsAllowed"].map { status[$0]?.int }
    }

    @Test(
        "A budget allows what its numbers leave",
        arguments: [
            ("minAvailable", JSON.integer(2), [3, 2, 3, 1]),
            ("minAvailable", JSON.string("50%"), [4, 2, 3, 1]),
            ("maxUnavailable", JSON.integer(1), [4, 3, 3, 0]),
            ("maxUnavailable", JSON.string("50%"), [4, 2, 3, 1]),
        ]
    )
    func budgets(field: String, value: JSON, expected: [Int]) {
        let pods = ["a", "b", "c"].map { Made.pod($0) }
        var spec: JSON = [:]
        spec[field] = value
        let decision = BudgetDecision(budget(spec), pods: pods, expected: .sum(4), now: Made.now)
        #expect(numbers(decision.status) == expected)
    }

    @Test("A share of pods that nothing controls cannot be known")
    func unmanaged() {
        let decision = BudgetDecision(
            budget(["maxUnavailable": 1]),
            pods: [Made.pod("p")],
            expected: .unmanaged("p"),
            now: Made.now
        )
        #expect(decision.status["disruptionsAllowed"] == 0)
        #expect(ConditionList(decision.status)["DisruptionAllowed"]?.reason == "SyncFailed")
        #expect(decision.failure == "found no controller ref for pod \"p\"")
    }

    @Test("An evicted pod counts as gone until it is, and is forgotten then")
    func disrupted() {
        let status: JSON = ["disruptedPods": ["a": "2026-11-22T11:59:30Z", "gone": "2026-11-22T11:59:30Z"]]
        let pods = ["a", "b"].map { Made.pod($0) }
        let decision = BudgetDecision(
            budget(["minAvailable": 1], status: status),
            pods: pods,
            expected: .sum(2),
            now: Made.now
        )
        #expect(decision.status["disruptedPods"] == ["a": "2026-11-22T11:59:30Z"])
        #expect(decision.status["disruptionsAllowed"] == 0)
    }

    // MARK: Autoscalers

    private func autoscaler(_ status: JSON = [:]) -> KubeObject {
        var object = KubeObject(
            apiVersion: "autoscaling/v2",
            kind: "HorizontalPodAutoscaler",
            namespace: "a",
            name: "h"
        )
        object.spec = [
            "minReplicas": 2, "maxReplicas": 4,
            "scaleTargetRef": ["apiVersion": "apps/v1", "kind": "Deployment", "name": "web"],
            "metrics": [
                ["type": "Resource", "resource": ["name": "cpu", "target": ["type": "Utilization"]]]
            ],
        ]
        object.status = status
        return object
    }

    @Test("Within its bounds an autoscaler says that it has no metrics, once")
    func noMetrics() {
        let first = AutoscalerDecision(autoscaler(), target: Made.deployment(replicas: 3), now: Made.now)
        #expect(first.resize == nil)
        let condition = ConditionList(first.status)["ScalingActive"]
        #expect(condition?.reason == "FailedGetResourceMetric")
        #expect(
            condition?.message.hasPrefix(
                "the HPA was unable to compute the replica count: failed to get cpu utilization: "
            ) == true
        )
        #expect(first.events.map(\.reason) == ["FailedGetResourceMetric", "FailedComputeMetricsReplicas"])
        let again = AutoscalerDecision(
            autoscaler(first.status),
            target: Made.deployment(replicas: 3),
            now: Made.now.adding(seconds: 5)
        )
        #expect(again.events.isEmpty)
        #expect(again.status == first.status)
    }

    @Test("Beyond its bounds it scales; a target of size 0 it leaves alone; a missing one it names")
    func bounds() {
        let big = AutoscalerDecision(autoscaler(), target: Made.deployment(replicas: 9), now: Made.now)
        #expect(big.resize == 4)
        #expect(
            big.events.map(\.message) == [
                "New size: 4; reason: Current number of replicas above Spec.MaxReplicas"
            ]
        )
        let off = AutoscalerDecision(autoscaler(), target: Made.deployment(replicas: 0), now: Made.now)
        #expect(off.resize == nil)
        #expect(ConditionList(off.status)["ScalingActive"]?.reason == "ScalingDisabled")
        let missing = AutoscalerDecision(autoscaler(), target: nil, now: Made.now)
        #expect(ConditionList(missing.status)["AbleToScale"]?.reason == "FailedGetScale")
        #expect(missing.events.map(\.message) == ["deployments.apps \"web\" not found"])
    }

    @Test("In autoscaling/v1 an autoscaler's conditions are an annotation, and come back from it")
    func oldForm() throws {
        let gvk = GroupVersionKind(group: "autoscaling", version: "v1", kind: "HorizontalPodAutoscaler")
        let conversion = try #require(Conversions.conversion(for: gvk))
        let conditions: JSON = [["type": "AbleToScale", "status": "True"]]
        let old = KubeObject(conversion.fromStored(autoscaler(["conditions": conditions]).json))
        #expect(old.status["conditions"] == nil)
        #expect(old.annotation("autoscaling.alpha.kubernetes.io/conditions") == conditions.text)
        let new = KubeObject(conversion.toStored(old.json))
        #expect(new.status["conditions"] == conditions && new.at("metadata", "annotations") == nil)
    }

    // MARK: Claims

    @Test("Claims belong to the set, to a surplus pod, or to nobody")
    func claims() {
        var set = KubeObject(apiVersion: "apps/v1", kind: "StatefulSet", namespace: "a", name: "db")
        set.set("set-uid", at: "metadata", "uid")
        let claim = KubeObject(
            apiVersion: "v1",
            kind: "PersistentVolumeClaim",
            namespace: "a",
            name: "d-db-0"
        )
        let pod = Made.pod("db-0")
        func owners(_ deleted: String, _ scaled: String, isSurplus: Bool) -> [String]? {
            set.spec = [
                "persistentVolumeClaimRetentionPolicy": [
                    "whenDeleted": .string(deleted), "whenScaled": .string(scaled),
                ]
            ]
            return ClaimRetention(set).owners(of: claim, pod: pod, isSurplus: isSurplus)?.compactMap {
                $0["kind"]?.string
            }
        }
        #expect(owners("Retain", "Retain", isSurplus: true) == nil)
        #expect(owners("Delete", "Retain", isSurplus: true) == ["StatefulSet"])
        #expect(owners("Delete", "Delete", isSurplus: true) == ["Pod"])
        #expect(owners("Retain", "Delete", isSurplus: true) == ["Pod"])
        #expect(owners("Retain", "Delete", isSurplus: false) == nil)
    }
}
