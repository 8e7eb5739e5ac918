import GitSource
import KubeModel
import Rendering
import Testing

@Suite(.enabled(if: AppsRepository.hasJsonnet, "jsonnet was not found"))
struct JsonnetLinksTests {
    private static func map(_ name: String) -> String {
        "{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: \(name) } }"
    }

    /// As `jb install` leaves it, with the links that it makes for short names.
    private static let files: [String: String?] = [
        "env/dev/shop/main.jsonnet": "(import 'ksonnet-util/kausal.libsonnet').map('a')",
        "vendor/github.com/grafana/jsonnet-libs/ksonnet-util/kausal.libsonnet":
            "(import 'grafana.libsonnet') + { name: importstr 'parts/name.txt' }",
        "vendor/github.com/grafana/jsonnet-libs/ksonnet-util/grafana.libsonnet": """
        local short = import 'k8s/name.libsonnet';
        { map(name): \(map("name + short.suffix")) }
        """,
        "vendor/github.com/grafana/jsonnet-libs/ksonnet-util/parts/name.txt": "text",
        "vendor/github.com/jsonnet-libs/k8s/1.30/name.libsonnet": "{ suffix: '-one' }",
    ]
    private static let links = [
        "vendor/ksonnet-util": "github.com/grafana/jsonnet-libs/ksonnet-util",
        "vendor/k8s": "github.com/jsonnet-libs/k8s/latest",
        "vendor/github.com/jsonnet-libs/k8s/latest": "1.30",
    ]

    @Test("Imports by way of links to directories, as jsonnet-bundler makes them, are read where these lead")
    func bundler() async throws {
        let apps = try await AppsRepository(Self.files)
        try await apps.commit(links: Self.links)
        let rendering = try await apps.render("env/dev/shop")
        #expect(rendering.messages == [] && rendering.names == ["ConfigMap/a-one"])

        let unrelated = try await apps.commit([
            "vendor/github.com/grafana/jsonnet-libs/other.libsonnet": "{}"
        ])
        #expect(try await apps.renderer.isCurrent(rendering, at: unrelated, in: apps.repository))
        let behind = try await apps.commit([
            "vendor/github.com/jsonnet-libs/k8s/1.30/name.libsonnet": "{ suffix: '-two' }"
        ])
        #expect(try await !apps.renderer.isCurrent(rendering, at: behind, in: apps.repository))
        let second = try await apps.render("env/dev/shop")
        #expect(second.names == ["ConfigMap/a-two"])
        try await apps.commit([
            "vendor/github.com/jsonnet-libs/k8s/latest": nil,
            "vendor/github.com/jsonnet-libs/k8s/1.31/name.libsonnet": "{ suffix: '-three' }",
        ])
        let moved = try await apps.commit(links: ["vendor/github.com/jsonnet-libs/k8s/latest": "1.31"])
        #expect(try await !apps.renderer.isCurrent(second, at: moved, in: apps.repository))
        #expect(try await apps.render("env/dev/shop").names == ["ConfigMap/a-three"])
    }

