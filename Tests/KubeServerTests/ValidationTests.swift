import KubeModel
import KubeServer
import Testing

@Suite("Validation")
struct ValidationTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var resource: String
        var body: JSON
        var causes: [String]
        var testDescription: String { "\(resource): \(causes.joined(separator: "; "))" }

        init(_ resource: String, _ body: JSON, _ causes: String...) {
            self.resource = resource
            self.body = body
            self.causes = causes
        }
    }

    private static func deployment(_ spec: JSON) -> JSON {
        var body = Sample.deployment()
        for (key, value) in spec.object ?? [:] { body.set(value, at: ["spec", key]) }
        return body
    }

    static let cases = [
        Case("configmaps", ["metadata": ["name": "A"]], "metadata.name: FieldValueInvalid"),
        Case("configmaps", ["metadata": [:]], "metadata.name: FieldValueRequired"),
        Case("configmaps", Sample.configMap(data: ["bad key": "v"]), "data[bad key]: FieldValueInvalid"),
        Case(
            "configmaps",
            ["metadata": ["name": "a", "labels": ["x y": "z"]]],
            "metadata.labels: FieldValueInvalid"
        ),
        Case(
            "configmaps",
            ["metadata": ["name": "a", "finalizers": ["plain"]]],
            "metadata.finalizers[0]: FieldValueInvalid"
        ),
        Case(
            "secrets",
            ["metadata": ["name": "s"], "type": "kubernetes.io/tls"],
            "data[tls.crt]: FieldValueRequired",
            "data[tls.key]: FieldValueRequired"
        ),
        Case("deployments.apps", deployment(["replicas": -1]), "spec.replicas: FieldValueInvalid"),
        Case(
            "deployments.apps",
            deployment(["selector": ["matchLabels": ["app": "other"]]]),
            "spec.template.metadata.labels: FieldValueInvalid"
        ),
        Case(
            "deployments.apps",
            deployment(["strategy": ["type": "Recreate", "rollingUpdate": ["maxSurge": 1]]]),
            "spec.strategy.rollingUpdate: FieldValueForbidden"
        ),
        Case(
            "pods",
            Sample.pod(spec: ["containers": [["name": "a", "image": "i"], ["name": "a"]]]),
            "spec.containers[1].image: FieldValueRequired",
            "spec.containers[1].name: FieldValueDuplicate"
        ),
        Case(
            "pods",
            Sample.pod(spec: ["restartPolicy": "Sometimes"]),
            "spec.restartPolicy: FieldValueNotSupported"
        ),
        Case(
            "pods",
            Sample.pod(
                spec: [
                    "containers": [
                        [
                            "name": "a", "image": "i",
                            "resources": ["limits": ["cpu": "1"], "requests": ["cpu": "1500m"]],
                        ]
                    ]
                ]
            ),
            "spec.containers[0].resources.requests: FieldValueInvalid"
        ),
        Case(
            "services",
            Sample.service(spec: ["ports": [["port": 0]]]),
            "spec.ports[0].port: FieldValueInvalid",
            "spec.ports[0].targetPort: FieldValueInvalid"
        ),
        Case("services", ["metadata": ["name": "s"]], "spec.ports: FieldValueRequired"),
        Case(
            "cronjobs.batch",
            [
                "metadata": ["name": "j"],
                "spec": [
                    "schedule": "every day",
                    "jobTemplate": [
                        "spec": [
                            "template": [
                                "spec": [
                                    "restartPolicy": "Never", "containers": [["name": "c", "image": "i"]],
                                ]
                            ]
                        ]
                    ],
                ],
            ],
            "spec.schedule: FieldValueInvalid"
        ),
        Case(
            "poddisruptionbudgets.policy",
            ["metadata": ["name": "p"], "spec": ["minAvailable": 1, "maxUnavailable": 1]],
            "spec: FieldValueInvalid"
        ),
        Case(
            "roles.rbac.authorization.k8s.io",
            ["metadata": ["name": "r"], "rules": [["apiGroups": [""], "resources": ["pods"]]]],
            "rules[0].verbs: FieldValueRequired"
        ),
        Case(
            "persistentvolumeclaims",
            ["metadata": ["name": "v"], "spec": [:]],
            "spec.accessModes: FieldValueRequired",
            "spec.resources[storage]: FieldValueRequired"
        ),
    ]

    @Test("What is wrong with an object is listed cause by cause", arguments: cases)
    func causes(_ example: Case) async throws {
        let fixture = try await RegistryFixture()
        let error = try await refusal { try await fixture.create(example.resource, example.body) }
        let causes = error.details?["causes"]?.array ?? []
        #expect(error.isInvalid)
        #expect(
            causes.map { "\($0["field"]?.string ?? ""): \($0["reason"]?.string ?? "")" } == example.causes
        )
    }

    @Test("One cause stands alone in the message, several in brackets")
    func messages() async throws {
        let fixture = try await RegistryFixture()
        let one = try await refusal {
            try await fixture.create("deployments.apps", Self.deployment(["replicas": -1]))
        }
        #expect(
            one.message
                == "Deployment.apps \"web\" is invalid: spec.replicas: Invalid value: -1: must be greater than or "
                + "equal to 0"
        )
        let two = try await refusal {
            try await fixture.create(
                "deployments.apps",
                Self.deployment(["replicas": -1, "minReadySeconds": -1])
            )
        }
        #expect(
            two.message.hasPrefix("Deployment.apps \"web\" is invalid: [spec.replicas: ")
                && two.message.hasSuffix("]")
        )
    }

    private static let fixedFields: [(String, JSON, JSON, String)] = [
        (
            "deployments.apps", Sample.deployment(), ["spec": ["selector": ["matchLabels": ["tier": "x"]]]],
            "spec.template.metadata.labels"
        ),
        ("secrets", ["metadata": ["name": "web"]], ["type": "example.com/other"], "type"),
        ("configmaps", ["metadata": ["name": "web"], "immutable": true], ["data": ["k": "v"]], "data"),
        (
            "statefulsets.apps",
            [
                "metadata": ["name": "web"],
                "spec": ["selector": ["matchLabels": ["app": "web"]], "template": Sample.template],
            ], ["spec": ["serviceName": "other"]], "spec"
        ),
    ]

    @Test("Fields that may not change do not", arguments: fixedFields)
    func immutable(_ resource: String, _ body: JSON, _ patch: JSON, _ field: String) async throws {
        let fixture = try await RegistryFixture()
        try await fixture.create(resource, body)
        let error = try await refusal { try await fixture.patch(resource, "web", patch) }
        #expect(error.isInvalid && error.fields.contains(field))
    }
}
