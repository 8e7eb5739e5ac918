import KubeModel
import Testing

@testable import Delivery

@Suite("What may be done to an object, and what leads to it")
struct ObjectActionTests {
    private static func object(_ text: String) throws -> KubeObject { KubeObject(try JSON.parse(text)) }

    private static func node(_ kind: String, _ name: String, parent: String? = nil) -> ObjectNode {
        let id = ObjectReference(
            group: kind == "Pod" ? "" : "apps",
            kind: kind,
            namespace: "a",
            name: name
        )
        var node = ObjectNode(
            id: id.description,
            apiVersion: "v1",
            kind: kind,
            namespace: "a",
            name: name,
            now: 0
        )
        node.parent = parent
        return node
    }

    private static let deployment = #"""
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "a"},
         "spec": {"replicas": 3, "template": {"metadata": {"labels": {"app": "web", "tier": "front"}}}}}
        """#

    @Test("A Deployment can be restarted, scaled and deleted; what the commit says is put back")
    func offersForDeployment() throws {
        let live = try Self.object(Self.deployment)
        let set = Self.node("ReplicaSet", "web-1", parent: "apps/Deployment:a/web")
        let nodes: ObjectNodes = [
            Self.node("Deployment", "web"), set, Self.node("Pod", "web-1-a", parent: set.id),
            Self.node("Pod", "other"),
        ]
        let offers = ActionOffer.offers(for: live, desired: live, nodes: nodes, now: 0)
        #expect(
            offers == [
                ActionOffer(action: .restart, effects: [.replacesPods(1, strategy: "RollingUpdate")]),
                ActionOffer(
                    action: .scale,
                    effects: [.hasReplicas(3), .putBack(field: "spec.replicas", value: "3")]
                ),
                ActionOffer(action: .delete, effects: [.removesBelow(2), .madeAgainByVarde]),
            ]
        )
    }

    @Test("A CronJob can be run, and suspended or resumed as it is")
    func offersForCronJob() throws {
        var live = try Self.object(
            #"{"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "n", "namespace": "a"}, "spec": {"schedule": "0 3 * * *"}}"#
        )
        #expect(
            ActionOffer.offers(for: live, desired: nil, nodes: [], now: 60).map(\.action) == [
                .trigger, .suspend, .delete,
            ]
        )
        live.set(true, at: "spec", "suspend")
        let offers = ActionOffer.offers(for: live, desired: nil, nodes: [], now: 60)
        #expect(offers.map(\.action) == [.trigger, .resume, .delete])
        #expect(offers[0].effects == [.startsJob("n-manual-60")])
        #expect(offers[1].effects == [.runsAgain(schedule: "0 3 * * *")])
        #expect(offers[2].effects == [.goesForGood])
    }

    @Test("A pod's owner makes another; nothing is offered for what is being deleted")
    func offersForPod() throws {
        var live = try Self.object(
            #"""
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "a",
             "ownerReferences": [{"kind": "ReplicaSet", "name": "web-1", "controller": true}]}}
            """#
        )
        #expect(
            ActionOffer.offers(for: live, desired: nil, nodes: [], now: 0) == [
                ActionOffer(action: .delete, effects: [.madeAgainByOwner("ReplicaSet web-1")])
            ]
        )
        live.set("2026-11-22T20:00:00Z", at: "metadata", "deletionTimestamp")
        #expect(ActionOffer.offers(for: live, desired: nil, nodes: [], now: 0).isEmpty)
    }

    @Test(
        "Services lead to what they select, Ingresses and routes to Services, autoscalers to what they scale"
    )
    func links() throws {
        let objects = try [
            Self.deployment,
            #"""
            {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "a"},
             "spec": {"selector": {"app": "web"}}}
            """#,
            #"""
            {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "none", "namespace": "a"}, "spec": {}}
            """#,
            #"""
            {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "in", "namespace": "a"},
             "spec": {"rules": [{"http": {"paths": [{"backend": {"service": {"name": "web", "port": {"number": 80}}}}]}}]}}
            """#,
            #"""
            {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": {"name": "r", "namespace": "a"},
             "spec": {"rules": [{"backendRefs": [{"name": "web"}, {"name": "gone"}, {"kind": "Bucket", "name": "none"}]}]}}
            """#,
            #"""
            {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "h", "namespace": "a"},
             "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}}}
            """#,
        ].map(Self.object)
        let roots = objects.map {
            ObjectTree.Root(reference: $0.reference, apiVersion: $0.apiVersion, live: $0, sync: .synced)
        }
        let tree = ObjectTree(roots, now: 0) { _ in [] }
        let links = Dictionary(uniqueKeysWithValues: tree.nodes.map { ("\($0.kind) \($0.name)", $0.links) })
        #expect(links["Service web"] == ["apps/Deployment:a/web"])
        #expect(links["Service none"] == [])
        #expect(links["Ingress in"] == ["Service:a/web"])
        #expect(links["HTTPRoute r"] == ["Service:a/web"])
        #expect(links["HorizontalPodAutoscaler h"] == ["apps/Deployment:a/web"])
        #expect(links["Deployment web"] == [])
    }
}
