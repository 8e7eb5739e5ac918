import KubeModel
import KubeServer
import Testing

@Suite("Defaulting")
struct DefaultingTests {
    @Test("A Deployment and its pod template get what they leave out")
    func deployment() async throws {
        let fixture = try await RegistryFixture()
        let made = try await fixture.create("deployments.apps", Sample.deployment())
        #expect(
            made.at("spec", "strategy")
                == ["type": "RollingUpdate", "rollingUpdate": ["maxSurge": "25%", "maxUnavailable": "25%"]]
        )
        #expect(made.at("spec", "replicas") == 1 && made.at("spec", "progressDeadlineSeconds") == 600)
        let expected: JSON = [
            "containers": [
                [
                    "image": "nginx:1", "imagePullPolicy": "IfNotPresent", "name": "c", "resources": [:],
                    "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
                ]
            ], "dnsPolicy": "ClusterFirst", "restartPolicy": "Always", "schedulerName": "default-scheduler",
            "securityContext": [:], "terminationGracePeriodSeconds": 30,
        ]
        #expect(made.at("spec", "template", "spec") == expected)
    }

    @Test(
        "Images that may move are always pulled",
        arguments: [
            ("nginx", "Always"), ("nginx:latest", "Always"), ("nginx:1", "IfNotPresent"),
            ("reg:5000/nginx", "Always"),
            ("nginx@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "IfNotPresent"),
        ]
    )
    func pullPolicy(_ image: String, _ policy: String) async throws {
        let fixture = try await RegistryFixture()
        let spec: JSON = ["containers": [["name": "c", "image": .string(image)]]]
        let made = try await fixture.create("pods", Sample.pod(spec: spec))
        #expect(made.at("spec", "containers")?[0]?["imagePullPolicy"]?.string == policy)
    }

    @Test("A pod's requests follow its limits, and its class both")
    func requests() async throws {
        let fixture = try await RegistryFixture()
        let resources: JSON = ["limits": ["cpu": "0.5", "memory": "64Mi"]]
        let spec: JSON = ["containers": [["name": "c", "image": "i", "resources": resources]]]
        let made = try await fixture.create("pods", Sample.pod(spec: spec))
        #expect(
            made.at("spec", "containers")?[0]?.at("resources", "requests") == [
                "cpu": "500m", "memory": "64Mi",
            ]
        )
        #expect(made.at("status", "qosClass") == "Guaranteed")
    }

    @Test("A default that a patch removes comes back")
    func comesBack() async throws {
        let fixture = try await RegistryFixture()
        try await fixture.create("deployments.apps", Sample.deployment())
        let changed = try await fixture.patch(
            "deployments.apps",
            "web",
            ["spec": ["revisionHistoryLimit": .null, "strategy": .null]]
        )
        #expect(
            changed.at("spec", "revisionHistoryLimit") == 10
                && changed.at("spec", "strategy", "type") == "RollingUpdate"
        )
    }

    @Test("A Secret's texts are encoded into its data and not kept")
    func secrets() async throws {
        let fixture = try await RegistryFixture()
        let made = try await fixture.create(
            "secrets",
            ["metadata": ["name": "s"], "data": ["a": "AAAA"], "stringData": ["a": "hello", "b": ""]]
        )
        #expect(
            made["data"] == ["a": "aGVsbG8=", "b": ""] && made["stringData"] == nil
                && made["type"] == "Opaque"
        )
    }

    @Test(
        "Quantities are respelled",
        arguments: [
            ("0.5", "500m"), ("1000m", "1"), ("1024Mi", "1Gi"), ("1.5Gi", "1536Mi"), ("1e3", "1e3"),
            ("0Mi", "0"),
            ("100", "100"), ("1500k", "1500k"), ("1000k", "1M"), ("0.0001", "100u"),
        ]
    )
    func quantities(_ given: String, _ canonical: String) async throws {
        let fixture = try await RegistryFixture()
        let made = try await fixture.create(
            "resourcequotas",
            ["metadata": ["name": "q"], "spec": ["hard": ["cpu": .string(given)]]]
        )
        #expect(made.at("spec", "hard", "cpu")?.string == canonical)
    }

    @Test("Zeroes vanish where Kubernetes' types have no pointer, and stay where they have")
    func zeroes() async throws {
        let fixture = try await RegistryFixture()
        var body = Sample.deployment()
        body.set(0, at: ["spec", "replicas"])
        body.set(0, at: ["spec", "minReadySeconds"])
        body.set(false, at: ["spec", "paused"])
        body.set(false, at: ["spec", "template", "spec", "hostNetwork"])
        body.set(false, at: ["spec", "template", "spec", "automountServiceAccountToken"])
        let made = try await fixture.create("deployments.apps", body)
        #expect(made.at("spec", "replicas") == 0)
        #expect(made.at("spec", "minReadySeconds") == nil && made.at("spec", "paused") == nil)
        #expect(made.at("spec", "template", "spec", "hostNetwork") == nil)
        #expect(made.at("spec", "template", "spec", "automountServiceAccountToken") == false)
    }
}
