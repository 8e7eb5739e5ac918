import KubeClient
import KubeModel
@testable import KubeServer
import KubeTesting
import Testing

@Suite("Discovery")
struct DiscoveryTests {
    private static let definition: JSON = [
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": ["name": "things.example.com"],
        "spec": [
            "group": "example.com", "scope": "Namespaced",
            "names": ["kind": "Thing", "plural": "things", "shortNames": ["th"]],
            "versions": [
                [
                    "name": "v1", "served": true, "storage": true,
                    "schema": ["openAPIV3Schema": ["type": "object"]],
                ]
            ],
        ],
    ]

    @Test(
        "A client finds built-in resources, and custom ones from the moment they are declared until they are not"
    )
    func discovers() async throws {
        try await EmbeddedTestCluster.run { cluster in
            let client = cluster.client
            let thing = GroupVersionKind(group: "example.com", version: "v1", kind: "Thing")
            let deployment = GroupVersionKind(group: "apps", version: "v1", kind: "Deployment")
            #expect(try await client.discovery.resource(for: deployment)?.gvr.resource == "deployments")
            #expect(try await client.discovery.resource(for: thing) == nil)
            _ = try await client.create(.customResourceDefinitions, KubeObject(Self.definition))
            try await client.discovery.refresh()
            #expect(try await client.discovery.resource(for: thing)?.shortNames == ["th"])
            try await client.delete(.customResourceDefinitions, ObjectName(name: "things.example.com"))
            #expect(
                try await cluster.eventually {
                    try await client.discovery.refresh()
                    return try await client.discovery.resource(for: thing) == nil
                }
            )
        }
    }

    @Test(
        "The schema document of every group version has its kinds and the operations that kubectl looks for"
    )
    func documents() async throws {
        try await EmbeddedTestCluster.run { cluster in
            let index = try await cluster.client.send(APIRequest(.get, "/openapi/v3"))
            let text = try #require(index.string)
            let paths = try #require(try JSON.parse(text)["paths"]?.object)
            #expect(paths["api/v1"] != nil && paths["apis/apps/v1"] != nil)
            let apps = try await cluster.client.send(APIRequest(.get, "/openapi/v3/apis/apps/v1"))
            let patch = try #require(
                apps.at("paths", "/apis/apps/v1/namespaces/{namespace}/deployments/{name}", "patch")
            )
            #expect(patch.at("x-kubernetes-group-version-kind", "kind") == "Deployment")
            let names = patch["parameters"]?.array?.compactMap { $0["name"]?.string } ?? []
            #expect(names.contains("fieldValidation") && names.contains("dryRun"))
            #expect(apps.at("components", "schemas", "io.k8s.api.core.v1.PodSpec") != nil)
        }
    }

    @Test("Stable versions stand before betas, betas before alphas, newer before older")
    func ordersVersions() {
        let versions = ["v1alpha1", "v2beta1", "v10", "v1", "foo", "v2", "v1beta2"]
        let expected = ["v10", "v2", "v1", "v2beta1", "v1beta2", "v1alpha1", "foo"]
        #expect(versions.sorted(by: VersionPriority.precedes) == expected)
    }
}
