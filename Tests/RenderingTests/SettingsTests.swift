import Rendering
import Testing

@Suite struct SettingsTests {
    @Test("Settings are read from varde.yaml, else config.json, and are no manifests")
    func files() async throws {
        let apps = try await AppsRepository([
            "a/varde.yaml": "prune: false\nautoSync: false\n", "a/config.json": #"{"selfHeal": false}"#,
            "a/x.yaml": configMap("x"),
            "b/config.json": #"{"tool": "directory", "selfHeal": false, "allowEmpty": true}"#,
            "b/x.yaml": configMap("x"),
            "c/x.yaml": configMap("x"),
        ])
        let first = try await apps.render("a")
        #expect(!first.settings.prune && !first.settings.autoSync && first.settings.selfHeal)
        #expect(first.names == ["ConfigMap/x"] && first.messages == [] && first.settingsProblem == nil)
        let second = try await apps.render("b")
        #expect(second.settings.tool == .directory && second.settings.allowEmpty && !second.settings.selfHeal)
        #expect(second.names == ["ConfigMap/x"] && second.settingsProblem == nil)
        #expect(try await apps.render("c").settings == ApplicationSettings())
    }

    @Test(
        "What is wrong with settings is their problem only",
        arguments: [
            ("prune: 1\n", "must be true or false"), ("tool: make\n", "no tool 'make'"),
            ("purge: true\n", "no setting 'purge'"),
            ("- prune\n", "one mapping"), ("prune: [", ""), ("tool: [a]\n", "must be a text"),
        ]
    )
    func problems(text: String, words: String) async throws {
        let apps = try await AppsRepository(["a/varde.yaml": text, "a/x.yaml": configMap("x")])
        let rendering = try await apps.render("a")
        #expect(rendering.names == ["ConfigMap/x"] && rendering.messages == [])
        #expect(rendering.settings == ApplicationSettings())
        let problem = try #require(rendering.settingsProblem)
        #expect(problem.code == .settings && problem.origin?.file == "a/varde.yaml")
        #expect(words.isEmpty || problem.message.contains(words))
    }

    @Test("The files that are there decide the tool, unless the settings name one")
    func detection() async throws {
        let apps = try await AppsRepository(
            [
                "k/kustomization.yaml": "{}", "h/Chart.yaml": "{}", "j/x.jsonnet": "{}", "d/x.yaml": "",
                "n/varde.yaml": "tool: directory", "n/kustomization.yml": "{}", "deep/sub/x.jsonnet": "{}",
            ],
            tools: []
        )
        for (path, tool) in [
            ("k", RenderTool.kustomize), ("h", .helm), ("j", .jsonnet), ("d", .directory), ("n", .directory),
            ("deep", .directory),
        ] {
            #expect(try await apps.render(path).tool == tool, "\(path)")
        }
    }
}
