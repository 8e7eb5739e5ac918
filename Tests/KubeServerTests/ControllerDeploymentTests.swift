import KubeModel
import Testing

@testable import KubeServer

@Suite("Deployment decisions")
struct ControllerDeploymentTests {
    private func words(_ decision: DeploymentDecision) -> [String] {
        decision.actions.map { action in
            switch action {
            case .create(let set): "create \(set.wantedReplicas)"
            case .scale(let set, let size): "\(set.uid) to \(size)"
            case .annotate(let set, _): "annotate \(set.uid)"
            case .delete(let set): "delete \(set.uid)"
            }
        }
    }

    private func decide(_ deployment: KubeObject, _ sets: [KubeObject], hasOldPods: Bool = false) -> [String]
    {
        words(DeploymentDecision(deployment, replicaSets: sets, hasOldPods: hasOldPods))
    }

    @Test("A new Deployment makes its first ReplicaSet with all replicas and revision 1")
    func first() throws {
        let decision = DeploymentDecision(Made.deployment(), replicaSets: [], hasOldPods: false)
        #expect(words(decision) == ["create 3"])
        #expect(decision.revision == 1)
        guard case .create(let set)? = decision.actions.first else { return }
        let hash = try #require(set.label("pod-template-hash"))
        #expect((8...10).contains(hash.count))
        #expect(set.name == "web-\(hash)")
        #expect(set.at("spec", "selector", "matchLabels", "pod-template-hash")?.string == hash)
        #expect(set.annotation(DeploymentAnnotations.maximum) == "4")
    }

    @Test("A new image adds the surge, then takes from the old what the new has made available")
    func rollsOut() {
        let deployment = Made.deployment(image: "a:2")
        func old(_ size: Int) -> KubeObject {
            Made.replicaSet("a:1", of: deployment, size, available: size, revision: 1)
        }
        func new(_ size: Int, _ available: Int) -> KubeObject {
            Made.replicaSet("a:2", of: deployment, size, available: available, revision: 2)
        }
        #expect(decide(deployment, [old(3)]) == ["create 1"])
        #expect(decide(deployment, [old(3), new(1, 0)]) == [])
        #expect(decide(deployment, [old(3), new(1, 1)]) == ["uid-a:1 to 2"])
        #expect(decide(deployment, [old(2), new(1, 1)]) == ["uid-a:2 to 2"])
        #expect(decide(deployment, [old(1), new(3, 3)]) == ["uid-a:1 to 0"])
        #expect(decide(deployment, [old(0), new(3, 3)]) == [])
    }

    @Test("Old pods that do not work go before the new ones are available")
    func removesBroken() {
        let deployment = Made.deployment(
            image: "a:2",
            strategy: ["type": "RollingUpdate", "rollingUpdate": ["maxSurge": 1, "maxUnavailable": 1]]
        )
        let old = Made.replicaSet("a:1", of: deployment, 3, available: 2, revision: 1)
        let new = Made.replicaSet("a:2", of: deployment, 1, available: 0, revision: 2)
        #expect(decide(deployment, [old, new]) == ["uid-a:1 to 2"])
    }

    @Test("Recreate empties the old, waits for its last pod, then fills the new")
    func recreates() {
        let deployment = Made.deployment(image: "a:2", strategy: ["type": "Recreate"])
        let old = Made.replicaSet("a:1", of: deployment, 3, available: 3, revision: 1)
        let empty = Made.replicaSet("a:1", of: deployment, 0, available: 0, revision: 1)
        #expect(decide(deployment, [old], hasOldPods: true) == ["uid-a:1 to 0"])
        #expect(decide(deployment, [empty], hasOldPods: true) == [])
        #expect(decide(deployment, [empty], hasOldPods: false) == ["create 3"])
    }

    @Test("Going back to an earlier template takes its ReplicaSet up again, as the newest revision")
    func rollsBack() throws {
        let deployment = Made.deployment(image: "a:1")
        let first = Made.replicaSet("a:1", of: deployment, 0, available: 0, revision: 1)
        let second = Made.replicaSet("a:2", of: deployment, 3, available: 3, revision: 2)
        let decision = DeploymentDecision(deployment, replicaSets: [first, second], hasOldPods: false)
        #expect(words(decision) == ["annotate uid-a:1", "uid-a:1 to 1"])
        guard case .annotate(_, let annotations)? = decision.actions.first else { return }
        #expect(annotations[DeploymentAnnotations.revision] == "3")
        #expect(annotations[DeploymentAnnotations.history] == "1")
        #expect(decision.revision == 3)
    }

