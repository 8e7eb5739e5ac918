import Delivery
import KubeClient
import KubeModel
import Testing

@Suite(.timeLimit(.minutes(1))) struct OwnershipTests {
    private let web = DeliveryFixture.id("kart-web")
    private let name = ObjectName(namespace: "kart-web", name: "settings")

    private func acting(_ client: KubeClient, as manager: String) -> KubeClient {
        var client = client
        client.fieldManager = manager
        return client
    }

    private func prepare(_ fixture: DeliveryFixture, _ manager: String, _ data: JSON) async throws {
        let dev = acting(fixture.dev, as: manager)
        _ = try await dev.create(
            .namespaces,
            KubeObject(apiVersion: "v1", kind: "Namespace", name: "kart-web")
        )
        var map = KubeObject(apiVersion: "v1", kind: "ConfigMap", namespace: "kart-web", name: "settings")
        map["data"] = data
        _ = try await dev.create(.configMaps, map)
    }

    @Test(
        "An object that kubectl applied is adopted: the same object, with what the commit no longer has removed"
    )
    func adoption() async throws {
        try await DeliveryFixture.run(["env/dev/kart-other/a.yaml": configMap("a")]) { fixture in
            try await prepare(fixture, "kubectl-client-side-apply", ["key": "old", "extra": "1"])
            let before = try await fixture.dev.get(.configMaps, name)
            let commit = try await fixture.repository.push([
                "env/dev/kart-web/a.yaml": configMap("settings", "new")
            ])
            try await fixture.synced(web, to: commit)
            let after = try await fixture.dev.get(.configMaps, name)
            #expect(after.uid == before.uid)
            #expect(after["data"] == ["key": "new"])
            #expect(FieldOwnership(after).owners.map(\.manager) == ["varde"])
        }
    }

    @Test("A field of another controller is not taken: the finding names the field and the controller")
    func conflict() async throws {
        try await DeliveryFixture.run(["env/dev/kart-other/a.yaml": configMap("a")]) { fixture in
            try await prepare(fixture, "tuning-controller", ["key": "theirs"])
            try await fixture.repository.push(["env/dev/kart-web/a.yaml": configMap("settings", "ours")])
            let synced = try await fixture.wait(web) { $0.sync == .synced && !$0.findings.isEmpty }
            let finding = try #require(synced.findings.first)
            #expect(finding.severity == .warning)
            #expect(finding.code == .conflict)
            #expect(finding.field == "data.key")
            #expect(finding.message.contains("tuning-controller"))
            #expect(finding.origin?.hasPrefix("env/dev/kart-web/a.yaml") == true)
            #expect(try await fixture.dev.get(.configMaps, name).at("data", "key")?.string == "theirs")

            let forced = configMap("settings", "ours", annotations: ["varde.dev/force": "true"])
            let commit = try await fixture.repository.push(["env/dev/kart-web/a.yaml": forced])
            let after = try await fixture.synced(web, to: commit)
            #expect(after.findings.isEmpty)
            #expect(try await fixture.dev.get(.configMaps, name).at("data", "key")?.string == "ours")
        }
    }

    @Test("An object that is fought over is left alone for a while, and a finding says so")
    func fight() async throws {
        try await DeliveryFixture.run(["env/dev/kart-web/a.yaml": configMap("settings", "ours")]) { fixture in
            try await fixture.wait(web) { $0.sync == .synced && $0.health == .healthy }
            let rival = acting(fixture.dev, as: "kubectl-rival")
            for _ in 0..<FightLog.limit {
                try await fixture.eventually("it is set back") {
                    try await fixture.dev.get(.configMaps, name).at("data", "key")?.string == "ours"
                }
                _ = try await rival.patch(.configMaps, name, merge: ["data": ["key": "theirs"]])
            }
            try await fixture.eventually("it is set back once more") {
                try await fixture.dev.get(.configMaps, name).at("data", "key")?.string == "ours"
            }
            _ = try await rival.patch(.configMaps, name, merge: ["data": ["key": "theirs"]])
            let paused = try await fixture.wait(web) { $0.findings.contains { $0.code == .fight } }
            #expect(paused.sync == .outOfSync)
            #expect(paused.message.contains("kubectl-rival"))
        }
    }

    @Test("Fields of deployers become the manager's own; other managers keep theirs")
    func migration() throws {
        var object = KubeObject(apiVersion: "v1", kind: "ConfigMap", namespace: "n", name: "a")
        #expect(OwnershipMigration.managedFields(of: object, for: "varde") == nil)
        let own: JSON = ["manager": "varde", "operation": "Apply", "fieldsV1": ["f:data": ["f:a": [:]]]]
        let kubectl: JSON = [
            "manager": "kubectl-client-side-apply", "operation": "Update",
            "fieldsV1": ["f:data": ["f:a": [:], "f:b": [:]]],
        ]
        let status: JSON = [
            "manager": "kubectl-client-side-apply", "operation": "Update", "subresource": "status",
            "fieldsV1": ["f:status": [:]],
        ]
        let edit: JSON = [
            "manager": "kubectl-edit", "operation": "Update", "fieldsV1": ["f:data": ["f:c": [:]]],
        ]
        object.set([own, kubectl, status, edit], at: "metadata", "managedFields")
        let migrated = try #require(OwnershipMigration.managedFields(of: object, for: "varde")?.array)
        #expect(migrated.count == 3)
        #expect(migrated[0]["fieldsV1"] == ["f:data": ["f:a": [:], "f:b": [:]]])
        #expect(migrated.dropFirst() == [status, edit])
    }

    @Test("Conflicts name the manager and the field")
    func conflictCauses() {
        let error = StatusError(
            code: 409,
            reason: "Conflict",
            message: "Apply failed with 1 conflict",
            details: [
                "causes": [
                    [
                        "reason": "FieldManagerConflict", "message": "conflict with \"hpa\" using apps/v1",
                        "field": ".spec.replicas",
                    ]
                ]
            ]
        )
        #expect(FieldConflict.all(in: error) == [FieldConflict(manager: "hpa", field: "spec.replicas")])
        #expect(!FieldConflict(manager: "hpa", field: "").isAdoptable)
        #expect(FieldConflict(manager: "kubectl-edit", field: "").isAdoptable)
        #expect(FieldConflict(manager: "argocd-controller", field: "").isAdoptable)
    }
}
