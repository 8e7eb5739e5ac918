import KubeModel
import KubeServer
import Testing

@Suite("Creating objects")
struct CreateTests {
    @Test("The server sets uid, time and version, whatever the body says")
    func ownsMetadata() async throws {
        let fixture = try await RegistryFixture()
        let made = try await fixture.create(
            "configmaps",
            [
                "metadata": [
                    "name": "a", "uid": "mine", "creationTimestamp": "2001-01-01T00:00:00Z", "selfLink": "/x",
                ]
            ]
        )
        #expect(made.uid.count == 36 && made.uid != "mine")
        #expect(
            made.creationTimestamp?.hasPrefix("20") == true
                && made.creationTimestamp?.hasPrefix("2001") == false
        )
        #expect(UInt64(made.resourceVersion) != nil)
        #expect(made.at("metadata", "selfLink") == nil)
        #expect(made.apiVersion == "v1" && made.kind == "ConfigMap" && made.namespace == "team")
    }

    @Test("generateName appends five characters without vowels")
    func generatesNames() async throws {
        let fixture = try await RegistryFixture()
        let first = try await fixture.create("configmaps", ["metadata": ["generateName": "run-"]])
        let second = try await fixture.create("configmaps", ["metadata": ["generateName": "run-"]])
        #expect(first.name.count == 9 && first.name.hasPrefix("run-") && first.name != second.name)
        #expect(first.name.dropFirst(4).allSatisfy { "bcdfghjklmnpqrstvwxz2456789".contains($0) })
    }

    @Test("A name that is taken is AlreadyExists")
    func refusesTakenNames() async throws {
        let fixture = try await RegistryFixture()
        try await fixture.create("configmaps", Sample.configMap())
        let error = try await refusal { try await fixture.create("configmaps", Sample.configMap()) }
        #expect(error.isAlreadyExists)
        #expect(error.message == "configmaps \"a\" already exists")
    }

    @Test("Nothing is made in a namespace that is not there or is going")
    func needsNamespace() async throws {
        let fixture = try await RegistryFixture()
        let missing = try await refusal {
            try await fixture.create("configmaps", Sample.configMap(), namespace: "none")
        }
        #expect(missing.isNotFound && missing.message == "namespaces \"none\" not found")
        try await fixture.delete("namespaces", "team", namespace: "")
        let going = try await refusal { try await fixture.create("configmaps", Sample.configMap()) }
        #expect(going.isForbidden && going.details?["causes"]?[0]?["reason"] == "NamespaceTerminating")
    }

    @Test("The body's namespace must be the path's")
    func refusesOtherNamespace() async throws {
        let fixture = try await RegistryFixture()
        let error = try await refusal {
            try await fixture.create("configmaps", ["metadata": ["name": "a", "namespace": "other"]])
        }
        #expect(error.code == 400)
    }

    @Test("A body of another kind is refused in Kubernetes' words")
    func refusesOtherKinds() async throws {
        let fixture = try await RegistryFixture()
        let error = try await refusal {
            try await fixture.create(
                "configmaps",
                ["apiVersion": "v1", "kind": "Secret", "metadata": ["name": "a"]]
            )
        }
        #expect(error.code == 400)
        #expect(error.message.hasSuffix("converting (v1.Secret) to (core.ConfigMap): unknown conversion"))
    }

    @Test("A dry run answers as if and stores nothing")
    func dryRunStoresNothing() async throws {
        let fixture = try await RegistryFixture()
        let shown = try await fixture.create(
            "configmaps",
            Sample.configMap(),
            RegistryFixture.context(isDryRun: true)
        )
        #expect(shown.name == "a" && shown.resourceVersion.isEmpty)
        #expect(fixture.get("configmaps", "a") == nil)
    }

    @Test("What the kind does not know is dropped with a warning, or refused if validation is strict")
    func unknownFields() async throws {
        let fixture = try await RegistryFixture()
        var body = Sample.deployment()
        body.set(1, at: ["spec", "frob"])
        let definition = try fixture.definition("deployments.apps")
        let result = try await fixture.registry.create(
            definition,
            namespace: "team",
            name: nil,
            subresource: nil,
            body: body,
            RegistryFixture.context()
        )
        #expect(result.warnings == ["unknown field \"spec.frob\""])
        #expect(result.body.at("spec", "frob") == nil)
        let error = try await refusal {
            try await fixture.create("deployments.apps", body, RegistryFixture.context(validation: .strict))
        }
        #expect(
            error.code == 400 && error.message.hasSuffix("strict decoding error: unknown field \"spec.frob\"")
        )
    }

    @Test("Two managers' creates and updates have an entry each")
    func tracksManagers() async throws {
        let fixture = try await RegistryFixture()
        let made = try await fixture.create(
            "configmaps",
            Sample.configMap(),
            RegistryFixture.context(manager: "one")
        )
        let changed = try await fixture.patch(
            "configmaps",
            "a",
            ["data": ["n": "x"]],
            RegistryFixture.context(manager: "two")
        )
        #expect(made.at("metadata", "managedFields")?.array?.compactMap { $0["manager"]?.string } == ["one"])
        let managers =
            changed.at("metadata", "managedFields")?.array?.compactMap { $0["manager"]?.string } ?? []
        #expect(Set(managers) == ["one", "two"])
    }
}
