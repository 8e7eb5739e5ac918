import Delivery
import KubeClient
import KubeModel
import Testing

@Suite(.timeLimit(.minutes(1))) struct OrderTests {
    private let web = DeliveryFixture.id("kart-web")

    @Test("A later wave waits until the earlier one is healthy, and says for what")
    func waves() async throws {
        let claim = """
            apiVersion: v1
            kind: PersistentVolumeClaim
            metadata:
              name: data
              annotations: {varde.dev/wave: "-1"}
            spec:
              accessModes: [ReadWriteOnce]
              resources: {requests: {storage: 1Gi}}
            """
        let files = ["env/dev/kart-web/claim.yaml": claim, "env/dev/kart-web/app.yaml": configMap("after")]
        try await DeliveryFixture.run(files) { fixture in
            let waiting = try await fixture.wait(web) {
                $0.sync == .syncing && $0.message.contains("waits for")
            }
            #expect(waiting.message == "Wave 0 waits for PersistentVolumeClaim data: waits for a volume")
            let after = ObjectName(namespace: "kart-web", name: "after")
            #expect(try await fixture.dev.find(.configMaps, after) == nil)
            let running = try #require(fixture.board.history(of: web).first)
            #expect(running.result == .running)

            _ = try await fixture.dev.patch(
                .persistentVolumeClaims,
                ObjectName(namespace: "kart-web", name: "data"),
                merge: ["status": ["phase": "Bound"]],
                subresource: "status"
            )
            try await fixture.wait(web) { $0.sync == .synced && $0.health == .healthy }
            #expect(try await fixture.dev.find(.configMaps, after) != nil)
            let record = try #require(fixture.board.history(of: web).first)
            #expect(record.number == running.number)
            #expect(record.result == .succeeded)
            #expect(record.steps.allSatisfy { $0.state == .healthy })
        }
    }

    @Test("A newer commit supersedes a sync that waits")
    func superseded() async throws {
        let claim = """
            apiVersion: v1
            kind: PersistentVolumeClaim
            metadata:
              name: data
              annotations: {varde.dev/wave: "-1"}
            spec:
              accessModes: [ReadWriteOnce]
              resources: {requests: {storage: 1Gi}}
            """
        let files = ["env/dev/kart-web/claim.yaml": claim, "env/dev/kart-web/app.yaml": configMap("after")]
        try await DeliveryFixture.run(files) { fixture in
            try await fixture.wait(web) { $0.message.contains("waits for") }
            let commit = try await fixture.repository.push([
                "env/dev/kart-web/claim.yaml": claim.replacing("\"-1\"", with: "\"0\"")
            ])
            try await fixture.synced(web, to: commit)
            #expect(fixture.board.history(of: web).map(\.result) == [.succeeded, .superseded])
        }
    }

    @Test("A definition and its objects may come with one commit")
    func definitions() async throws {
        let definition = """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: widgets.example.com}
            spec:
              group: example.com
              scope: Namespaced
              names: {plural: widgets, singular: widget, kind: Widget, listKind: WidgetList}
              versions:
              - name: v1
                served: true
                storage: true
                schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
            """
        let widget = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w, namespace: default}\n"
        let files = ["things/definition.yaml": definition, "things/widget.yaml": widget]
        let platform = ApplicationID(tenant: "platform", cluster: "admin", namespace: "varde")
        try await DeliveryFixture.run(files, platform: ["things"]) { fixture in
            let snapshot = try await fixture.wait(platform) { $0.sync == .synced }
            #expect(snapshot.counts.total == 2)
        }
    }
}

@Suite(.timeLimit(.minutes(1))) struct PlatformTests {
    private let platform = ApplicationID(tenant: "platform", cluster: "admin", namespace: "varde")

    private func map(_ name: String, _ value: String = "v") -> String {
        configMap(name, value).replacing("metadata:\n", with: "metadata:\n  namespace: default\n")
    }

    @Test("A mistake in one file harms only the objects of that file, and deletes none of them")
    func isolation() async throws {
        try await DeliveryFixture.run(
            ["clusters/a.yaml": map("a"), "tenants/b.yaml": map("b")],
            platform: ["clusters", "tenants"]
        ) {
            fixture in
            try await fixture.wait(platform) { $0.sync == .synced && $0.counts.total == 2 }
            try await fixture.repository.push(["clusters/a.yaml": "kind: [", "tenants/b.yaml": map("b", "2")])
            let failed = try await fixture.wait(platform) { $0.sync == .failed }
            #expect(failed.findings.first?.origin?.hasPrefix("clusters/a.yaml") == true)
            let name = ObjectName(namespace: "default", name: "b")
            try await fixture.eventually("the other file is delivered") {
                try await fixture.admin.get(.configMaps, name).at("data", "key")?.string == "2"
            }
            #expect(
                try await fixture.admin.find(.configMaps, ObjectName(namespace: "default", name: "a")) != nil
            )
            try await fixture.repository.push(["clusters/a.yaml": nil])
            try await fixture.wait(platform) { $0.sync == .synced && $0.counts.total == 1 }
            #expect(
                try await fixture.admin.find(.configMaps, ObjectName(namespace: "default", name: "a")) == nil
            )
        }
    }
}
