import KubeModel
import KubeServer
import Testing

@Suite("Deleting objects")
struct DeleteTests {
    @Test("Finalizers keep an object until the last is gone")
    func finalizersHold() async throws {
        let fixture = try await RegistryFixture()
        try await fixture.create("configmaps", ["metadata": ["name": "a", "finalizers": ["example.com/f"]]])
        let marked = KubeObject(try await fixture.delete("configmaps", "a"))
        #expect(marked.isBeingDeleted && marked.at("metadata", "deletionGracePeriodSeconds") == 0)
        let again = KubeObject(try await fixture.delete("configmaps", "a"))
        #expect(again.resourceVersion == marked.resourceVersion)
        let error = try await refusal {
            try await fixture.patch(
                "configmaps",
                "a",
                ["metadata": ["finalizers": ["example.com/f", "example.com/g"]]]
            )
        }
        #expect(error.isInvalid && error.fields == ["metadata.finalizers", "metadata.finalizers"])
        try await fixture.patch("configmaps", "a", ["metadata": ["finalizers": .null]])
        #expect(fixture.get("configmaps", "a") == nil)
    }

    @Test(
        "Propagation policies are finalizers",
        arguments: [("Orphan", "orphan"), ("Foreground", "foregroundDeletion")]
    )
    func propagation(_ policy: String, _ finalizer: String) async throws {
        let fixture = try await RegistryFixture()
        try await fixture.create("configmaps", Sample.configMap())
        let marked = KubeObject(
            try await fixture.delete("configmaps", "a", ["propagationPolicy": .string(policy)])
        )
        #expect(marked.finalizers == [finalizer] && marked.isBeingDeleted)
    }

    @Test("A Job's pods are orphaned unless the client says otherwise")
    func jobs() async throws {
        let fixture = try await RegistryFixture()
        let spec: JSON = ["restartPolicy": "Never", "containers": [["name": "c", "image": "i"]]]
        for name in ["a", "b"] {
            try await fixture.create(
                "jobs.batch",
                ["metadata": ["name": .string(name)], "spec": ["template": ["spec": spec]]]
            )
        }
        let marked = KubeObject(try await fixture.delete("jobs.batch", "a"))
        #expect(marked.finalizers == ["orphan"])
        try await fixture.delete("jobs.batch", "b", ["propagationPolicy": "Background"])
        #expect(fixture.get("jobs.batch", "b") == nil)
    }

    @Test("A pod on a node gets its grace, a shorter one counts, a longer one does not")
    func grace() async throws {
        let fixture = try await RegistryFixture()
        try await fixture.create("pods", Sample.pod(spec: ["nodeName": "n"]))
        let first = KubeObject(try await fixture.delete("pods", "p"))
        #expect(first.at("metadata", "deletionGracePeriodSeconds") == 30)
        let longer = KubeObject(try await fixture.delete("pods", "p", ["gracePeriodSeconds": 60]))
        #expect(longer.resourceVersion == first.resourceVersion)
        let shorter = KubeObject(try await fixture.delete("pods", "p", ["gracePeriodSeconds": 5]))
        #expect(shorter.at("metadata", "deletionGracePeriodSeconds") == 5)
        try await fixture.delete("pods", "p", ["gracePeriodSeconds": 0])
        #expect(fixture.get("pods", "p") == nil)
    }

    @Test("A pod without a node goes at once")
    func unassignedPods() async throws {
        let fixture = try await RegistryFixture()
        try await fixture.create("pods", Sample.pod())
        try await fixture.delete("pods", "p")
        #expect(fixture.get("pods", "p") == nil)
    }

    @Test("Preconditions that do not hold are a conflict")
    func preconditions() async throws {
        let fixture = try await RegistryFixture()
        let made = try await fixture.create("configmaps", Sample.configMap())
        for condition in [["resourceVersion": "1"] as JSON, ["uid": "other"]] {
            let error = try await refusal {
                try await fixture.delete("configmaps", "a", ["preconditions": condition])
            }
            #expect(error.isConflict)
        }
        try await fixture.delete("configmaps", "a", ["preconditions": ["uid": .string(made.uid)]])
        #expect(fixture.get("configmaps", "a") == nil)
    }

