import Delivery
import GitSource
import KubeClient
import KubeModel
import KubeServer
import KubeTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct MistakeTests {
    private let web = DeliveryFixture.id("kart-web")
    private let api = DeliveryFixture.id("kart-api")

    @Test("A syntax error names file and place, changes nothing, and the next commit repairs it")
    func syntax() async throws {
        let files = [
            "env/dev/kart-web/app.yaml": configMap("a"), "env/dev/kart-api/app.yaml": configMap("a"),
        ]
        try await DeliveryFixture.run(files) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            try await fixture.repository.push(["env/dev/kart-web/app.yaml": "apiVersion: v1\nkind: [\n"])
            let refused = try await fixture.wait(web) { $0.sync == .refused }
            let finding = try #require(refused.findings.first)
            #expect(finding.code == .renderFailed)
            #expect(finding.origin?.hasPrefix("env/dev/kart-web/app.yaml") == true)
            #expect(refused.message.hasPrefix("env/dev/kart-web/app.yaml"))
            #expect(refused.message.hasSuffix(finding.message))
            #expect(
                try await fixture.dev.find(.configMaps, ObjectName(namespace: "kart-web", name: "a")) != nil
            )
            #expect(fixture.board.application(api)?.sync == .synced)
            let commit = try await fixture.repository.push(["env/dev/kart-web/app.yaml": configMap("a", "2")])
            let repaired = try await fixture.synced(web, to: commit)
            #expect(repaired.findings.isEmpty)
            #expect(repaired.message.isEmpty)
        }
    }

    @Test("While a commit is refused, drift from the last good one is still repaired")
    func driftWhileRefused() async throws {
        try await DeliveryFixture.run(["env/dev/kart-web/app.yaml": configMap("a")]) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            try await fixture.repository.push(["env/dev/kart-web/app.yaml": "kind: [\n"])
            try await fixture.wait(web) { $0.sync == .refused }
            let name = ObjectName(namespace: "kart-web", name: "a")
            try await fixture.dev.delete(.configMaps, name)
            try await fixture.eventually("the object is back") {
                try await fixture.dev.find(.configMaps, name) != nil
            }
            #expect(fixture.board.application(web)?.sync == .refused)
        }
    }

    @Test("A directory outside the tenant's prefix runs nothing and says which rule")
    func outsidePrefix() async throws {
        let files = ["env/dev/other/app.yaml": configMap("a"), "env/dev/kart-web/app.yaml": configMap("a")]
        try await DeliveryFixture.run(files) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            let refused = try await fixture.wait(DeliveryFixture.id("other")) { $0.sync == .refused }
            #expect(refused.findings.map(\.code) == [.outsidePrefix])
            #expect(refused.findings.first?.origin == "env/dev/other")
            #expect(try await fixture.dev.find(.namespaces, ObjectName(name: "other")) == nil)
        }
    }

    @Test("An application for a cluster that is not there starts by itself when the cluster comes")
    func unknownCluster() async throws {
        try await DeliveryFixture.run(["env/later/kart-web/app.yaml": configMap("a")]) { fixture in
            let later = DeliveryFixture.id("kart-web", cluster: "later")
            let refused = try await fixture.wait(later) { $0.sync == .refused }
            #expect(refused.findings.map(\.code) == [.unknownCluster])
            let cluster = try await fixture.host.open(.init(name: "later", runsWorkloads: false))
            fixture.clusters.add("later", KubeClient(transport: cluster.transport))
            try await fixture.wait(later) { $0.sync == .synced && $0.findings.isEmpty }
        }
    }

    @Test("A cluster-scoped object in a team's directory refuses the whole plan")
    func refusedObject() async throws {
        let files = [
            "env/dev/kart-web/app.yaml": configMap("a"),
            "env/dev/kart-web/ns.yaml": "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: mine\n",
        ]
        try await DeliveryFixture.run(files) { fixture in
            let refused = try await fixture.wait(web) { $0.sync == .refused }
            #expect(refused.findings.first?.origin?.hasPrefix("env/dev/kart-web/ns.yaml") == true)
            #expect(refused.findings.first?.object == "Namespace:mine")
            #expect(
                try await fixture.dev.find(.configMaps, ObjectName(namespace: "kart-web", name: "a")) == nil
            )
            let commit = try await fixture.repository.push(["env/dev/kart-web/ns.yaml": nil])
            try await fixture.synced(web, to: commit)
        }
    }

    @Test("An unknown kind is named; the rest is applied; it follows when its definition comes")
    func unknownKind() async throws {
        let files = [
            "env/dev/kart-web/app.yaml": configMap("a"),
            "env/dev/kart-web/widget.yaml":
                "apiVersion: example.com/v1\nkind: Widget\nmetadata:\n  name: w\n",
        ]
        try await DeliveryFixture.run(files) { fixture in
            let waiting = try await fixture.wait(web) { $0.sync == .failed && $0.counts.synced == 1 }
            let finding = try #require(waiting.findings.first)
            #expect(finding.code == .unknownKind)
            #expect(finding.origin?.hasPrefix("env/dev/kart-web/widget.yaml") == true)
            #expect(
                try await fixture.dev.find(.configMaps, ObjectName(namespace: "kart-web", name: "a")) != nil
            )
            try await fixture.dev.define("widgets", kind: "Widget", group: "example.com")
            try await fixture.delivery.sync(web, by: "test")
            try await fixture.wait(web, within: .seconds(25)) { $0.sync == .synced }
        }
    }

    @Test("An object that the API refuses is named with its field; the others of its kind are applied")
    func refusedByAPI() async throws {
        let bad = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: bad\ndata:\n  key: [1]\n"
        let files = ["env/dev/kart-web/a.yaml": configMap("a"), "env/dev/kart-web/bad.yaml": bad]
        try await DeliveryFixture.run(files) { fixture in
            let failed = try await fixture.wait(web) { $0.sync == .failed }
            let finding = try #require(failed.findings.first)
            #expect(finding.code == .applyFailed)
            #expect(finding.object == "ConfigMap:kart-web/bad")
            #expect(finding.origin?.hasPrefix("env/dev/kart-web/bad.yaml") == true)
            #expect(
                try await fixture.dev.find(.configMaps, ObjectName(namespace: "kart-web", name: "a")) != nil
            )
            let commit = try await fixture.repository.push(["env/dev/kart-web/bad.yaml": configMap("bad")])
            try await fixture.synced(web, to: commit)
        }
    }

    @Test("A repository that cannot be read leaves everything as it is, and says why")
    func unreadableRepository() async throws {
        try await DeliveryFixture.run(["env/dev/kart-web/app.yaml": configMap("a")]) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            try fixture.repository.hide()
            await fixture.watcher.poke(nil)
            try await fixture.wait(web) { $0.findings.contains { $0.code == .sourceUnreadable } }
            #expect(
                try await fixture.dev.find(.configMaps, ObjectName(namespace: "kart-web", name: "a")) != nil
            )
            try fixture.repository.unhide()
            await fixture.watcher.poke(nil)
            try await fixture.wait(web) { $0.findings.isEmpty && $0.sync == .synced }
        }
    }

    @Test("More directories than allowed wait for approval; an approved one goes")
    func manyDirectories() async throws {
        var files: [String: String] = ["env/dev/kart-stays/a.yaml": configMap("a")]
        for number in 1...4 { files["env/dev/kart-\(number)/a.yaml"] = configMap("a") }
        try await DeliveryFixture.run(files) { fixture in
            for number in 1...4 {
                try await fixture.wait(DeliveryFixture.id("kart-\(number)")) { $0.sync == .synced }
            }
            try await fixture.repository.push([
                "env/dev/kart-1": nil, "env/dev/kart-2": nil, "env/dev/kart-3": nil, "env/dev/kart-4": nil,
            ])
            for number in 1...4 {
                let held = try await fixture.wait(DeliveryFixture.id("kart-\(number)")) { $0.sync == .held }
                #expect(held.findings.map(\.code) == [.budget])
            }
            try await fixture.delivery.approve(DeliveryFixture.id("kart-1"), objects: nil, by: "kari")
            try await fixture.eventually("the approved one goes") {
                fixture.board.application(DeliveryFixture.id("kart-1")) == nil
            }
            #expect(fixture.board.application(DeliveryFixture.id("kart-2"))?.sync == .held)
        }
    }
}

extension KubeClient {
    /// Declares a kind.
    func define(_ plural: String, kind: String, group: String) async throws {
        let definition: JSON = [
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": ["name": .string("\(plural).\(group)")],
            "spec": [
                "group": .string(group), "scope": "Namespaced",
                "names": [
                    "plural": .string(plural), "singular": .string(kind.lowercased()), "kind": .string(kind),
                    "listKind": .string("\(kind)List"),
                ],
                "versions": [
                    [
                        "name": "v1", "served": true, "storage": true,
                        "schema": [
                            "openAPIV3Schema": [
                                "type": "object", "x-kubernetes-preserve-unknown-fields": true,
                            ]
                        ],
                    ]
                ],
            ],
        ]
        _ = try await apply(.customResourceDefinitions, KubeObject(definition), force: true)
    }
}
