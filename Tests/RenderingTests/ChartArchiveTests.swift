import Foundation
import GitSource
import KubeModel
import Testing

@testable import Rendering

@Suite struct ChartArchiveTests {
    private static let asking = """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: asking}
        data: {found: "{{ len (lookup "v1" "Secret" "shop" "x") }}"}
        """
    private static let plain = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain}\n"

    private static func chart(_ name: String) -> String { "apiVersion: v2\nname: \(name)\nversion: 1.0.0\n" }

    /// A repository with a chart whose `charts/` has an archive of these files.
    private func apps(archive: [String: String]) async throws -> AppsRepository {
        let apps = try await AppsRepository(["a/Chart.yaml": Self.chart("a")])
        try await apps.pack(archive, as: "\(apps.work)/a/charts/web-1.0.0.tgz")
        try await apps.commit()
        return apps
    }

    @Test(
        "Templates in archives that ask the cluster, or chance, are noted with the archive and the name in it",
        .enabled(if: AppsRepository.hasHelm)
    )
    func archives() async throws {
        let apps = try await apps(archive: [
            "web/Chart.yaml": Self.chart("web"), "web/templates/asking.yaml": Self.asking,
            "web/charts/deep/Chart.yaml": Self.chart("deep"),
            "web/charts/deep/templates/secret.yaml":
                "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {p: {{ randAlphaNum 8 | b64enc }}}\n",
            "web/docs/lookup.yaml": Self.asking,
        ])
        let rendering = try await apps.render("a")
        #expect(rendering.messages == [] && rendering.manifests.count == 2)
        #expect(rendering.notes.map(\.origin?.file) == Array(repeating: "a/charts/web-1.0.0.tgz", count: 2))
        let words = rendering.notes.map(\.message)
        #expect(words.first?.contains("web/templates/asking.yaml") ?? false, "\(words)")
        #expect(words.first?.contains("`lookup`.") ?? false, "\(words)")
        #expect(words.last?.contains("web/charts/deep/templates/secret.yaml") ?? false, "\(words)")
        #expect(words.last?.contains("`randAlphaNum`") ?? false, "\(words)")

        try await apps.pack(
            ["web/Chart.yaml": Self.chart("web"), "web/templates/plain.yaml": Self.plain],
            as: "\(apps.work)/a/charts/web-1.0.0.tgz"
        )
        try await apps.commit()
        let next = try await apps.render("a")
        #expect(next.names == ["ConfigMap/plain"] && next.notes.isEmpty, "\(next.notes)")
    }

    @Test(
        "Of a library in an archive only what the chart includes is noted, by whatever way",
        arguments: [
            (#"{{ include "lib.name" . }}"#, 0, 0), (#"{{ include "lib.password" . }}"#, 1, 1),
            (#"{{ template "lib.indirect" }}"#, 1, 1),
            (#"{{ include (printf "lib.%s" .Values.x) . }}"#, 1, 1),
            (#"{{ include (print $.Template.BasePath "/x.yaml") . | sha256sum }}"#, 0, 0),
            (#"{{/* lookup "v1" */}} lookup "v1" {{ "lookup" }} {{ .lookup }}"#, 0, 0),
            (
                #"{{ if true }}{{ else }}{{ end }}{{ range list }}{{ with 1 }}{{ now }}{{ end }}{{ end }}"#,
                0, 1
            ),
            (#"{{ block "own" . }}{{ lookup "v1" "Secret" "" "" }}{{ end }}"#, 1, 0),
            (#"{{ define "own" }}{{ if true }}{{ now }}{{ end }}{{ lookup "v1" "" "" "" }}{{ end }}"#, 0, 0),
            (#"{{ define "own" }}{{ now }}{{ end }}{{ include "own" . }}"#, 0, 1),
        ]
    )
    func libraries(template: String, lookups: Int, chances: Int) async throws {
        let apps = try await AppsRepository()
        let path = apps.root + "/lib.tgz"
        let library = """
            {{- define "lib.name" -}}name{{- end -}}
            {{- define "lib.password" -}}
            {{- if true }}{{ (lookup "v1" "Secret" "shop" "x").data | default (randAlphaNum 8) }}{{ end -}}
            {{- end -}}
            {{- define "lib.indirect" -}}{{ include "lib.password" . }}{{- end -}}
            """
        try await apps.pack(["lib/templates/_lib.tpl": library], as: path)
        var findings = ChartFindings()
        findings.look(at: Array(template.utf8), ChartFindings.Place(file: "a/templates/x.yaml"))
        let archive = [UInt8](try #require(FileManager.default.contents(atPath: path)))
        findings.add(ChartFindings(archive: archive), ofArchiveAt: "a/charts/lib.tgz")
        #expect(findings.lookups.count == lookups && findings.chances.count == chances)
    }

    @Test("An archive within an archive is looked into, too", .enabled(if: AppsRepository.hasHelm))
    func nested() async throws {
        let apps = try await AppsRepository(["a/Chart.yaml": Self.chart("a")])
        let inner = apps.root + "/deep-1.0.0.tgz"
        try await apps.pack(
            ["deep/Chart.yaml": Self.chart("deep"), "deep/templates/asking.yaml": Self.asking],
            as: inner
        )
        try await apps.pack(
            ["web/Chart.yaml": Self.chart("web")],
            ["web/charts/deep-1.0.0.tgz": inner],
            as: "\(apps.work)/a/charts/web-1.0.0.tgz"
        )
        try await apps.commit()
        let rendering = try await apps.render("a")
        #expect(rendering.names == ["ConfigMap/asking"], "\(rendering.messages)")
        #expect(rendering.notes.map(\.origin?.file) == ["a/charts/web-1.0.0.tgz"])
        let words = try #require(rendering.notes.first?.message)
        #expect(words.contains("web/charts/deep-1.0.0.tgz/deep/templates/asking.yaml"), "\(words)")
    }

    @Test(
        "A chart with archives is made again when the cluster's kinds change only if a template asks for them",
        .enabled(if: AppsRepository.hasHelm)
    )
    func capabilities() async throws {
        let asking = Self.plain + "data: {v: {{ .Capabilities.KubeVersion.Version }}}\n"
        for (template, isAsking) in [(Self.plain, false), (asking, true)] {
            let apps = try await apps(archive: [
                "web/Chart.yaml": Self.chart("web"), "web/templates/x.yaml": template,
            ])
            var request = try await apps.request("a")
            request.capabilities = ClusterCapabilities(kubeVersion: "v1.33.2", apiVersions: ["apps/v1"])
            let rendering = try await apps.renderer.render(request)
            #expect(rendering.messages == [])
            #expect((rendering.capabilities != nil) == isAsking)
            #expect(rendering.manifests.first?.object.at("data", "v") == (isAsking ? "v1.33.2" : nil))
        }
    }

    @Test("A broken archive is helm's to complain of", .enabled(if: AppsRepository.hasHelm))
    func broken() async throws {
        let apps = try await AppsRepository([
            "a/Chart.yaml": Self.chart("a"), "a/charts/web-1.0.0.tgz": "no archive",
        ])
        let rendering = try await apps.render("a")
        #expect(rendering.problems.map(\.code) == [.toolFailed] && rendering.notes.isEmpty)
        #expect(rendering.messages.first?.contains("web-1.0.0.tgz") ?? false, "\(rendering.messages)")
    }

    @Test("What is cut off, damaged, or no archive at all is told apart from what was read as a whole")
    func damaged() async throws {
        let apps = try await AppsRepository()
        let path = apps.root + "/web.tgz"
        let noise = String(decoding: (0..<20_000).map { _ in UInt8.random(in: 97...122) }, as: UTF8.self)
        try await apps.pack(["web/templates/a.yaml": Self.asking, "web/noise": noise], as: path)
        let whole = [UInt8](try #require(FileManager.default.contents(atPath: path)))
        #expect(ChartFindings(archive: whole).isWhole)
        #expect(!ChartFindings(archive: []).isWhole && !ChartFindings(archive: Array("text".utf8)).isWhole)
        for length in stride(from: 1, to: whole.count - 8, by: 97) {
            #expect(!ChartFindings(archive: Array(whole.prefix(length))).isWhole)
        }
        for _ in 0..<200 {
            var bytes = whole
            for _ in 0..<3 { bytes[Int.random(in: bytes.indices)] ^= UInt8.random(in: 1...255) }
            _ = ChartFindings(archive: bytes)
        }
    }

    @Test("An archive that grows without end, or has too many files, is left at the limit")
    func bombs() async throws {
        let apps = try await AppsRepository()
        let path = apps.root + "/bomb.tgz"
        try await apps.pack(
            ["web/a": String(repeating: "0", count: 3 << 20), "web/templates/z.yaml": Self.asking],
            as: path
        )
        let bomb = [UInt8](try #require(FileManager.default.contents(atPath: path)))
        var limits = ChartFindings.Limits()
        #expect(ChartFindings(archive: bomb, limits).lookups.count == 1)
        limits.size = 1 << 20
        #expect(!ChartFindings(archive: bomb, limits).isWhole)
        let many = Dictionary(uniqueKeysWithValues: (0..<50).map { ("web/f\($0)", "") })
        try await apps.pack(many, as: path)
        let files = [UInt8](try #require(FileManager.default.contents(atPath: path)))
        limits.entries = 40
        #expect(!ChartFindings(archive: files, limits).isWhole)

        // Many small ones in one count together.
        limits = ChartFindings.Limits()
        limits.size = 2 << 20
        let copies = Dictionary(uniqueKeysWithValues: (0..<12).map { ("x/charts/x-\($0).tgz", path) })
        try await apps.pack(["x/z": String(repeating: "0", count: 500 << 10)], as: path)
        try await apps.pack([:], copies, as: apps.root + "/all.tgz")
        let all = [UInt8](try #require(FileManager.default.contents(atPath: apps.root + "/all.tgz")))
        #expect(!ChartFindings(archive: all, limits).isWhole && ChartFindings(archive: all).isWhole)

        var inner = path
        for level in 0..<8 {
            let outer = apps.root + "/level\(level).tgz"
            try await apps.pack([:], ["x/charts/x-\(level).tgz": inner], as: outer)
            inner = outer
        }
        let deep = [UInt8](try #require(FileManager.default.contents(atPath: inner)))
        #expect(!ChartFindings(archive: deep).isWhole)
    }

    @Test(
        "Long names, in each way that tar has for them, are read whole",
        arguments: ["gnu", "pax", "ustar"]
    )
    func longNames(format: String) async throws {
        let apps = try await AppsRepository()
        let path = apps.root + "/long.tgz"
        let folder = String(repeating: "long-name/", count: 14)
        let name = "web/charts/\(folder)templates/x.yaml"
        try await apps.pack([name: Self.asking], as: path, ["--format=\(format)"])
        let findings = ChartFindings(
            archive: [UInt8](try #require(FileManager.default.contents(atPath: path)))
        )
        #expect(findings.isWhole && findings.lookups.map(\.member) == [name])
    }
}

extension AppsRepository {
    /// Makes an archive of files with these texts, and of copies of other files.
    func pack(
        _ files: [String: String],
        _ copies: [String: String] = [:],
        as path: String,
        _ options: [String] = []
    ) async throws {
        let folder = "\(root)/pack-\(UUID().uuidString)"
        func place(_ name: String) throws -> String {
            let file = "\(folder)/\(name)"
            try FileManager.default.createDirectory(
                atPath: (file as NSString).deletingLastPathComponent,
                withIntermediateDirectories: true
            )
            return file
        }
        for (name, text) in files { try Data(text.utf8).write(to: URL(filePath: place(name))) }
        for (name, other) in copies { try FileManager.default.copyItem(atPath: other, toPath: place(name)) }
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent,
            withIntermediateDirectories: true
        )
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        let outcome = try await Command(
            try #require(ProgramSearch.path(of: "tar")),
            options + ["-czf", path, "-C", folder] + names,
            environment: ["PATH": ProgramSearch.variable("PATH") ?? ""],
            directory: root,
            deadline: .seconds(30)
        ).run()
        try #require(outcome.succeeded, "tar: \(outcome.errors)")
    }
}
