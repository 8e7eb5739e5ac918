import KubeModel
import KubeServer
import Testing

@Suite("Server-side apply")
struct ApplyTests {
    @Test("Applying what is not there creates it; again it changes nothing")
    func createsAndSettles() async throws {
        let fixture = try await RegistryFixture()
        let definition = try fixture.definition("deployments.apps")
        let name = ObjectName(namespace: "team", name: "web")
        let first = try await fixture.registry.patch(
            definition,
            name,
            subresource: nil,
            type: .apply,
            patch: Sample.deployment(),
            RegistryFixture.context()
        )
        #expect(first.status == 201)
        let second = try await fixture.registry.patch(
            definition,
            name,
            subresource: nil,
            type: .apply,
            patch: Sample.deployment(),
            RegistryFixture.context()
        )
        #expect(second.status == 200 && second.body == first.body)
        #expect(KubeObject(first.body).namespace == "team")
    }

    @Test("A field of another manager is a conflict, unless forced")
    func conflicts() async throws {
        let fixture = try await RegistryFixture()
        let (one, two) = (RegistryFixture.context(manager: "one"), RegistryFixture.context(manager: "two"))
        try await fixture.patch("configmaps", "a", Sample.configMap(), type: .apply, one)
        let other = Sample.configMap(data: ["k": "w"])
        let error = try await refusal { try await fixture.patch("configmaps", "a", other, type: .apply, two) }
        #expect(error.isConflict && error.fields == [".data.k"])
        #expect(fixture.get("configmaps", "a")?["data"] == ["k": "v"])
        let forced = try await fixture.patch(
            "configmaps",
            "a",
            other,
            type: .apply,
            RegistryFixture.context(manager: "two", isForced: true)
        )
        #expect(forced["data"] == ["k": "w"])
    }

    @Test("A field that is left out goes, and a default comes back")
    func removesOwnFields() async throws {
        let fixture = try await RegistryFixture()
        var config = Sample.deployment()
        config.set(4, at: ["spec", "replicas"])
        try await fixture.patch("deployments.apps", "web", config, type: .apply)
        let changed = try await fixture.patch("deployments.apps", "web", Sample.deployment(), type: .apply)
        #expect(changed.at("spec", "replicas") == 1 && changed.generation == 2)
    }

    @Test("An apply that gives up everything has no entry any more")
    func dropsEmptyEntries() async throws {
        let fixture = try await RegistryFixture()
        try await fixture.patch("configmaps", "a", Sample.configMap(), type: .apply)
        let empty: JSON = ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "a"]]
        let changed = try await fixture.patch("configmaps", "a", empty, type: .apply)
        #expect(changed["data"] == nil && changed.at("metadata", "managedFields") == nil)
    }

    @Test("The result is validated as any other object")
    func validates() async throws {
        let fixture = try await RegistryFixture()
        let error = try await refusal {
            try await fixture.patch("configmaps", "a", Sample.configMap(data: ["bad key": "v"]), type: .apply)
        }
        #expect(error.isInvalid && error.fields == ["data[bad key]"])
        #expect(fixture.get("configmaps", "a") == nil)
    }

    @Test("Type and name must be the path's")
    func checksIdentity() async throws {
        let fixture = try await RegistryFixture()
        for body in [["data": [:]] as JSON, Sample.configMap("b"), ["apiVersion": "v1", "kind": "Secret"]] {
            let error = try await refusal { try await fixture.patch("configmaps", "a", body, type: .apply) }
            #expect(error.code == 400)
        }
    }

    @Test("Many appliers of one new object all succeed")
    func concurrentCreation() async throws {
        let fixture = try await RegistryFixture()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<10 {
                group.addTask {
                    try await fixture.patch(
                        "configmaps",
                        "a",
                        Sample.configMap(data: .object(["k\(number)": "v"])),
                        type: .apply,
                        RegistryFixture.context(manager: "m\(number)")
                    )
                }
            }
            try await group.waitForAll()
        }
        #expect(fixture.get("configmaps", "a")?["data"]?.object?.count == 10)
    }
}
