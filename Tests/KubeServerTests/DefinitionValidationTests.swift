import KubeModel
import KubeServer
import Testing

@Suite("Rules for custom resource definitions")
struct DefinitionValidationTests {
    private static let definitions = "customresourcedefinitions.apiextensions.k8s.io"
    private static let root = "spec.validation.openAPIV3Schema"

    private static func definition(
        _ version: JSON = [:],
        _ spec: JSON = [:],
        group: String = "example.com"
    ) -> JSON {
        var whole: JSON = [
            "name": "v1", "served": true, "storage": true,
            "schema": ["openAPIV3Schema": ["type": "object", "x-kubernetes-preserve-unknown-fields": true]],
        ]
        for (key, value) in version.object ?? [:] { whole[key] = value }
        var content: JSON = [
            "group": .string(group), "scope": "Namespaced", "names": ["kind": "Thing", "plural": "things"],
            "versions": [whole],
        ]
        for (key, value) in spec.object ?? [:] { content[key] = value }
        return ["metadata": ["name": .string("things.\(group)")], "spec": content]
    }

    private static func schema(_ properties: JSON) -> JSON {
        ["schema": ["openAPIV3Schema": ["type": "object", "properties": properties]]]
    }

    /// The fields that a refusal names, with the beginning of what it says.
    private func refused(_ definition: JSON) async throws -> [String] {
        let fixture = try await RegistryFixture()
        let error = try await refusal {
            try await fixture.create(Self.definitions, definition, namespace: "")
        }
        return (error.details?["causes"]?.array ?? []).map { cause in
            "\(cause["field"]?.string ?? ""): \(cause["message"]?.string ?? "")"
        }
    }

    private static let schemas: [(JSON, [String])] = [
        (
            ["a": ["type": "object", "x-kubernetes-preserve-unknown-fields": false]],
            ["[a].x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined"]
        ),
        (["a": [:]], ["[a].type: Required value: must not be empty for specified object fields"]),
        (["a": ["type": "array"]], ["[a].items: Required value: must be specified"]),
        (
            ["a": ["type": "array", "items": [:]]],
            ["[a].items.type: Required value: must not be empty for specified array items"]
        ),
        (
            ["a": ["type": "text"]],
            [
                "[a].type: Unsupported value: \"text\": supported values: \"array\", \"boolean\", \"integer\", \"number\", \"object\", \"string\""
            ]
        ),
        (
            ["a": ["type": "string", "anyOf": [["type": "string"]]]],
            ["[a].anyOf[0].type: Forbidden: must be empty to be structural"]
        ),
        (
            ["a": ["type": "string", "pattern": "[a-z"]],
            [
                "[a].pattern: Invalid value: \"[a-z\": must be a valid regular expression, but isn't: error parsing regexp: missing closing ]: `[a-z`"
            ]
        ),
        (
            ["a": ["type": "object", "default": ["b": 1], "properties": ["c": ["type": "string"]]]],
            ["[a].default: Invalid value: {\"b\":1}: must be pruned"]
        ),
        (["kind": ["type": "integer"]], ["[kind].type: Invalid value: \"integer\": must be string"]),
        (
            ["metadata": ["type": "object", "properties": ["labels": ["type": "object"]]]],
            [
                "[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified"
            ]
        ),
        (
            ["a": ["type": "array", "x-kubernetes-list-type": "set", "items": ["type": "object"]]],
            [
                "[a].items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set"
            ]
        ),
        (
            ["a": ["type": "object", "x-kubernetes-list-type": "atomic"]],
            ["[a].type: Invalid value: \"object\": must be array if x-kubernetes-list-type is specified"]
        ),
        (
            ["a": ["type": "object", "x-kubernetes-embedded-resource": true]],
            [
                "[a].properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields"
            ]
        ),
    ]

