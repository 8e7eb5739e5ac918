import KubeModel
import Testing

@testable import KubeServer

@Suite("ReplicaSet, StatefulSet and DaemonSet decisions")
struct ControllerSetTests {
    private func replicaSet(_ replicas: Int) -> KubeObject {
        Made.replicaSet("a:1", of: Made.deployment(replicas: replicas), replicas, available: 0, revision: 1)
    }

    @Test("Too few pods are made, too many are deleted; finished and leaving ones do not count")
    func counts() {
        let pods = [Made.pod("a"), Made.pod("b", phase: "Failed"), Made.deleted(Made.pod("c"))]
        #expect(ReplicaSetDecision(replicaSet(3), pods: pods, now: Made.now).create == 2)
        let many = [Made.pod("a"), Made.pod("b", ready: false), Made.pod("c", phase: "Pending", node: "")]
        let decision = ReplicaSetDecision(replicaSet(1), pods: many, now: Made.now)
        #expect(decision.delete.map(\.name) == ["c", "b"])
    }

    @Test("A refused pod shows as a condition, written once, and goes when it is over")
    func failure() {
        var set = replicaSet(1)
        let refusal = StatusError(code: 403, reason: "Forbidden", message: "quota")
        let first = ReplicaSetDecision(set, pods: [], now: Made.now).status(after: refusal, now: Made.now)
        #expect(ConditionList(first)["ReplicaFailure"]?.reason == "FailedCreate")
        set.status = first
        let other = StatusError(code: 403, reason: "Forbidden", message: "quota, another pod")
        let second = ReplicaSetDecision(set, pods: [], now: Made.now).status(
            after: other,
            now: Made.now.adding(seconds: 9)
        )
        #expect(second == first)
        #expect(
            ReplicaSetDecision(set, pods: [], now: Made.now).status(after: nil, now: Made.now)["conditions"]
                == nil
        )
    }

    @Test("A pod is available only after it has been ready for minReadySeconds")
    func minReady() {
        var set = replicaSet(1)
        set.set(3600, at: "spec", "minReadySeconds")
        let decision = ReplicaSetDecision(set, pods: [Made.pod("a")], now: Made.now)
        #expect(decision.status["readyReplicas"] == 1)
        #expect(decision.status["availableReplicas"] == nil)
        #expect(decision.lookAgainAfter != nil)
    }

    // MARK: StatefulSet

    private func statefulSet(_ replicas: Int, _ more: JSON = [:]) -> KubeObject {
        var set = KubeObject(apiVersion: "apps/v1", kind: "StatefulSet", namespace: "a", name: "db")
        var spec: JSON = ["replicas": .integer(Int64(replicas)), "template": Made.template()]
        for (key, value) in more.object ?? [:] { spec[key] = value }
        set.spec = spec
        set.status = ["currentRevision": "db-1"]
        return set
    }

    private func member(_ ordinal: Int, revision: String = "db-1", ready: Bool = true) -> KubeObject {
        Made.pod("db-\(ordinal)", ready: ready, labels: ["controller-revision-hash": revision])
    }

    private func words(_ set: KubeObject, _ pods: [KubeObject], update: String = "db-1") -> [String] {
        StatefulSetDecision(set, pods: pods, update: update, now: Made.now).actions.map { action in
            switch action {
            case .create(let ordinal, let revision): "create \(ordinal) \(revision)"
            case .delete(let pod): "delete \(pod.name)"
            }
        }
    }

    @Test("Pods are made one after the other, each when the one before is ready")
    func ordered() {
        #expect(words(statefulSet(3), []) == ["create 0 db-1"])
        #expect(words(statefulSet(3), [member(0, ready: false)]) == [])
        #expect(words(statefulSet(3), [member(0)]) == ["create 1 db-1"])
        let parallel = statefulSet(3, ["podManagementPolicy": "Parallel"])
        #expect(words(parallel, []) == ["create 0 db-1", "create 1 db-1", "create 2 db-1"])
    }

    @Test("Scaling down takes the highest ordinal, one at a time")
    func scalesDown() {
        #expect(words(statefulSet(1), [member(0), member(1), member(2)]) == ["delete db-2"])
        #expect(words(statefulSet(1), [member(0), member(1), Made.deleted(member(2))]) == [])
    }

    @Test("An update replaces from the highest ordinal down to the partition")
    func updates() {
        let pods = [member(0), member(1), member(2)]
        #expect(words(statefulSet(3), pods, update: "db-2") == ["delete db-2"])
        #expect(
            words(statefulSet(3), [member(0), member(1), member(2, revision: "db-2")], update: "db-2") == [
                "delete db-1"
            ]
        )
        let partition: JSON = [
            "updateStrategy": ["type": "RollingUpdate", "rollingUpdate": ["partition": 2]]
        ]
        #expect(
            words(
                statefulSet(3, partition),
                [member(0), member(1), member(2, revision: "db-2")],
                update: "db-2"
            ) == []
        )
        #expect(words(statefulSet(3, partition), [member(0)], update: "db-2") == ["create 1 db-1"])
        #expect(words(statefulSet(3, ["updateStrategy": ["type": "OnDelete"]]), pods, update: "db-2") == [])
    }

    @Test(
        "A pod that does not become ready holds up the update that would repair it, unless the set is parallel"
    )
    func waitsForBroken() {
        let pods = [member(0), member(1), member(2, ready: false)]
        #expect(words(statefulSet(3), pods, update: "db-2") == [])
        let parallel = statefulSet(3, ["podManagementPolicy": "Parallel"])
        #expect(words(parallel, pods, update: "db-2") == ["delete db-2"])
    }

    @Test("A surplus pod that is not ready waits for the lowest one that is not")
    func shrinksInOrder() {
        let pods = [member(0), member(1, ready: false), member(2, ready: false)]
        #expect(words(statefulSet(1), pods) == [])
        #expect(words(statefulSet(1), [member(0), member(1), member(2, ready: false)]) == ["delete db-2"])
    }

    @Test("The current revision moves when all pods have the new one")
    func revisions() {
        let pods = [member(0, revision: "db-2"), member(1, revision: "db-2")]
        let status = StatefulSetDecision(statefulSet(2), pods: pods, update: "db-2", now: Made.now).status
        #expect(status["currentRevision"] == "db-2")
        #expect(status["updatedReplicas"] == 2)
        let mixed = [member(0), member(1, revision: "db-2")]
        let before = StatefulSetDecision(statefulSet(2), pods: mixed, update: "db-2", now: Made.now).status
        #expect(before["currentRevision"] == "db-1")
        #expect(before["currentReplicas"] == 1)
    }

    // MARK: DaemonSet

    private func node(_ name: String, taint: String? = nil) -> KubeObject {
        var node = KubeObject(apiVersion: "v1", kind: "Node", name: name)
        if let taint { node.set([["key": .string(taint), "effect": "NoSchedule"]], at: "spec", "taints") }
        return node
    }

    @Test("A pod on every node that the set tolerates, none elsewhere")
    func daemons() {
        var set = KubeObject(apiVersion: "apps/v1", kind: "DaemonSet", namespace: "a", name: "agent")
        set.spec = ["template": Made.template()]
        let nodes = [
            node("n1"), node("n2"), node("n3", taint: "special"),
            node("n4", taint: "node.kubernetes.io/unschedulable"),
        ]
        let labels = ["controller-revision-hash": "h"]
        let pods = [Made.pod("x", labels: labels, node: "n1"), Made.pod("y", labels: labels, node: "n3")]
        let decision = DaemonSetDecision(set, pods: pods, nodes: nodes, revision: "h", now: Made.now)
        #expect(decision.createOn == ["n2", "n4"])
        // A taint that came later keeps new pods away only.
        #expect(decision.delete.isEmpty)
        #expect(decision.status["desiredNumberScheduled"] == 3)
        #expect(decision.status["numberMisscheduled"] == 1)
        #expect(decision.status["numberUnavailable"] == 2)
    }

    @Test("With a surge the new pod comes first, and the old one goes when it is available")
    func daemonSurge() {
        var set = KubeObject(apiVersion: "apps/v1", kind: "DaemonSet", namespace: "a", name: "agent")
        set.spec = [
            "template": Made.template(),
            "updateStrategy": ["rollingUpdate": ["maxSurge": 1, "maxUnavailable": 0]],
        ]
        let nodes = [node("n1"), node("n2")]
        let old = ["controller-revision-hash": "old"]
        let new = ["controller-revision-hash": "new"]
        var pods = [Made.pod("x", labels: old, node: "n1"), Made.pod("y", labels: old, node: "n2")]
        func decide() -> DaemonSetDecision {
            DaemonSetDecision(set, pods: pods, nodes: nodes, revision: "new", now: Made.now)
        }
        #expect(decide().createOn == ["n1"])
        #expect(decide().delete.isEmpty)
        pods.append(Made.pod("x2", ready: false, labels: new, node: "n1"))
        #expect(decide().createOn.isEmpty)
        pods[2] = Made.pod("x2", labels: new, node: "n1")
        #expect(decide().delete.map(\.name) == ["x"])
        #expect(decide().createOn == ["n2"])
    }

    @Test("A new template replaces one pod at a time")
    func daemonUpdate() {
        var set = KubeObject(apiVersion: "apps/v1", kind: "DaemonSet", namespace: "a", name: "agent")
        set.spec = ["template": Made.template()]
        let old = ["controller-revision-hash": "old"]
        let pods = [Made.pod("x", labels: old, node: "n1"), Made.pod("y", labels: old, node: "n2")]
        let nodes = [node("n1"), node("n2")]
        let decision = DaemonSetDecision(set, pods: pods, nodes: nodes, revision: "new", now: Made.now)
        #expect(decision.delete.count == 1)
    }
}