    @Test("Links to directories are followed in the application's own vendor, in libs, and below programs")
    func places() async throws {
        let apps = try await AppsRepository([
            "a/vendor/github.com/x/y/one.libsonnet": "'one'",
            "a/main.jsonnet":
                "{ a: \(Self.map("import 'y/one.libsonnet'")), b: \(Self.map("import 'two.libsonnet'")), "
                + "c: \(Self.map("import 'sub/three.libsonnet'")), d: \(Self.map("import 'four.libsonnet'")) }",
            "a/varde.yaml": "jsonnet: {libs: [../shared]}\n",
            "real/two.libsonnet": "'two'", "elsewhere/three.libsonnet": "'three'",
            "real/deep/four.libsonnet": "'four'",
        ])
        try await apps.commit(links: [
            "a/vendor/y": "github.com/x/y", "shared": "real", "a/sub": "../elsewhere",
            // A link to a file, by way of one to a directory.
            "a/vendor/four.libsonnet": "../../shared/deep/four.libsonnet",
        ])
        let rendering = try await apps.render("a")
        #expect(rendering.messages == [])
        #expect(
            Set(rendering.names) == ["ConfigMap/one", "ConfigMap/two", "ConfigMap/three", "ConfigMap/four"]
        )
    }

    @Test("A path that goes up again from behind a link goes up from where that leads")
    func upwards() async throws {
        let apps = try await AppsRepository([
            "a/main.jsonnet": Self.map("import 'lnk/../x.libsonnet'"),
            "deep/real/y.libsonnet": "1", "deep/x.libsonnet": "'behind'", "a/x.libsonnet": "'before'",
        ])
        try await apps.commit(links: ["a/lnk": "../deep/real"])
        let rendering = try await apps.render("a")
        #expect(rendering.messages == [] && rendering.names == ["ConfigMap/behind"])
    }

    @Test("A path that goes up from behind a link is refused where only some jsonnet programs stay inside")
    func ambiguous() async throws {
        let apps = try await AppsRepository([
            "a/main.jsonnet": Self.map("import 'lnk/x.libsonnet'"),
            "deep/er/real/x.libsonnet": "importstr '../../etc/hostname'", "deep/etc/hostname": "inside",
        ])
        try await apps.commit(links: ["lnk": "deep/er/real"])
        let rendering = try await apps.render("a")
        #expect(rendering.manifests.isEmpty && rendering.problems.map(\.code) == [.unreadable])
        let problem = try #require(rendering.problems.first)
        #expect(problem.origin == ManifestOrigin(file: "deep/er/real/x.libsonnet", line: 1))
        #expect(problem.message.contains("imported as lnk/x.libsonnet"), "\(problem)")
    }

    @Test(
        "A link that leads out of the repository is refused by its name before jsonnet runs",
        arguments: [
            ("/etc", "import 'lnk/hostname'"), ("../../../../../../../../etc", "importstr 'lnk/hostname'"),
            ("../..", "importstr 'lnk/x'"), ("../deep/real", "importstr 'lnk/../../../etc/hostname'"),
            ("out2", "importstr 'lnk/hostname'"),
        ]
    )
    func outside(target: String, program: String) async throws {
        let apps = try await AppsRepository(["a/main.jsonnet": program, "deep/real/x": "1"])
        try await apps.commit(links: ["vendor/lnk": target, "vendor/out2": "/etc"])
        let rendering = try await apps.render("a")
        #expect(rendering.manifests.isEmpty && rendering.problems.map(\.code) == [.unreadable])
        let message = try #require(rendering.messages.first)
        #expect(message.hasPrefix("a/main.jsonnet") && message.contains("repository"), "\(message)")
        #expect(message.contains("lnk"), "\(message)")
    }

    @Test(
        "A link that leads nowhere, or in a circle, is named when what it should lead to is not found",
        arguments: [("github.com/not/there", "leads nowhere"), ("other", "circle"), ("lnk", "circle")]
    )
    func broken(target: String, words: String) async throws {
        let apps = try await AppsRepository([
            "a/main.jsonnet": "import 'lnk/x.libsonnet'",
            "b/main.jsonnet": Self.map("import 'lnk/x.libsonnet'"),
            "b/lib/lnk/x.libsonnet": "'found'",
        ])
        try await apps.commit(links: ["vendor/lnk": target, "vendor/other": "lnk"])
        let rendering = try await apps.render("a")
        #expect(rendering.manifests.isEmpty && rendering.problems.count == 1)
        let message = try #require(rendering.messages.first)
        #expect(message.contains("vendor/lnk is a link that") && message.contains(words), "\(message)")
        #expect(try await apps.render("b").names == ["ConfigMap/found"])
        // What appears there is noticed.
        try await apps.commit(["vendor/lnk": nil])
        let next = try await apps.commit(["vendor/lnk/x.libsonnet": Self.map("'there'")])
        #expect(try await !apps.renderer.isCurrent(rendering, at: next, in: apps.repository))
        #expect(try await apps.render("a").names == ["ConfigMap/there"])
    }

    @Test("A directory that becomes a link makes what was not found in it be looked for again")
    func becomesLink() async throws {
        let apps = try await AppsRepository([
            "a/main.jsonnet": "import 'x.libsonnet'", "lib/other": "1", "x.libsonnet": Self.map("'root'"),
            "shared/x.libsonnet": Self.map("'shared'"),
        ])
        let rendering = try await apps.render("a")
        #expect(rendering.names == ["ConfigMap/root"])
        try await apps.commit(["lib": nil])
        let next = try await apps.commit(links: ["lib": "shared"])
        #expect(try await !apps.renderer.isCurrent(rendering, at: next, in: apps.repository))
        #expect(try await apps.render("a").names == ["ConfigMap/shared"])
    }

    @Test("A link to a directory above itself is followed as far as programs go, and not without end")
    func above() async throws {
        let apps = try await AppsRepository([
            "a/main.jsonnet": Self.map("(import 'up/a/name.libsonnet').name"),
            "a/name.libsonnet": "{ name: 'x', again:: import 'up/a/name.libsonnet' }",
        ])
        try await apps.commit(links: ["a/up": ".."])
        let rendering = try await apps.render("a")
        #expect(rendering.messages == [] && rendering.names == ["ConfigMap/x"])
    }
}
