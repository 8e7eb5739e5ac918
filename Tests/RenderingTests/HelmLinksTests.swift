import GitSource
import KubeModel
import Rendering
import Testing

@Suite(.enabled(if: AppsRepository.hasHelm, "helm was not found"))
struct HelmLinksTests {
    private static func chart(_ name: String, _ more: String = "") -> String {
        "apiVersion: v2\nname: \(name)\nversion: 1.0.0\n\(more)"
    }

    private static func map(_ name: String) -> String {
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: \(name)}\n"
    }

    @Test(
        "A chart's links to directories are followed: of templates, charts, value files and file:// dependencies"
    )
    func folders() async throws {
        let apps = try await AppsRepository([
            "a/Chart.yaml": Self.chart(
                "a",
                "dependencies: [{name: far, version: 1.0.0, repository: file://../latest/far}]\n"
            ),
            "a/varde.yaml": "helm: {valueFiles: [../stages/values.yaml]}\n",
            "a/templates/own.yaml": Self.map("own-{{ .Values.stage }}"),
            "common/web/Chart.yaml": Self.chart("web"), "common/web/templates/web.yaml": Self.map("web"),
            "shared/deep/x.yaml": Self.map("shared"), "shared/_README": "x",
            "versions/two/far/Chart.yaml": Self.chart("far"),
            "versions/two/far/more/far.yaml": Self.map("far"), "test/values.yaml": "stage: test\n",
        ])
        try await apps.commit(links: [
            "a/charts/web": "../../common/web", "a/templates/shared": "../../shared",
            "latest": "versions/two",
            "stages": "test", "versions/two/far/templates": "more",
        ])
        let rendering = try await apps.render("a")
        #expect(rendering.messages == [])
        #expect(
            Set(rendering.names) == [
                "ConfigMap/own-test", "ConfigMap/web", "ConfigMap/shared", "ConfigMap/far",
            ]
        )
        for (file, text) in [
            ("shared/deep/x.yaml", Self.map("changed")), ("common/web/templates/more.yaml", Self.map("more")),
            ("test/values.yaml", "stage: next\n"), ("versions/two/far/more/far.yaml", Self.map("nearer")),
        ] {
            let before = try await apps.render("a")
            let commit = try await apps.commit([file: text])
            #expect(try await !apps.renderer.isCurrent(before, at: commit, in: apps.repository), "\(file)")
        }
        #expect(
            Set(try await apps.render("a").names) == [
                "ConfigMap/own-next", "ConfigMap/web", "ConfigMap/more", "ConfigMap/changed",
                "ConfigMap/nearer",
            ]
        )
    }

    @Test(
        "A link in a chart that leads nowhere, out of the repository or in a circle is refused by its name",
        arguments: [
            ("gone", "leads nowhere"), ("../../../etc", "out of the repository"), (".", "circle"),
            ("..", "circle"), ("../../b", "circle"),
        ]
    )
    func broken(target: String, words: String) async throws {
        let apps = try await AppsRepository([
            "a/Chart.yaml": Self.chart("a"), "a/templates/own.yaml": Self.map("own"), "b/x": "1",
        ])
        try await apps.commit(links: ["a/templates/lnk": target, "b/back": "../b"])
        let rendering = try await apps.render("a")
        #expect(rendering.manifests.isEmpty && rendering.problems.count == 1)
        let message = try #require(rendering.messages.first)
        #expect(message.hasPrefix("a/templates/lnk") && message.contains(words), "\(message)")
    }

    @Test("Links to directories that multiply are followed up to a limit")
    func multiplied() async throws {
        var links: [String: String] = [:]
        for level in 0..<6 {
            for number in 0..<8 { links["d\(level)/l\(number)"] = "../d\(level + 1)" }
        }
        links["a/templates/lnk"] = "../../d0"
        let apps = try await AppsRepository([
            "a/Chart.yaml": Self.chart("a"), "a/templates/own.yaml": Self.map("own"), "d6/x": "1",
        ])
        try await apps.commit(links: links)
        let rendering = try await apps.render("a")
        #expect(rendering.manifests.isEmpty)
        #expect(rendering.messages.first?.contains("more than 200 links") ?? false)
    }

    @Test("A submodule in a chart that cannot be read is said, and not rendered without")
    func submodule() async throws {
        let apps = try await AppsRepository([
            "a/Chart.yaml": Self.chart("a"), "a/templates/own.yaml": Self.map("own"),
        ])
        let commit = try await apps.git(["rev-parse", "HEAD"]).trimmingPrefix { $0 == " " }.prefix(40)
        try await apps.git([
            "update-index", "--add", "--cacheinfo", "160000,\(String(commit.reversed())),a/charts/web",
        ])
        try await apps.git(["commit", "-q", "-m", "Submodule"])
        try await apps.repository.fetch()
        let rendering = try await apps.render("a")
        #expect(rendering.manifests.isEmpty && rendering.problems.map(\.code) == [.unreachable])
        #expect(rendering.problems.map(\.origin?.file) == ["a/charts/web"])
    }
}
