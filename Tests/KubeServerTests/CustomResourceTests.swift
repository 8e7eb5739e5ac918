import KubeModel
import KubeServer
import Testing

@Suite("Custom resources")
struct CustomResourceTests {
    private static func definition(_ versions: [JSON]? = nil, plural: String = "things") -> JSON {
        let version: JSON = [
            "name": "v1", "served": true, "storage": true, "subresources": ["status": [:]],
            "schema": [
                "openAPIV3Schema": [
                    "type": "object", "required": ["spec"],
                    "properties": [
                        "spec": [
                            "type": "object", "required": ["size"],
                            "properties": [
                                "size": ["type": "integer", "minimum": 1, "maximum": 10],
                                "color": ["type": "string", "enum": ["red", "blue"], "default": "red"],
                                "note": ["type": "string", "nullable": true],
                                "parts": [
                                    "type": "array", "x-kubernetes-list-type": "map",
                                    "x-kubernetes-list-map-keys": ["name"],
                                    "items": [
                                        "type": "object", "required": ["name"],
                                        "properties": [
                                            "name": ["type": "string"],
                                            "count": ["type": "integer", "default": 1],
                                        ],
                                    ],
                                ],
                            ],
                        ], "status": ["type": "object", "x-kubernetes-preserve-unknown-fields": true],
                    ],
                ]
            ],
        ]
        return [
            "metadata": ["name": .string("\(plural).example.com")],
            "spec": [
                "group": "example.com", "scope": "Namespaced",
                "names": ["kind": "Thing", "plural": .string(plural)],
                "versions": .array(versions ?? [version]),
            ],
        ]
    }

    private static func thing(_ spec: JSON = ["size": 3]) -> JSON {
        ["apiVersion": "example.com/v1", "kind": "Thing", "metadata": ["name": "t"], "spec": spec]
    }

    private static let definitions = "customresourcedefinitions.apiextensions.k8s.io"

    private func defined() async throws -> RegistryFixture {
        let fixture = try await RegistryFixture()
        try await fixture.create(Self.definitions, Self.definition(), namespace: "")
        return fixture
    }

    @Test("A definition is established and served as soon as it is answered")
    func establishes() async throws {
        let fixture = try await defined()
        let stored = fixture.get(Self.definitions, "things.example.com", namespace: "")
        #expect(stored?.condition("Established")?.isTrue == true)
        #expect(stored?.at("status", "acceptedNames", "listKind") == "ThingList")
        try await fixture.create("things.example.com", Self.thing())
    }

