import Foundation
import GitSource
import KubeModel
import Rendering
import Testing

@Suite struct SourcesTests {
    @Test(
        "Several directories make one application, each by its own tool; a change elsewhere renders nothing"
    )
    func several() async throws {
        let apps = try await AppsRepository([
            "env/dev/shop/varde.yaml": """
            sources:
            - path: .
            - path: ../../../base/web
            - path: /generated
              tool: jsonnet
              jsonnet: {tlas: {size: 3}}
            """,
            "env/dev/shop/own.yaml": configMap("own"),
            "base/web/kustomization.yaml": "resources: [cm.yaml]\nnamePrefix: k-\n",
            "base/web/cm.yaml": configMap("web"),
            "generated/x.jsonnet": """
            function(size) {apiVersion: "v1", kind: "ConfigMap", metadata: {name: "made"}, data: {size: "%d" % size}}
            """,
            "other/x.yaml": configMap("other"),
        ])
        let rendering = try await apps.render("env/dev/shop")
        #expect(rendering.messages == [])
        #expect(Set(rendering.names) == ["ConfigMap/own", "ConfigMap/k-web", "ConfigMap/made"])
        #expect(rendering.manifests.last?.object.at("data", "size") == "3")
        var commit = try await apps.commit(["other/x.yaml": configMap("changed")])
        #expect(try await apps.renderer.isCurrent(rendering, at: commit, in: apps.repository))
        commit = try await apps.commit(["base/web/cm.yaml": configMap("changed")])
        #expect(try await !apps.renderer.isCurrent(rendering, at: commit, in: apps.repository))
    }

    @Test(
        "A tool or its options beside sources, which would be for nothing, are a finding",
        arguments: ["tool: kustomize", "helm: {values: {a: b}}", "jsonnet: {tlas: {a: b}}"]
    )
    func unused(line: String) async throws {
        let apps = try await AppsRepository([
            "a/varde.yaml": "sources: [{path: ../b}]\n\(line)\n", "b/x.yaml": configMap("x"),
        ])
        let rendering = try await apps.render("a")
        let key = try #require(line.split(separator: ":").first)
        #expect(rendering.settingsProblem?.message.contains("'\(key)'") ?? false, "\(rendering.messages)")
    }

    @Test("An object that two sources have is an error that names both places: nothing wins in silence")
    func duplicates() async throws {
        let apps = try await AppsRepository([
            "a/varde.yaml": "sources: [{path: ../b}, {path: ../c}]\n",
            "b/x.yaml": configMap("same", "1"), "c/y.yaml": configMap("same", "2"),
        ])
        let messages = try await apps.render("a").messages
        #expect(messages.count == 1)
        #expect(messages.first?.contains("declared twice: here and in b/x.yaml") ?? false, "\(messages)")
        #expect(messages.first?.hasPrefix("c/y.yaml") ?? false)
    }

    @Test(
        "A source and a kustomize base that are named by way of links are read where these lead, inside the repository"
    )
    func links() async throws {
        let apps = try await AppsRepository([
            "a/varde.yaml": "sources: [{path: ../latest}]\n", "real/one/x.yaml": configMap("x"),
            "k/kustomization.yaml": "resources: [../bases/lnk/web]\n",
            "bases/real/web/kustomization.yaml": "resources: [cm.yaml, ../other]\n",
            "bases/real/web/cm.yaml": configMap("web"),
            "bases/real/other/kustomization.yaml": "resources: [cm.yaml]\n",
            "bases/real/other/cm.yaml": configMap("other"),
            "out/varde.yaml": "sources: [{path: ../away}]\n",
            "q/kustomization.yaml": "resources: [../up/../../gone]\n",
        ])
        try await apps.commit(links: [
            "latest": "real/one", "bases/lnk": "v1", "bases/v1": "real", "away": "../../etc", "up": "k",
        ])
        let source = try await apps.render("a")
        #expect(source.messages == [] && source.names == ["ConfigMap/x"])
        let base = try await apps.render("k")
        #expect(base.messages == [] && Set(base.names) == ["ConfigMap/web", "ConfigMap/other"])
        #expect(try await !apps.render("out").problems.isEmpty)
        #expect(try await !apps.render("q").problems.isEmpty)

        // The link, too, is what the rendering depends on.
        let next = try await apps.commit([
            "bases/next/web/kustomization.yaml": "resources: [cm.yaml]\n",
            "bases/next/web/cm.yaml": configMap("next"), "bases/v1": nil,
        ])
        #expect(try await !apps.renderer.isCurrent(base, at: next, in: apps.repository))
        try await apps.commit(links: ["bases/v1": "next"])
        #expect(try await apps.render("k").names == ["ConfigMap/next"])
    }

