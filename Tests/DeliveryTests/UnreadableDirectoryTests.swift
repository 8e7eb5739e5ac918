import Delivery
import Foundation
import GitSource
import KubeClient
import KubeModel
import KubeTesting
import Testing

/// What stands where a directory was, and cannot be looked into, is not nothing: only a commit that has nothing there deletes.
@Suite("Directories that cannot be read", .timeLimit(.minutes(2)))
struct UnreadableDirectoryTests {
    private let web = DeliveryFixture.id("kart-web")
    private let api = DeliveryFixture.id("kart-api")

    private func isKept(_ name: String, in namespace: String, _ fixture: DeliveryFixture) async throws -> Bool
    {
        try await fixture.dev.find(.configMaps, ObjectName(namespace: namespace, name: name)) != nil
    }

    @Test(
        "An application whose directory becomes a submodule that cannot be read keeps what it has, says why, and heals by itself"
    )
    func submodule() async throws {
        try await EmbeddedTestCluster.run(.api) { cluster in
            let place = cluster.directory + "/lib"
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
            let library = try await TestRepository(in: place, ["a.yaml": configMap("a", "1")])
            let commit = try await library.head()
            let repository = try await TestRepository(
                in: cluster.directory,
                [
                    "env/dev/kart-web/a.yaml": configMap("a", "0"),
                    "env/dev/kart-api/a.yaml": configMap("a", "0"),
                ]
            )
            try library.hide()
            try await DeliveryFixture.run(cluster, repository) { fixture in
                for id in [web, api] { try await fixture.wait(id) { $0.sync == .synced } }
                let modules = "[submodule \"l\"]\n path = env/dev/kart-web\n url = ../lib/apps.git\n"
                try await repository.push([".gitmodules": modules])
                try await repository.replace("env/dev/kart-web", by: .submodule(commit: commit))
                try await fixture.wait(web) { $0.message.contains("is a submodule that could not be read") }
                try await fixture.synced(
                    api,
                    to: repository.push(["env/dev/kart-api/a.yaml": configMap("a", "1")])
                )
                #expect(try await isKept("a", in: "kart-web", fixture))
                #expect(fixture.board.application(web)?.sync != .deleting)
                try library.unhide()
                await fixture.watcher.poke(nil)
                try await fixture.eventually("what the submodule has is delivered") {
                    let name = ObjectName(namespace: "kart-web", name: "a")
                    return try await fixture.dev.find(.configMaps, name)?.at("data", "key") == "1"
                }
            }
        }
    }

    @Test(
        "An application whose directory becomes a link keeps what it has; one that begins as a link says so",
        arguments: [
            "../../shared", "../../nowhere", "/etc", "../../../out",
        ]
    )
    func link(target: String) async throws {
        let files = ["env/dev/kart-web/a.yaml": configMap("a"), "shared/a.yaml": configMap("a")]
        try await DeliveryFixture.run(files) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            try await fixture.repository.replace("env/dev/kart-web", by: .link(to: target))
            try await fixture.repository.replace("env/dev/kart-api", by: .link(to: target))
            for id in [web, api] { try await fixture.wait(id) { $0.message.contains("is a link") } }
            #expect(try await isKept("a", in: "kart-web", fixture))
        }
    }

    @Test(
        "A plan says that a directory cannot be read, and not that it goes",
        arguments: ["env/dev/kart-web", "env/dev"]
    )
    func plan(path: String) async throws {
        let files = ["env/dev/kart-web/a.yaml": configMap("a")]
        try await DeliveryFixture.run(files) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            let commit = try await fixture.repository.replace(
                path,
                by: .link(to: "nowhere"),
                branch: "feature"
            )
            let request = PreviewRequest(repositories: [fixture.repository.url], revision: commit)
            let preview = try await fixture.delivery.preview(
                request,
                scratch: fixture.repository.url + ".plans"
            )
            #expect(preview.outcome == .refused)
            #expect(preview.applications.first?.findings.first?.code == .sourceUnreadable)
            #expect(preview.applications.first?.objects.contains { $0.action == .delete } == false)
        }
    }

    @Test("A link to a file beside the directories is nothing")
    func fileLink() async throws {
        let files = ["env/dev/kart-web/a.yaml": configMap("a"), "README.md": "words"]
        try await DeliveryFixture.run(files) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            try await fixture.repository.replace("env/dev/kart-api", by: .link(to: "../../README.md"))
            try await fixture.synced(
                web,
                to: fixture.repository.push(["env/dev/kart-web/a.yaml": configMap("a", "2")])
            )
            #expect(fixture.board.application(api) == nil)
        }
    }

    @Test(
        "Applications of a cluster whose directory becomes a link are kept, until a commit has nothing there",
        arguments: [true, false]
    )
    func cluster(isLink: Bool) async throws {
        let files = ["env/dev/kart-web/a.yaml": configMap("a"), "elsewhere/a.txt": "a"]
        try await DeliveryFixture.run(files) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            try await fixture.repository.replace(
                "env/dev",
                by: isLink ? .link(to: "../elsewhere") : .submodule(commit: String(repeating: "1", count: 40))
            )
            try await fixture.wait(web) { $0.message.contains("what runs is kept") }
            #expect(try await isKept("a", in: "kart-web", fixture))
            try await fixture.repository.push(["env/dev": nil])
            try await fixture.eventually("it is gone") { try await !isKept("a", in: "kart-web", fixture) }
        }
    }
}
