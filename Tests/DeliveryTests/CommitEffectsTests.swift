import Delivery
import KubeClient
import KubeModel
import KubeTesting
import Synchronization
import Testing

@Suite("Plans of commits whose objects rest on each other")
struct CommitEffectsTests {
    private static func service(_ name: String) -> String {
        "apiVersion: v1\nkind: Service\nmetadata: {name: \(name)}\nspec: {ports: [{port: 80}]}\n"
    }

    private static func quota(_ services: Int) -> String {
        """
        apiVersion: v1
        kind: ResourceQuota
        metadata: {name: few}
        spec: {hard: {services: "\(services)"}}

        """
    }

    private static func definition(_ fields: [String]) -> String {
        let properties = fields.map { "\($0): {type: string}" }.joined(separator: ", ")
        return """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: sails.kart.example}
            spec:
              group: kart.example
              scope: Namespaced
              names: {kind: Sail, plural: sails, singular: sail, listKind: SailList}
              versions:
              - name: v1
                served: true
                storage: true
                schema:
                  openAPIV3Schema:
                    type: object
                    properties:
                      spec: {type: object, properties: {\(properties)}}

            """
    }

    private static func sail(_ fields: String) -> String {
        "apiVersion: kart.example/v1\nkind: Sail\nmetadata: {name: main}\nspec: {\(fields)}\n"
    }

    private func preview(_ fixture: DeliveryFixture, _ branch: String) async throws -> Preview {
        try await fixture.delivery.preview(
            PreviewRequest(repositories: [fixture.repository.url], revision: branch),
            scratch: fixture.repository.url + ".plans"
        )
    }

    @Test("What a quota refuses is a note where the commit raises it, and a refusal where it does not")
    func quota() async throws {
        let web = DeliveryFixture.id("kart-web")
        let file = "env/dev/kart-web/more.yaml"
        let files = [
            "env/dev/kart-web/quota.yaml": Self.quota(1), "env/dev/kart-web/a.yaml": Self.service("a"),
        ]
        try await DeliveryFixture.run(files, contents: .workloads(nodes: 1)) { fixture in
            try await fixture.synced(web, to: try await fixture.repository.head())
            try await fixture.eventually("the quota counts") {
                let quota = try await fixture.dev.get(
                    APIResource.resourceQuotas,
                    ObjectName(namespace: "kart-web", name: "few")
                )
                return quota.at("status", "used", "services") == "1"
            }
            let first = try await fixture.repository.head()
            try await fixture.repository.push([file: Self.service("b")], to: "alone")
            let alone = try await preview(fixture, "alone")
            #expect(alone.outcome == .refused, "\(alone.applications)")
            try await fixture.repository.reset(to: first)

            let commit = try await fixture.repository.push(
                [file: Self.service("b"), "env/dev/kart-web/quota.yaml": Self.quota(5)],
                to: "feature"
            )
            let plan = try await preview(fixture, "feature")
            #expect(plan.outcome == .changes, "\(plan.applications)")
            let application = try #require(plan.applications.first)
            #expect(application.objects.allSatisfy { $0.failure == nil } && application.objects.count == 2)
            let note = try #require(application.notes.first)
            #expect(note.contains("exceeded quota: few") && note.contains("ResourceQuota few of this commit"))
            try await fixture.repository.merge(commit)
            try await fixture.synced(web, to: commit)
        }
    }