    @Test("Objects are pruned and get defaults, also in lists")
    func shapes() async throws {
        let fixture = try await defined()
        let made = try await fixture.create(
            "things.example.com",
            Self.thing(["size": 3, "frob": 1, "note": .null, "color": .null, "parts": [["name": "a"]]])
        )
        #expect(
            made["spec"] == ["size": 3, "color": "red", "note": .null, "parts": [["name": "a", "count": 1]]]
        )
    }

    private static let wrongSpecs: [(JSON, String)] = [
        (["size": 30], "spec.size"), (["size": "big"], "spec.size"), ([:], "spec.size"),
        (["size": 3, "color": "green"], "spec.color"),
        (["size": 3, "parts": [["name": "a"], ["name": "a"]]], "spec.parts[1]"),
    ]

    @Test("The schema is enforced, a cause each", arguments: wrongSpecs)
    func validates(_ spec: JSON, _ field: String) async throws {
        let fixture = try await defined()
        let error = try await refusal { try await fixture.create("things.example.com", Self.thing(spec)) }
        #expect(error.isInvalid && error.fields == [field])
    }

    @Test("Server-side apply merges list maps by key")
    func applies() async throws {
        let fixture = try await defined()
        try await fixture.patch(
            "things.example.com",
            "t",
            Self.thing(["size": 3, "parts": [["name": "a"]]]),
            type: .apply,
            RegistryFixture.context(manager: "one")
        )
        let merged = try await fixture.patch(
            "things.example.com",
            "t",
            Self.thing(["parts": [["name": "b"]]]),
            type: .apply,
            RegistryFixture.context(manager: "two")
        )
        #expect(merged.at("spec", "parts")?.array?.compactMap { $0["name"]?.string } == ["a", "b"])
    }

    @Test("A second definition with the same kind is not established until the first is gone")
    func namesConflict() async throws {
        let fixture = try await defined()
        try await fixture.create(Self.definitions, Self.definition(plural: "others"), namespace: "")
        let other = fixture.get(Self.definitions, "others.example.com", namespace: "")
        #expect(other?.condition("NamesAccepted")?.reason == "ListKindConflict")
        #expect(fixture.serves("others.example.com") == false)
        try await fixture.delete(Self.definitions, "things.example.com", namespace: "")
        #expect(fixture.serves("others.example.com"))
    }

    @Test("Deleting a definition deletes its objects; those with finalizers hold it")
    func deletes() async throws {
        let fixture = try await defined()
        var held = Self.thing()
        held.set(["example.com/f"], at: ["metadata", "finalizers"])
        try await fixture.create("things.example.com", held)
        try await fixture.delete(Self.definitions, "things.example.com", namespace: "")
        #expect(fixture.get(Self.definitions, "things.example.com", namespace: "")?.isBeingDeleted == true)
        try await fixture.patch("things.example.com", "t", ["metadata": ["finalizers": .null]])
        #expect(fixture.get(Self.definitions, "things.example.com", namespace: "") == nil)
        #expect(fixture.serves("things.example.com") == false)
    }

    @Test("Versions serve the same objects, each with its own schema")
    func versions() async throws {
        func version(_ name: String, _ isStorage: Bool, _ properties: JSON) -> JSON {
            [
                "name": .string(name), "served": true, "storage": .bool(isStorage),
                "schema": [
                    "openAPIV3Schema": [
                        "type": "object",
                        "properties": ["spec": ["type": "object", "properties": properties]],
                    ]
                ],
            ]
        }
        let fixture = try await RegistryFixture()
        let old = version("v1beta1", false, ["old": ["type": "string"], "both": ["type": "string"]])
        let new = version(
            "v1",
            true,
            ["new": ["type": "string", "default": "dflt"], "both": ["type": "string"]]
        )
        try await fixture.create(Self.definitions, Self.definition([old, new]), namespace: "")
        let gvr = GroupVersionResource(group: "example.com", version: "v1beta1", resource: "things")
        let beta = try #require(fixture.registry.definition(of: gvr))
        var body = Self.thing(["old": "a", "both": "b"])
        body["apiVersion"] = "example.com/v1beta1"
        let made = try await fixture.registry.create(
            beta,
            namespace: "team",
            name: nil,
            subresource: nil,
            body: body,
            RegistryFixture.context()
        ).body
        #expect(made["apiVersion"] == "example.com/v1beta1" && made["spec"] == ["both": "b"])
        let stored = try #require(fixture.get("things.example.com", "t"))
        let served = fixture.registry.convert(stored, to: try fixture.definition("things.example.com"))
        #expect(served["spec"] == ["both": "b", "new": "dflt"])
    }

    @Test("A changed schema takes effect at once")
    func changesSchema() async throws {
        let fixture = try await defined()
        let patch: JSON = [
            [
                "op": "add",
                "path": "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/late",
                "value": ["type": "string", "default": "here"],
            ]
        ]
        try await fixture.patch(Self.definitions, "things.example.com", patch, type: .json, namespace: "")
        let made = try await fixture.create("things.example.com", Self.thing())
        #expect(made.at("spec", "late") == "here")
    }

    @Test("Definitions without structure are refused")
    func refusesDefinitions() async throws {
        let fixture = try await RegistryFixture()
        let shapeless: JSON = [
            "name": "v1", "served": true, "storage": true,
            "schema": ["openAPIV3Schema": ["type": "object", "properties": ["spec": ["properties": [:]]]]],
        ]
        let error = try await refusal {
            try await fixture.create(Self.definitions, Self.definition([shapeless]), namespace: "")
        }
        #expect(error.isInvalid)
        #expect(error.fields == ["spec.validation.openAPIV3Schema.properties[spec].type"])
    }
}