    @Test("A paused Deployment does not roll, but is scaled")
    func paused() {
        var deployment = Made.deployment(replicas: 5, image: "a:2")
        deployment.set(true, at: "spec", "paused")
        let old = Made.replicaSet("a:1", of: deployment, 3, available: 3, revision: 1, desired: 3)
        #expect(decide(deployment, [old]) == ["uid-a:1 to 5"])
    }

    @Test("Scaling in the middle of a rollout shares the new pods out in proportion")
    func proportional() {
        let deployment = Made.deployment(replicas: 20, image: "a:2")
        let old = Made.replicaSet("a:1", of: deployment, 8, available: 8, revision: 1, desired: 10)
        let new = Made.replicaSet("a:2", of: deployment, 3, available: 3, revision: 2, desired: 10)
        let sizes = decide(deployment, [old, new]).filter { $0.contains(" to ") }
        #expect(sizes == ["uid-a:1 to 15", "uid-a:2 to 6"])
    }

    @Test("Empty ReplicaSets beyond the history limit go, the oldest first")
    func history() {
        let deployment = Made.deployment(image: "a:5")
        let old = (1...4).map { Made.replicaSet("a:\($0)", of: deployment, 0, available: 0, revision: $0) }
        let current = Made.replicaSet("a:5", of: deployment, 3, available: 3, revision: 5)
        #expect(decide(deployment, old + [current]) == ["delete uid-a:1", "delete uid-a:2"])
    }

    @Test("The status says progress and availability in Kubernetes' words")
    func status() {
        let deployment = Made.deployment()
        func status(_ available: Int) -> (JSON, ConditionList) {
            let set = Made.replicaSet("a:1", of: deployment, 3, available: available, revision: 1)
            let decision = DeploymentDecision(deployment, replicaSets: [set], hasOldPods: false)
            let json = DeploymentStatus(decision, created: nil, now: Made.now).json
            return (json, ConditionList(json))
        }
        let (half, unfinished) = status(1)
        #expect(half["unavailableReplicas"] == 2)
        #expect(unfinished["Available"]?.reason == "MinimumReplicasUnavailable")
        #expect(unfinished["Progressing"]?.reason == "ReplicaSetUpdated")
        let (full, finished) = status(3)
        #expect(full["unavailableReplicas"] == nil)
        #expect(full["observedGeneration"] == 1)
        #expect(finished["Available"]?.message == "Deployment has minimum availability.")
        #expect(finished["Progressing"]?.reason == "NewReplicaSetAvailable")
        #expect(finished["Progressing"]?.message.hasSuffix("has successfully progressed.") == true)
    }

    @Test("Without progress for the deadline the condition turns False, and before that it says when to look")
    func deadline() {
        var deployment = Made.deployment()
        deployment.status = [
            "replicas": 3, "updatedReplicas": 3, "readyReplicas": 1, "availableReplicas": 1,
            "conditions": [
                [
                    "type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated",
                    "lastUpdateTime": "2026-11-22T11:55:00Z",
                ]
            ],
        ]
        let set = Made.replicaSet("a:1", of: deployment, 3, available: 1, revision: 1)
        let decision = DeploymentDecision(deployment, replicaSets: [set], hasOldPods: false)
        let early = DeploymentStatus(decision, created: nil, now: Made.now)
        #expect(early.lookAgainAfter == .seconds(301))
        let late = DeploymentStatus(decision, created: nil, now: Made.now.adding(seconds: 400))
        #expect(ConditionList(late.json)["Progressing"]?.reason == "ProgressDeadlineExceeded")
        #expect(ConditionList(late.json)["Progressing"]?.isFalse == true)
    }

    @Test(
        "Shares round as Kubernetes rounds them",
        arguments: [("25%", 3, 1, 0), ("50%", 5, 3, 2), ("100%", 4, 4, 4), ("1%", 1, 1, 0)]
    )
    func shares(text: String, total: Int, up: Int, down: Int) throws {
        let share = try #require(Share(.string(text)))
        #expect(share.of(total, rounding: .up) == up)
        #expect(share.of(total, rounding: .down) == down)
    }
}
