import Delivery
import KubeClient
import KubeModel
import KubeTesting
import Testing

@Suite("Faults: definitions", .timeLimit(.minutes(1)))
struct DefinitionFaultTests {
    private let web = DeliveryFixture.id("kart-web")
    private let widgets = APIResource(
        gvr: GroupVersionResource(group: "example.com", version: "v1", resource: "widgets"),
        kind: "Widget",
        isNamespaced: true
    )
    private let files = [
        "env/dev/kart-web/w.yaml":
            "apiVersion: example.com/v1\nkind: Widget\nmetadata:\n  name: w\nspec:\n  size: 3\n",
        "env/dev/kart-web/a.yaml": configMap("a"),
    ]
    private let definition = KubeObject([
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": ["name": "widgets.example.com"],
        "spec": [
            "group": "example.com", "scope": "Namespaced",
            "names": [
                "plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList",
            ],
            "versions": [
                [
                    "name": "v1", "served": true, "storage": true,
                    "schema": [
                        "openAPIV3Schema": ["type": "object", "x-kubernetes-preserve-unknown-fields": true]
                    ],
                ]
            ],
        ],
    ])

    private func install(_ fixture: DeliveryFixture) async throws {
        _ = try await fixture.dev.apply(.customResourceDefinitions, definition, force: true)
    }

    @Test(
        "A CRD deleted under its objects: the sync says what it waits for, the rest goes on, and all is back with it"
    )
    func deleted() async throws {
        try await DeliveryFixture.run(files) { fixture in
            try await install(fixture)
            try await fixture.wait(web) { $0.sync == .synced }
            let name = ObjectName(namespace: "kart-web", name: "w")
            #expect(try await fixture.dev.find(widgets, name) != nil)

            for _ in 0..<2 {
                try await fixture.dev.delete(
                    .customResourceDefinitions,
                    ObjectName(name: "widgets.example.com")
                )
                let waiting = try await fixture.wait(web) { $0.findings.contains { $0.code == .unknownKind } }
                #expect(waiting.message.contains("The cluster has no kind Widget in example.com/v1"))

                let map = ObjectName(namespace: "kart-web", name: "a")
                try await fixture.dev.delete(.configMaps, map)
                try await fixture.eventually("the rest is still repaired") {
                    try await fixture.dev.find(.configMaps, map) != nil
                }
                try await install(fixture)
                try await fixture.eventually("the object is back") {
                    try await fixture.dev.find(widgets, name)?.spec["size"]?.int == 3
                }
                try await fixture.wait(web) { $0.sync == .synced && $0.findings.isEmpty }
            }
        }
    }

    @Test("A CRD that somebody else installs is noticed when it comes, however long it was waited for")
    func installed() async throws {
        try await DeliveryFixture.run(files) { fixture in
            try await fixture.wait(web) { $0.findings.contains { $0.code == .unknownKind } }
            // By now polling would come every four seconds.
            let discoveries = { @Sendable in fixture.faults.requests { $0.path == "/apis" }.count }
            let before = discoveries()
            try await fixture.eventually("it was asked for a few times") { discoveries() >= before + 3 }
            try await install(fixture)
            try await fixture.wait(web, within: .seconds(2)) { $0.sync == .synced }
        }
    }

    private func widgets(in version: String) -> APIResource {
        var other = widgets
        other.gvr.version = version
        return other
    }

    /// The definition with two versions.
    private func withVersions(servesFirst: Bool) -> KubeObject {
        var definition = definition
        guard var versions = definition.at("spec", "versions")?.array, var first = versions.first else {
            return definition
        }
        var second = first
        (second["name"], first["storage"]) = ("v2", false)
        first["served"] = .bool(servesFirst)
        versions = [first, second]
        definition.set(.array(versions), at: "spec", "versions")
        return definition
    }

    /// Nobody may see the definitions.
    private static let withoutDefinitions: Faults.Rule = {
        $0.path.hasSuffix("/customresourcedefinitions") && $0.method == .get ? .status(403) : .none
    }

    enum Telling: Sendable, CaseIterable {
        /// As a real API server does: what was watched is told of for a while, then the watch ends.
        case definitionFirst
        /// As of a kind that a newer server does not have in that version.
        case onlyNotFound
    }

    @Test(
        "A kind is followed in another version when the first is not served any more",
        arguments: Telling.allCases
    )
    func versions(telling: Telling) async throws {
        let faults = Faults()
        switch telling {
        case .definitionFirst: faults.holdsEndedWatches = true
        case .onlyNotFound:
            faults.watchLifetime = .milliseconds(300)
            faults.set(Self.withoutDefinitions)
        }
        try await DeliveryFixture.run(files, faults: faults) { fixture in
            let both = withVersions(servesFirst: true)
            _ = try await fixture.dev.apply(.customResourceDefinitions, both, force: true)
            try await fixture.wait(web) { $0.sync == .synced }
            let moved = files["env/dev/kart-web/w.yaml", default: ""].replacing("/v1", with: "/v2")
            try await fixture.synced(web, to: fixture.repository.push(["env/dev/kart-web/w.yaml": moved]))

            let one = withVersions(servesFirst: false)
            _ = try await fixture.dev.apply(.customResourceDefinitions, one, force: true)
            let second = widgets(in: "v2")
            let name = ObjectName(namespace: "kart-web", name: "w")
            for size in 7...8 {
                _ = try await fixture.acting(as: "kubectl-edit").patch(
                    second,
                    name,
                    merge: ["spec": ["size": .integer(Int64(size))]]
                )
                try await fixture.eventually("it is set right") {
                    try await fixture.dev.find(second, name)?.spec["size"]?.int == 3
                }
            }
            #expect(try await fixture.wait(web) { $0.sync == .synced }.counts.total == 2)
            try await fixture.eventually("the other version is watched") {
                fixture.faults.requests { $0.path == "/apis/example.com/v2/widgets" }
                    .contains { request in request.query.contains { $0.name == "watch" } }
            }
            try await fixture.repository.push(["env/dev/kart-web/w.yaml": nil])
            try await fixture.eventually("it is deleted") {
                // Nothing collects what waits for its dependents here.
                try await fixture.dev.find(second, name)?.isBeingDeleted ?? true
            }
        }
    }

    @Test(
        "A deletion that is answered 404 because the version is not served any more is done in another version"
    )
    func deletedInOtherVersion() async throws {
        let faults = Faults()
        // Nobody tells that the version went, but the answer to the deletion.
        faults.holdsEndedWatches = true
        faults.set(Self.withoutDefinitions)
        try await DeliveryFixture.run(files, faults: faults) { fixture in
            let both = withVersions(servesFirst: true)
            _ = try await fixture.dev.apply(.customResourceDefinitions, both, force: true)
            try await fixture.wait(web) { $0.sync == .synced }
            let one = withVersions(servesFirst: false)
            _ = try await fixture.dev.apply(.customResourceDefinitions, one, force: true)
            try await fixture.repository.push(["env/dev/kart-web/w.yaml": nil])
            let name = ObjectName(namespace: "kart-web", name: "w")
            try await fixture.eventually("it is deleted") {
                // Nothing collects what waits for its dependents here.
                try await fixture.dev.find(widgets(in: "v2"), name)?.isBeingDeleted ?? true
            }
            #expect(fixture.faults.requests { $0.method == .delete }.count > 1)
        }
    }
}