    @Test(
        "A schema that is not structural, or contradicts itself, is refused with the place",
        arguments: schemas
    )
    func checksSchemas(_ properties: JSON, _ wanted: [String]) async throws {
        let found = try await refused(Self.definition(Self.schema(properties)))
        #expect(found == wanted.map { "\(Self.root).properties\($0)" })
    }

    private static let versions: [(JSON, [String])] = [
        (
            ["additionalPrinterColumns": [["name": "A", "type": "text", "jsonPath": "a"]]],
            [
                "spec.additionalPrinterColumns[0].type: Invalid value: \"text\": must be one of boolean,date,integer,number,string",
                "spec.additionalPrinterColumns[0].JSONPath: Invalid value: \"a\": must be a simple json path starting with .",
            ]
        ),
        (
            ["subresources": ["scale": ["specReplicasPath": ".a.b", "statusReplicasPath": ""]]],
            [
                "spec.subresources.scale.specReplicasPath: Invalid value: \".a.b\": should be a json path under .spec",
                "spec.subresources.scale.statusReplicasPath: Required value",
            ]
        ),
        (
            ["deprecationWarning": "x"],
            [
                "spec.versions[0].deprecationWarning: Invalid value: \"x\": can only be set for deprecated versions"
            ]
        ),
        (
            ["selectableFields": [["jsonPath": ".spec.a"]]],
            [
                "spec.selectableFields[0].jsonPath: Invalid value: \".spec.a\": is an invalid path: does not refer to a valid field"
            ]
        ),
    ]

    @Test("Columns, subresources, warnings and selectable fields are checked", arguments: versions)
    func checksVersions(_ version: JSON, _ wanted: [String]) async throws {
        #expect(try await refused(Self.definition(version)) == wanted)
    }

    @Test("What versions do not share is named by version")
    func namesVersions() async throws {
        var definition = Self.definition(Self.schema(["a": [:]]))
        let versions = definition.at("spec", "versions")?.array ?? []
        definition["spec"]?["versions"] = .array(
            versions + [
                [
                    "name": "v2", "served": true, "storage": false,
                    "schema": ["openAPIV3Schema": ["type": "object"]],
                ]
            ]
        )
        let fields = try await refused(definition).map { $0.prefix { $0 != ":" } }
        #expect(fields == ["spec.versions[0].schema.openAPIV3Schema.properties[a].type"])
    }

