import Delivery
import KubeClient
import KubeModel
import KubeTesting
import Testing

@Suite("Faults: definitions", .timeLimit(.minutes(1)))
struct DefinitionFaultTests {
    private let web = DeliveryFixture.id("kart-web")
    private let widgets = APIResource(
        gvr: GroupVersionResource(group: "example.com", version: "v1", resource: "widgets"),
        kind: "Widget",
        isNamespaced: true
    )
    private let files = [
        "env/dev/kart-web/w.yaml":
            "apiVersion: example.com/v1\nkind: Widget\nmetadata:\n  name: w\nspec:\n  size: 3\n",
        "env/dev/kart-web/a.yaml": configMap("a"),
    ]
    private let definition = KubeObject([
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": ["name": "widgets.example.com"],
        "spec": [
            "group": "example.com", "scope": "Namespaced",
            "names": [
                "plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList",
            ],
            "versions": [
                [
                    "name": "v1", "served": true, "storage": true,
                    "schema": [
                        "openAPIV3Schema": ["type": "object", "x-kubernetes-preserve-unknown-fields": true]
                    ],
                ]
            ],
        ],
    ])

    private func install(_ fixture: DeliveryFixture) async throws {
        _ = try await fixture.dev.apply(.customResourceDefinitions, definition, force: true)
    }

    @Test(
        "A CRD deleted under its objects: the sync says what it waits for, the rest goes on, and all is back with it"
    )
    func deleted() async throws {
        try await DeliveryFixture.run(files) { fixture in
            try await install(fixture)
            try await fixture.wait(web) { $0.sync == .synced }
            let name = ObjectName(namespace: "kart-web", name: "w")
            #expect(try await fixture.dev.find(widgets, name) != nil)

            for _ in 0..<2 {
                try await fixture.dev.delete(
                    .customResourceDefinitions,
                    ObjectName(name: "widgets.example.com")
                )
                let waiting = try await fixture.wait(web) { $0.findings.contains { $0.code == .unknownKind } }
                #expect(waiting.message.contains("The cluster has no kind Widget in example.com/v1"))

                let map = ObjectName(namespace: "kart-web", name: "a")
                try await fixture.dev.delete(.configMaps, map)
                try await fixture.eventually("the rest is still repaired") {
                    try await fixture.dev.find(.configMaps, map) != nil
                }
                try await install(fixture)
                try await fixture.eventually("the object is back") {
                    try await fixture.dev.find(widgets, name)?.spec["size"]?.int == 3
                }
                try await fixture.wait(web) { $0.sync == .synced && $0.findings.isEmpty }
            }
        }
    }

    @Test("A CRD that somebody else installs is noticed when it comes, however long it was waited for")
    func installed() async throws {
        try await DeliveryFixture.run(files) { fixture in
            try await fixture.wait(web) { $0.findings.contains { $0.code == .unknownKind } }
            // By now polling would come every four seconds.
            let discoveries = { @Sendable in fixture.faults.requests { $0.path == "/apis" }.count }
            let before = discoveries()
            try await fixture.eventually("it was asked for a few times") { discoveries() >= before + 3 }
            try await install(fixture)
            try await fixture.wait(web, within: .seconds(2)) { $0.sync == .synced }
        }
    }
}
