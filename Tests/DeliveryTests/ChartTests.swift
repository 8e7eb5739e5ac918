import Delivery
import GitSource
import KubeClient
import KubeModel
import Testing

@Suite(.timeLimit(.minutes(2)), .enabled(if: ProgramSearch.path(of: "helm") != nil, "helm was not found"))
struct ChartTests {
    @Test("A chart that asks for the cluster's kinds is made again when they change")
    func kinds() async throws {
        let web = DeliveryFixture.id("kart-web")
        let files = [
            "env/dev/kart-web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
            "env/dev/kart-web/templates/a.yaml": """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: a}
            data: {monitored: {{ .Capabilities.APIVersions.Has "things.example/v1/Thing" | quote }}}
            """,
        ]
        let name = ObjectName(namespace: "kart-web", name: "a")
        try await DeliveryFixture.run(files) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            #expect(try await fixture.dev.get(.configMaps, name).at("data", "monitored") == "false")
            _ = try await fixture.dev.apply(.customResourceDefinitions, Self.definition, force: true)
            try await fixture.eventually("it knows the kind") {
                try await fixture.dev.get(.configMaps, name).at("data", "monitored") == "true"
            }
        }
    }

    private static let definition = KubeObject([
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": ["name": "things.things.example"],
        "spec": [
            "group": "things.example", "scope": "Namespaced",
            "names": ["plural": "things", "singular": "thing", "kind": "Thing", "listKind": "ThingList"],
            "versions": [
                [
                    "name": "v1", "served": true, "storage": true,
                    "schema": ["openAPIV3Schema": ["type": "object"]],
                ]
            ],
        ],
    ])
}