    @Test("Conversion by webhook needs an address and versions that are known")
    func conversion() async throws {
        let found = try await refused(Self.definition([:], ["conversion": ["strategy": "Webhook"]]))
        #expect(
            found == [
                "spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook",
                "spec.conversion.conversionReviewVersions: Required value",
            ]
        )
    }

    @Test("An approved API below k8s.io says so; one that is not is refused")
    func approval() async throws {
        let fixture = try await RegistryFixture()
        var definition = Self.definition(group: "x.k8s.io")
        #expect(try await refused(definition).count == 1)
        definition.set(
            "https://github.com/x/1",
            at: ["metadata", "annotations", "api-approved.kubernetes.io"]
        )
        try await fixture.create(Self.definitions, definition, namespace: "")
        let made = fixture.get(Self.definitions, "things.x.k8s.io", namespace: "")
        let condition = made?.condition("KubernetesAPIApprovalPolicyConformant")
        #expect(condition?.isTrue == true && condition?.reason == "ApprovedAnnotation")
    }

    @Test("A stored version stays among the versions")
    func storedVersions() async throws {
        let fixture = try await RegistryFixture()
        try await fixture.create(Self.definitions, Self.definition(), namespace: "")
        let error = try await refusal {
            try await fixture.patch(
                Self.definitions,
                "things.example.com",
                Self.definition(["name": "v2"]),
                type: .merge,
                namespace: ""
            )
        }
        #expect(error.fields == ["status.storedVersions[0]"])
    }

    @Test("Resources inside of others are checked as such, and so are numbers of replicas")
    func members() async throws {
        let fixture = try await RegistryFixture()
        var version = Self.schema([
            "spec": [
                "type": "object",
                "properties": [
                    "replicas": ["type": "integer"],
                    "inner": [
                        "type": "object", "x-kubernetes-embedded-resource": true,
                        "x-kubernetes-preserve-unknown-fields": true,
                    ],
                ],
            ]
        ])
        version["subresources"] = [
            "scale": ["specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"]
        ]
        try await fixture.create(Self.definitions, Self.definition(version), namespace: "")
        let thing: JSON = [
            "apiVersion": "example.com/v1", "kind": "Thing", "metadata": ["name": "t"],
            "spec": ["replicas": -1, "inner": ["kind": "Bad_Kind", "metadata": ["labels": ["x y": "z"]]]],
        ]
        let error = try await refusal { try await fixture.create("things.example.com", thing) }
        #expect(
            error.fields == [
                ".spec.replicas", "spec.inner.apiVersion", "spec.inner.kind", "spec.inner.metadata.labels",
            ]
        )
    }

    @Test("A definition that waits for its objects says so")
    func terminating() async throws {
        let fixture = try await RegistryFixture()
        try await fixture.create(Self.definitions, Self.definition(), namespace: "")
        let held: JSON = [
            "apiVersion": "example.com/v1", "kind": "Thing",
            "metadata": ["name": "t", "finalizers": ["example.com/f"]],
        ]
        try await fixture.create("things.example.com", held)
        try await fixture.delete(Self.definitions, "things.example.com", namespace: "")
        let condition = fixture.get(Self.definitions, "things.example.com", namespace: "")?.condition(
            "Terminating"
        )
        #expect(condition?.isTrue == true && condition?.reason == "InstanceDeletionInProgress")
    }

    @Test(
        "A definition that is being deleted takes nothing new, not by apply either, and its end ends the watches"
    )
    func nothingNew() async throws {
        let fixture = try await RegistryFixture()
        try await fixture.create(Self.definitions, Self.definition(), namespace: "")
        func thing(_ name: String, _ more: JSON = [:]) -> JSON {
            var object = KubeObject(["apiVersion": "example.com/v1", "kind": "Thing"])
            object["metadata"] = more
            object.set(.string(name), at: "metadata", "name")
            return object.json
        }
        try await fixture.create("things.example.com", thing("held", ["finalizers": ["example.com/f"]]))
        let watch = try fixture.store.watch("things.example.com", after: nil)
        try await fixture.delete(Self.definitions, "things.example.com", namespace: "")
        let refused = try await refusal {
            try await fixture.patch("things.example.com", "new", thing("new"), type: .apply)
        }
        #expect(refused.code == 405 && refused.message.contains("is terminating"))
        #expect(fixture.get("things.example.com", "new") == nil)

        try await fixture.patch("things.example.com", "held", ["metadata": ["finalizers": nil]])
        #expect(!fixture.serves("things.example.com"))
        var ended: [StoreEvent.Kind] = []
        while let items = try await watch.next() {
            for case .event(let event) in items { ended.append(event.kind) }
        }
        #expect(ended.last == .removed)
    }

    @Test("Whatever is applied while a definition goes is refused or goes with it")
    func racingTheEnd() async throws {
        let fixture = try await RegistryFixture()
        for round in 0..<20 {
            try await fixture.create(Self.definitions, Self.definition(), namespace: "")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        let thing: JSON = [
                            "apiVersion": "example.com/v1", "kind": "Thing",
                            "metadata": ["name": "t\(number)"],
                        ]
                        // Refused or not: what counts is what is left.
                        _ = try? await fixture.patch(
                            "things.example.com",
                            "t\(number)",
                            thing,
                            type: .apply
                        )
                    }
                }
                group.addTask {
                    try await fixture.delete(Self.definitions, "things.example.com", namespace: "")
                }
                try await group.waitForAll()
            }
            #expect(!fixture.serves("things.example.com"), "round \(round)")
            #expect(fixture.store.count("things.example.com") == 0, "round \(round)")
        }
    }
}
