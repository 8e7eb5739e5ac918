import Delivery
import KubeModel
import Testing

@Suite("Fields and lists that others changed")
struct ConcessionTests {
    private var deployment: KubeObject {
        var object = KubeObject(apiVersion: "apps/v1", kind: "Deployment", namespace: "kart", name: "web")
        object.labels = ["app.kubernetes.io/name": "web", "app": "web"]
        object.spec = [
            "replicas": 2,
            "template": [
                "spec": ["containers": [["name": "web", "image": "a:1"], ["name": "log", "image": "b:1"]]]
            ],
        ]
        return object
    }

    @Test(
        "A field named in a conflict is taken out of the manifest, everything else stays",
        arguments: [
            ("spec.replicas", ["spec", "replicas"]),
            (".spec.replicas", ["spec", "replicas"]),
            ("metadata.labels.app.kubernetes.io/name", ["metadata", "labels", "app.kubernetes.io/name"]),
        ]
    )
    func plain(path: String, place: [String]) {
        var object = deployment
        #expect(FieldRemoval.remove(path, from: &object))
        var expected = deployment
        expected.json.set(nil, at: place)
        #expect(object == expected)
    }

    @Test("A field of a list's element is found by the element's keys")
    func element() {
        var object = deployment
        #expect(FieldRemoval.remove("spec.template.spec.containers[name=\"log\"].image", from: &object))
        let containers = object.spec.at("template", "spec", "containers")
        #expect(containers?[0]?["image"] == "a:1")
        #expect(containers?[1] == ["name": "log"])
    }

    @Test("A field that is not in the manifest is not removed from elsewhere")
    func missing() {
        var object = deployment
        #expect(!FieldRemoval.remove("spec.paused", from: &object))
        #expect(!FieldRemoval.remove("spec.template.spec.containers[name=\"db\"].image", from: &object))
        #expect(!FieldRemoval.remove("spec.template.spec.containers[broken", from: &object))
        #expect(object == deployment)
    }

    @Test("A refused list with a changed key is put back whole; other refusals are the manifest's own")
    func lists() {
        var desired = KubeObject(apiVersion: "v1", kind: "Service", namespace: "kart", name: "web")
        desired.spec = ["ports": [["name": "http", "port": 80]]]
        var live = desired
        live.spec["ports"] = [["name": "http", "port": 99, "protocol": "TCP"]]
        func refusal(_ field: String) -> StatusError {
            StatusError(
                code: 422,
                reason: "Invalid",
                message: "",
                details: ["causes": [["field": .string(field)]]]
            )
        }
        #expect(
            ListRepair.patch(for: refusal("spec.ports[1].name"), desired: desired, live: live)
                == ["spec": ["ports": [["name": "http", "port": 80]]]]
        )
        #expect(ListRepair.patch(for: refusal("spec.type"), desired: desired, live: live) == nil)
        #expect(ListRepair.patch(for: refusal("spec.externalIPs[0]"), desired: desired, live: live) == nil)
    }
}
