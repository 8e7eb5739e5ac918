import Delivery
import KubeModel
import Testing

@Suite("4. Diff: no noise, and the field itself")
struct Section04NoiseTests {
    private let plans = PlanFixture()

    @Test("An empty map or list that the server does not keep is no difference")
    func empty() {
        func deployment(_ metadata: JSON, _ spec: JSON) -> DesiredObject {
            plans.desired([
                "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "web"],
                "spec": ["replicas": 1, "template": ["metadata": metadata, "spec": spec]],
            ])
        }
        let desired = deployment(
            ["labels": ["app": "web"], "annotations": [:]],
            ["restartPolicy": "Always", "volumes": []]
        )
        let stored = deployment(["labels": ["app": "web"]], ["restartPolicy": "Always"])
        #expect(
            plans.plan([desired], live: [plans.applied(stored)]).step("web")?.action == SyncStep.Action.none
        )
    }

    @Test("Every difference names the field, also where the last apply owns nothing beside it any more")
    func field() throws {
        let desired = plans.configMap("a", ["key": "1"])
        var live = plans.applied(desired)
        live["data"] = ["key": "9"]
        live.set(
            [
                [
                    "manager": "varde", "operation": "Apply", "apiVersion": "v1",
                    "fieldsV1": [
                        "f:metadata": [
                            "f:labels": ["f:varde.dev/application": [:]],
                            "f:annotations": ["f:varde.dev/tracking-id": [:]],
                        ]
                    ],
                ],
                [
                    "manager": "kubectl-patch", "operation": "Update", "apiVersion": "v1",
                    "time": "2026-01-01T00:00:00Z", "fieldsV1": ["f:data": ["f:key": [:]]],
                ],
            ],
            at: "metadata",
            "managedFields"
        )
        let change = try #require(plans.plan([desired], live: [live]).step("a")?.changes.first)
        #expect(change.path == "data.key")
        #expect(change.live == "9" && change.desired == "1")
        #expect(change.manager == "kubectl-patch" && change.time == "2026-01-01T00:00:00Z")
    }

    @Test("Quantities given as numbers and ports without a protocol are sent as every API server takes them")
    func form() {
        let service = plans.desired([
            "apiVersion": "v1", "kind": "Service", "metadata": ["name": "s"],
            "spec": ["ports": [["port": 80], ["port": 53, "protocol": "UDP"]]],
        ])
        #expect(service.object.spec["ports"]?[0]?["protocol"] == "TCP")
        #expect(service.object.spec["ports"]?[1]?["protocol"] == "UDP")
        let deployment = plans.desired([
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "d"],
            "spec": [
                "replicas": 2,
                "template": [
                    "spec": [
                        "containers": [
                            [
                                "name": "c",
                                "resources": [
                                    "limits": ["cpu": 1, "memory": "1Gi"], "requests": ["cpu": 0.5],
                                ],
                            ]
                        ]
                    ]
                ],
            ],
        ])
        let resources = deployment.object.spec.at("template", "spec", "containers")?[0]?["resources"]
        #expect(resources == ["limits": ["cpu": "1", "memory": "1Gi"], "requests": ["cpu": "0.5"]])
        #expect(deployment.object.spec["replicas"] == 2)
        let quota = plans.desired([
            "apiVersion": "v1", "kind": "ResourceQuota", "metadata": ["name": "q"],
            "spec": ["hard": ["pods": 100]],
        ])
        #expect(quota.object.spec["hard"] == ["pods": "100"])
    }
}
