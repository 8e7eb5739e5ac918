import KubeModel
import KubeServer
import Testing

@Suite("Admission")
struct AdmissionTests {
    @Test("A quota refuses what exceeds it, and counts what is there")
    func quota() async throws {
        let fixture = try await RegistryFixture()
        try await fixture.create(
            "resourcequotas",
            ["metadata": ["name": "q"], "spec": ["hard": ["count/configmaps": "1"]]]
        )
        try await fixture.create("configmaps", Sample.configMap("a"))
        let error = try await refusal { try await fixture.create("configmaps", Sample.configMap("b")) }
        #expect(error.isForbidden)
        #expect(
            error.message
                == "configmaps \"b\" is forbidden: exceeded quota: q, requested: count/configmaps=1, used: "
                + "count/configmaps=1, limited: count/configmaps=1"
        )
        try await fixture.delete("configmaps", "a")
        try await fixture.create("configmaps", Sample.configMap("b"))
    }

    @Test("A quota holds however many creations come at once")
    func quotaUnderLoad() async throws {
        let fixture = try await RegistryFixture()
        try await fixture.create(
            "resourcequotas",
            ["metadata": ["name": "q"], "spec": ["hard": ["count/configmaps": "5"]]]
        )
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                // Most of these are refused; how many are not is looked at below.
                group.addTask { _ = try? await fixture.create("configmaps", Sample.configMap("c\(number)")) }
            }
        }
        #expect(fixture.store.list("configmaps", namespace: "team").items.count == 5)
    }

    @Test("Limit ranges give containers defaults and bounds")
    func limitRange() async throws {
        let fixture = try await RegistryFixture()
        try await fixture.create(
            "limitranges",
            [
                "metadata": ["name": "l"],
                "spec": ["limits": [["type": "Container", "default": ["cpu": "500m"], "max": ["cpu": "1"]]]],
            ]
        )
        let made = try await fixture.create("pods", Sample.pod())
        #expect(made.at("spec", "containers")?[0]?.at("resources", "limits", "cpu") == "500m")
        let greedy: JSON = [
            "containers": [["name": "c", "image": "i", "resources": ["limits": ["cpu": "2"]]]]
        ]
        let error = try await refusal { try await fixture.create("pods", Sample.pod("q", spec: greedy)) }
        #expect(
            error.isForbidden
                && error.message.contains("maximum cpu usage per Container is 1, but limit is 2")
        )
    }

    @Test("Pods get the number of their priority class; an unknown class is refused")
    func priority() async throws {
        let fixture = try await RegistryFixture()
        try await fixture.create(
            "priorityclasses.scheduling.k8s.io",
            ["metadata": ["name": "high"], "value": 1000],
            namespace: ""
        )
        let made = try await fixture.create("pods", Sample.pod(spec: ["priorityClassName": "high"]))
        #expect(made.at("spec", "priority") == 1000)
        let error = try await refusal {
            try await fixture.create("pods", Sample.pod("q", spec: ["priorityClassName": "none"]))
        }
        #expect(error.isForbidden)
    }

    @Test("Claims get the default class and a finalizer")
    func storageClass() async throws {
        let fixture = try await RegistryFixture()
        try await fixture.create(
            "storageclasses.storage.k8s.io",
            [
                "metadata": [
                    "name": "fast", "annotations": ["storageclass.kubernetes.io/is-default-class": "true"],
                ], "provisioner": "x",
            ],
            namespace: ""
        )
        let made = try await fixture.create(
            "persistentvolumeclaims",
            [
                "metadata": ["name": "v"],
                "spec": ["accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "1Gi"]]],
            ]
        )
        #expect(made.at("spec", "storageClassName") == "fast")
        #expect(made.finalizers == ["kubernetes.io/pvc-protection"])
    }

    @Test("A namespace's label makes pods keep a security standard")
    func podSecurity() async throws {
        let fixture = try await RegistryFixture()
        try await fixture.patch(
            "namespaces",
            "team",
            ["metadata": ["labels": ["pod-security.kubernetes.io/enforce": "baseline"]]],
            namespace: ""
        )
        try await fixture.create("pods", Sample.pod())
        let error = try await refusal {
            try await fixture.create("pods", Sample.pod("q", spec: ["hostNetwork": true]))
        }
        #expect(error.isForbidden)
        #expect(
            error.message
                == "pods \"q\" is forbidden: violates PodSecurity \"baseline:latest\": host namespaces "
                + "(hostNetwork=true)"
        )
    }

    @Test("The name label of a namespace cannot be taken away")
    func namespaceLabel() async throws {
        let fixture = try await RegistryFixture()
        let changed = try await fixture.patch(
            "namespaces",
            "team",
            ["metadata": ["labels": ["kubernetes.io/metadata.name": .null]]],
            namespace: ""
        )
        #expect(changed.label("kubernetes.io/metadata.name") == "team")
    }
}