    @Test("A source that is not there, or outside the repository, is a problem and never an empty set")
    func missing() async throws {
        let apps = try await AppsRepository([
            "a/varde.yaml": "sources: [{path: ../gone}, {path: ../../../etc}]\n", "a/x.yaml": configMap("x"),
        ])
        let rendering = try await apps.render("a")
        #expect(!rendering.problems.isEmpty)
        #expect(rendering.problems.allSatisfy { $0.code == .unreadable })
    }

    @Test("Settings that name sources and are wrong stop the rendering; with good ones of before, those stay")
    func wrongSettings() async throws {
        let apps = try await AppsRepository([
            "a/varde.yaml": "sources: [{path: ../b}]\npurge: true\n", "a/x.yaml": configMap("x"),
            "b/y.yaml": configMap("why"),
        ])
        let lost = try await apps.render("a")
        #expect(lost.problems.map(\.code) == [.settings])
        var request = try await apps.request("a")
        var good = ApplicationSettings()
        good.sources = [SourceOptions(path: "../b")]
        request.lastGood = good
        let kept = try await Renderer(scratch: apps.scratch).render(request)
        #expect(kept.names == ["ConfigMap/why"] && kept.problems.isEmpty && kept.settingsProblem != nil)
    }

    @Test(
        "Jsonnet gets arguments, variables and libraries from the settings, as ArgoKit repositories have them"
    )
    func jsonnet() async throws {
        let apps = try await AppsRepository([
            "env/dev/shop/varde.yaml": """
            jsonnet:
              tlas: {name: web, replicas: 2}
              extVars: {stage: test}
              libs: [../../../shared]
            """,
            "env/dev/shop/app.jsonnet": """
            local argokit = import '../../../argokit/v2/jsonnet/argokit.libsonnet';
            local names = import 'names.libsonnet';
            function(name, replicas) argokit.map(names.prefix + name, {r: "%d" % replicas, s: std.extVar('stage'), c: std.extVar('cluster')})
            """,
            "argokit/v2/jsonnet/argokit.libsonnet": """
            {map(name, data): {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: name}, data: data}}
            """,
            "shared/names.libsonnet": "{prefix: 'kart-'}",
        ])
        let rendering = try await apps.render("env/dev/shop")
        #expect(rendering.messages == [])
        let map = try #require(rendering.manifests.first?.object)
        #expect(map.name == "kart-web")
        #expect(map["data"] == ["r": "2", "s": "test", "c": "dev"])
        let commit = try await apps.commit(["shared/names.libsonnet": "{prefix: 'x-'}"])
        #expect(try await !apps.renderer.isCurrent(rendering, at: commit, in: apps.repository))
    }

    @Test("An import that leads into a submodule that is not there says why it is not there")
    func absentSubmodule() async throws {
        let apps = try await AppsRepository(["a/x.yaml": configMap("x")])
        let commit = try await apps.git(["rev-parse", "HEAD"])
            .trimmingCharacters(in: .whitespacesAndNewlines)
        try FileManager.default.createDirectory(
            atPath: apps.work + "/argokit",
            withIntermediateDirectories: true
        )
        try await apps.git([
            "update-index", "--add", "--cacheinfo", "160000,\(String(commit.reversed())),argokit",
        ])
        try await apps.commit([
            ".gitmodules":
                "[submodule \"argokit\"]\n\tpath = argokit\n\turl = https://elsewhere.example/x.git\n",
            "b/x.jsonnet": "import '../argokit/lib.libsonnet'",
        ])
        let rendering = try await apps.render("b")
        let message = try #require(rendering.messages.first)
        #expect(message.contains("argokit is a submodule that could not be read"), "\(message)")
        #expect(message.contains("not on the repository's own host"), "\(message)")
    }

    @Test("A library that is a submodule beside the repository is imported")
    func submodule() async throws {
        let apps = try await AppsRepository(["a/x.yaml": configMap("x")])
        let library = apps.root + "/argokit"
        try await apps.git(["init", "-q", "-b", "main", library], in: apps.root)
        try "{name: 'from-a-submodule'}".write(
            toFile: library + "/lib.libsonnet",
            atomically: true,
            encoding: .utf8
        )
        try await apps.git(["add", "-A"], in: library)
        try await apps.git(["commit", "-q", "-m", "Library"], in: library)
        try await apps.git(["submodule", "--quiet", "add", "../argokit", "argokit"])
        try await apps.commit([
            "b/x.jsonnet": """
            local lib = import '../argokit/lib.libsonnet';
            {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: lib.name}}
            """
        ])
        let rendering = try await apps.render("b")
        #expect(rendering.messages == [])
        #expect(rendering.names == ["ConfigMap/from-a-submodule"])
    }
}
