import KubeModel
import KubeServer
import Testing

@Suite("Changing objects")
struct UpdateTests {
    @Test("A PUT that changes nothing keeps the version")
    func keepsVersion() async throws {
        let fixture = try await RegistryFixture()
        let made = try await fixture.create("configmaps", Sample.configMap())
        let same = try await fixture.replace("configmaps", "a", Sample.configMap())
        #expect(same.resourceVersion == made.resourceVersion)
        let patched = try await fixture.patch("configmaps", "a", ["data": ["k": "v"]])
        #expect(patched.resourceVersion == made.resourceVersion)
    }

    @Test("A PUT with an old version is a conflict, with the current one it works")
    func locksOptimistically() async throws {
        let fixture = try await RegistryFixture()
        let made = try await fixture.create("configmaps", Sample.configMap())
        let newer = try await fixture.patch("configmaps", "a", ["data": ["n": "x"]])
        var body = Sample.configMap(data: ["k": "w"])
        body.set(.string(made.resourceVersion), at: ["metadata", "resourceVersion"])
        let stale = body
        let error = try await refusal { _ = try await fixture.replace("configmaps", "a", stale) }
        #expect(error.isConflict)
        body.set(.string(newer.resourceVersion), at: ["metadata", "resourceVersion"])
        let replaced = try await fixture.replace("configmaps", "a", body)
        #expect(replaced["data"] == ["k": "w"])
    }

    @Test("Patches without a version never conflict, however many there are at once")
    func patchesRetry() async throws {
        let fixture = try await RegistryFixture()
        try await fixture.create("configmaps", Sample.configMap())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                group.addTask {
                    try await fixture.patch("configmaps", "a", ["data": .object(["n\(number)": "x"])])
                }
            }
            try await group.waitForAll()
        }
        #expect(fixture.get("configmaps", "a")?["data"]?.object?.count == 21)
    }

    @Test("A wrong uid is a conflict in a PUT and invalid in a patch")
    func checksUID() async throws {
        let fixture = try await RegistryFixture()
        try await fixture.create("configmaps", Sample.configMap())
        let put = try await refusal {
            _ = try await fixture.replace("configmaps", "a", ["metadata": ["name": "a", "uid": "other"]])
        }
        #expect(put.isConflict)
        let patch = try await refusal {
            try await fixture.patch("configmaps", "a", ["metadata": ["uid": "other"]])
        }
        #expect(patch.isInvalid && patch.fields == ["metadata.uid", "metadata.uid"])
    }

    private static let generations: [(String, JSON, Int)] = [
        ("deployments.apps", ["spec": ["replicas": 3]], 2),
        ("deployments.apps", ["metadata": ["annotations": ["a": "b"]]], 2),
        ("deployments.apps", ["metadata": ["labels": ["a": "b"]]], 1),
        ("deployments.apps", ["status": ["replicas": 3]], 1),
        ("statefulsets.apps", ["metadata": ["annotations": ["a": "b"]]], 1),
        ("statefulsets.apps", ["spec": ["replicas": 3]], 2),
    ]

    @Test(
        "The generation follows the content; a Deployment's follows annotations, too",
        arguments: generations
    )
    func generation(_ resource: String, _ patch: JSON, _ expected: Int) async throws {
        let fixture = try await RegistryFixture()
        var body = Sample.deployment()
        body["kind"] = nil
        body["apiVersion"] = nil
        let made = try await fixture.create(resource, body)
        let changed = try await fixture.patch(resource, "web", patch)
        #expect(made.generation == 1 && changed.generation == expected)
    }

    @Test("Status changes through its subresource only, and nothing else changes through that")
    func separatesStatus() async throws {
        let fixture = try await RegistryFixture()
        var body = Sample.deployment()
        body["status"] = ["replicas": 9]
        let made = try await fixture.create("deployments.apps", body)
        #expect(made["status"] == [:])
        let changed = try await fixture.patch(
            "deployments.apps",
            "web",
            ["metadata": ["labels": ["l": "x"]], "spec": ["replicas": 5], "status": ["replicas": 2]],
            subresource: "status"
        )
        #expect(changed.at("status", "replicas") == 2)
        #expect(changed.at("spec", "replicas") == 1 && changed.at("metadata", "labels") == nil)
        #expect(changed.generation == 1)
    }

    @Test("A strategic merge patch merges containers by name")
    func mergesContainers() async throws {
        let fixture = try await RegistryFixture()
        try await fixture.create("deployments.apps", Sample.deployment())
        let patch: JSON = [
            "spec": ["template": ["spec": ["containers": [["name": "c", "image": "nginx:2"]]]]]
        ]
        let changed = try await fixture.patch("deployments.apps", "web", patch, type: .strategic)
        let container = changed.at("spec", "template", "spec", "containers")?[0]
        #expect(
            container?["image"] == "nginx:2" && container?["terminationMessagePath"] == "/dev/termination-log"
        )
    }

    @Test("A patch with a value of the wrong type says what the object would have been")
    func refusesWrongTypes() async throws {
        let fixture = try await RegistryFixture()
        try await fixture.create("configmaps", Sample.configMap())
        let error = try await refusal { try await fixture.patch("configmaps", "a", ["data": ["n": 5]]) }
        #expect(error.isInvalid && error.fields == ["patch"])
        #expect(
            error.message.hasSuffix(
                "json: cannot unmarshal number into Go struct field ConfigMap.data of type string"
            )
        )
    }

    @Test("The scale subresource sets replicas and moves the generation")
    func scales() async throws {
        let fixture = try await RegistryFixture()
        try await fixture.create("deployments.apps", Sample.deployment())
        let scale = try await fixture.patch(
            "deployments.apps",
            "web",
            ["spec": ["replicas": 4]],
            subresource: "scale"
        )
        #expect(scale.kind == "Scale" && scale.at("spec", "replicas") == 4)
        let deployment = try #require(fixture.get("deployments.apps", "web"))
        #expect(deployment.at("spec", "replicas") == 4 && deployment.generation == 2)
        let error = try await refusal {
            try await fixture.patch(
                "deployments.apps",
                "web",
                ["spec": ["replicas": -1]],
                subresource: "scale"
            )
        }
        #expect(error.isInvalid && error.fields == ["spec.replicas"])
    }

    @Test("A binding gives a pod its node once")
    func binds() async throws {
        let fixture = try await RegistryFixture()
        try await fixture.create("pods", Sample.pod())
        let binding: JSON = ["metadata": ["name": "p"], "target": ["kind": "Node", "name": "n1"]]
        try await fixture.create("pods", binding, name: "p", subresource: "binding")
        #expect(fixture.get("pods", "p")?.at("spec", "nodeName") == "n1")
        let error = try await refusal {
            try await fixture.create("pods", binding, name: "p", subresource: "binding")
        }
        #expect(error.isConflict && error.message.hasSuffix("pod p is already assigned to node \"n1\""))
    }
}
