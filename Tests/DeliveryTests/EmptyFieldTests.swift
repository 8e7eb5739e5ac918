import Delivery
import KubeModel
import Testing

@Suite("Empty maps and lists in a manifest")
struct EmptyFieldTests {
    private func object(_ more: JSON) -> KubeObject {
        var object = KubeObject(apiVersion: "apps/v1", kind: "Deployment", namespace: "a", name: "web")
        object["spec"] = more
        return object
    }

    private func differences(_ desired: JSON, _ live: JSON, owned: JSON) -> [String] {
        FieldComparison.differences(
            desired: object(desired),
            live: object(live),
            owned: ["f:spec": owned]
        ).map(\.path)
    }

    private let bare: JSON = ["template": ["spec": ["volumes": .array([["name": "tmp"]])]]]

    @Test(
        "Annotations of nothing are no difference to an object without any, before they were applied and after"
    )
    func annotations() {
        let desired: JSON = ["template": ["metadata": ["annotations": [:], "labels": [:]], "spec": [:]]]
        let live: JSON = ["template": ["metadata": ["creationTimestamp": .null], "spec": [:]]]
        #expect(
            differences(desired, live, owned: ["f:template": ["f:metadata": [".": [:]], "f:spec": [:]]]) == []
        )
        let applied: JSON = [
            "f:template": ["f:metadata": ["f:annotations": [:], "f:labels": [:]], "f:spec": [:]]
        ]
        #expect(differences(desired, live, owned: applied) == [])
    }

    @Test("What was applied and is gone is a difference unless it was empty")
    func gone() {
        #expect(differences(["a": ["b": "c"]], [:], owned: ["f:a": ["f:b": [:]]]) == ["spec.a"])
        #expect(differences(["a": .array([])], [:], owned: ["f:a": [:]]) == [])
    }
}