    @Test("A field that the commit adds to the kind is a note, also where another application has the kind")
    func field() async throws {
        try await DeliveryFixture.run(["env/dev/kart-web/a.yaml": Self.service("a")]) { fixture in
            fixture.policy.allowsClusterScoped.withLock { $0 = true }
            let first = try await fixture.repository.push([
                "env/dev/kart-kinds/sail.yaml": Self.definition(["a"]),
                "env/dev/kart-web/sail.yaml": Self.sail("a: x"),
            ])
            try await fixture.synced(DeliveryFixture.id("kart-kinds"), to: first)
            try await fixture.synced(DeliveryFixture.id("kart-web"), to: first)
            let sail = "env/dev/kart-web/sail.yaml"
            try await fixture.repository.push([sail: Self.sail("a: x, b: z")], to: "alone")
            let alone = try await preview(fixture, "alone")
            #expect(alone.outcome == .refused, "\(alone.applications)")
            try await fixture.repository.reset(to: first)

            let changes = [
                sail: Self.sail("a: x, b: z"), "env/dev/kart-kinds/sail.yaml": Self.definition(["a", "b"]),
            ]
            let commit = try await fixture.repository.push(changes, to: "feature")
            let plan = try await preview(fixture, "feature")
            #expect(plan.outcome == .changes, "\(plan.applications)")
            let notes = plan.applications.flatMap(\.notes).joined(separator: "\n")
            #expect(notes.contains("CustomResourceDefinition sails.kart.example of this commit"), "\(notes)")
            try await fixture.repository.merge(commit)
            try await fixture.synced(DeliveryFixture.id("kart-web"), to: commit)
        }
    }

    @Test("A kind that another application of the commit brings is awaited, not unknown")
    func kind() async throws {
        try await DeliveryFixture.run(["env/dev/kart-web/a.yaml": Self.service("a")]) { fixture in
            fixture.policy.allowsClusterScoped.withLock { $0 = true }
            try await fixture.synced(DeliveryFixture.id("kart-web"), to: try await fixture.repository.head())
            let changes = [
                "env/dev/kart-web/sail.yaml": Self.sail("a: x"),
                "env/dev/kart-kinds/sail.yaml": Self.definition(["a"]),
            ]
            try await fixture.repository.push(changes, to: "feature")
            let plan = try await preview(fixture, "feature")
            #expect(plan.outcome == .changes, "\(plan.applications)")
        }
    }

    @Test("An update that deletes the object and makes it anew says so")
    func remade() async throws {
        @Sendable func deployment(_ label: String, port: Int = 80) -> String {
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              name: web
              annotations: {argocd.argoproj.io/sync-options: "Replace=true,Force=true"}
            spec:
              selector: {matchLabels: {app: \(label)}}
              template:
                metadata: {labels: {app: \(label)}}
                spec: {containers: [{name: web, image: web, ports: [{containerPort: \(port)}]}]}

            """
        }
        let file = "env/dev/kart-web/web.yaml"
        try await DeliveryFixture.run([file: deployment("one")]) { fixture in
            try await fixture.wait(DeliveryFixture.id("kart-web")) { $0.applied != nil }
            try await fixture.repository.push([file: deployment("two")], to: "feature")
            let plan = try await preview(fixture, "feature")
            let object = try #require(plan.applications.first?.objects.first)
            #expect(
                object.action == .update && object.reason.contains("is deleted and made anew"),
                "\(object)"
            )
            // What has nothing to do with the old one would still be refused once that is gone.
            try await fixture.repository.push([file: deployment("two", port: 99_999)], to: "feature")
            let wrong = try await preview(fixture, "feature")
            let failure = wrong.applications.first?.objects.first?.failure
            #expect(failure?.contains("containerPort") ?? false, "\(wrong.applications)")
        }
    }

    @Test("A mistake in an element of a list that is there already is told, as in a new one")
    func element() async throws {
        let file = "env/dev/kart-web/a.yaml"
        try await DeliveryFixture.run([file: Self.service("a")]) { fixture in
            try await fixture.synced(DeliveryFixture.id("kart-web"), to: try await fixture.repository.head())
            let wrong = Self.service("a").replacing("port: 80", with: "name: web, port: 80, nodePort: -1")
            try await fixture.repository.push([file: wrong], to: "feature")
            let plan = try await preview(fixture, "feature")
            let failure = plan.applications.first?.objects.first?.failure
            #expect(failure?.contains("nodePort") ?? false, "\(plan.applications)")
        }
    }
}