    @Test("A dry run deletes nothing")
    func dryRun() async throws {
        let fixture = try await RegistryFixture()
        try await fixture.create("configmaps", Sample.configMap())
        let answer = try await fixture.delete("configmaps", "a", [:], RegistryFixture.context(isDryRun: true))
        #expect(answer["status"] == "Success")
        #expect(fixture.get("configmaps", "a") != nil)
    }

    @Test("A collection is deleted by label, up to a limit")
    func collections() async throws {
        let fixture = try await RegistryFixture()
        for name in ["a", "b", "c"] {
            try await fixture.create(
                "configmaps",
                ["metadata": ["name": .string(name), "labels": ["t": "x"]]]
            )
        }
        try await fixture.create("configmaps", Sample.configMap("other"))
        let definition = try fixture.definition("configmaps")
        let answer = try await fixture.registry.deleteCollection(
            definition,
            namespace: "team",
            labelSelector: "t=x",
            fieldSelector: nil,
            limit: 2,
            options: [:],
            RegistryFixture.context()
        ).body
        #expect(answer["kind"] == "ConfigMapList" && answer["items"]?.array?.count == 2)
        #expect(fixture.get("configmaps", "c") != nil && fixture.get("configmaps", "other") != nil)
        #expect(fixture.get("configmaps", "a") == nil)
    }

    @Test("The system's namespaces stay; others go when both kinds of finalizers are gone")
    func namespaces() async throws {
        let fixture = try await RegistryFixture()
        try await fixture.create("namespaces", ["metadata": ["name": "default"]], namespace: "")
        let error = try await refusal { try await fixture.delete("namespaces", "default", namespace: "") }
        #expect(error.isForbidden)
        let marked = KubeObject(try await fixture.delete("namespaces", "team", namespace: ""))
        #expect(
            marked.at("status", "phase") == "Terminating" && marked.at("spec", "finalizers") == ["kubernetes"]
        )
        _ = try await fixture.replace(
            "namespaces",
            "team",
            ["metadata": ["name": "team"], "spec": [:]],
            namespace: "",
            subresource: "finalize"
        )
        #expect(fixture.get("namespaces", "team", namespace: "") == nil)
    }

    @Test("An eviction asks the disruption budget")
    func eviction() async throws {
        let fixture = try await RegistryFixture()
        try await fixture.create("pods", Sample.pod(spec: ["nodeName": "n"]))
        try await fixture.patch(
            "pods",
            "p",
            ["status": ["phase": "Running", "conditions": [["type": "Ready", "status": "True"]]]],
            subresource: "status"
        )
        try await fixture.create(
            "poddisruptionbudgets.policy",
            [
                "metadata": ["name": "b"],
                "spec": ["minAvailable": 1, "selector": ["matchLabels": ["app": "web"]]],
            ]
        )
        let eviction: JSON = ["metadata": ["name": "p"]]
        let error = try await refusal {
            try await fixture.create("pods", eviction, name: "p", subresource: "eviction")
        }
        #expect(error.code == 429 && error.details?["causes"]?[0]?["reason"] == "DisruptionBudget")
        try await fixture.patch(
            "poddisruptionbudgets.policy",
            "b",
            [
                "status": [
                    "observedGeneration": 1, "disruptionsAllowed": 1, "currentHealthy": 2,
                    "desiredHealthy": 1,
                ]
            ],
            subresource: "status"
        )
        try await fixture.create("pods", eviction, name: "p", subresource: "eviction")
        #expect(fixture.get("pods", "p")?.isBeingDeleted == true)
        let budget = fixture.get("poddisruptionbudgets.policy", "b")
        #expect(budget?.at("status", "disruptionsAllowed") == 0)
        #expect(budget?.at("status", "disruptedPods", "p") != nil)
    }
}
