import GitSource
import KubeModel
import Rendering
import Testing

@Suite struct DirectoryTests {
    @Test(
        "All YAML and JSON files below the directory are taken, documents and lists one by one, with their places"
    )
    func manifests() async throws {
        let apps = try await AppsRepository([
            "env/dev/shop/app.yaml": "# comment\n---\n" + configMap("a") + "---\n---\n# nothing\n---\n"
                + configMap("b"),
            "env/dev/shop/deep/er/more.yml": configMap("c"),
            "env/dev/shop/list.json": """
            {"apiVersion": "v1", "kind": "List", "items": [
              {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}},
              {"apiVersion": "v1", "kind": "ConfigMapList", "items": [{"metadata": {"name": "d"}}]}]}
            """,
            "env/dev/shop/README.md": "not yaml: [",
            // Named like settings, but further below: those of a program.
            "env/dev/shop/deep/config.json": "{\"port\": 80}",
            "env/dev/other/app.yaml": configMap("other"),
        ])
        let rendering = try await apps.render("env/dev/shop")
        #expect(rendering.tool == .directory)
        #expect(rendering.messages == [])
        #expect(
            Set(rendering.names) == ["ConfigMap/a", "ConfigMap/b", "ConfigMap/c", "Secret/s", "ConfigMap/d"]
        )
        let origins = Dictionary(
            uniqueKeysWithValues: rendering.manifests.map { ($0.object.name, $0.origin) }
        )
        #expect(origins["b"]?.file == "env/dev/shop/app.yaml")
        #expect(origins["a"]?.line == 3)
        #expect(origins["c"] == ManifestOrigin(file: "env/dev/shop/deep/er/more.yml", document: 1, line: 1))
        #expect(rendering.inputs.keys.sorted() == ["env/dev/shop"])
    }

    @Test("What is wrong is told for every file, with file, document and line; the rest is there")
    func problems() async throws {
        let apps = try await AppsRepository([
            "a/good.yaml": configMap("good"),
            "a/broken.yaml": "a: 1\nb: [1, 2\nc: 3\n",
            "a/text.yaml": "just words\n",
            "a/half.yaml": configMap("half") + "---\nname: x\n",
            "a/nameless.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  generateName: x-\n",
            "a/again.yaml": configMap("good", "other", namespace: "shop"),
            "a/norway.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: no}\n",
        ])
        let rendering = try await apps.render("a")
        #expect(Set(rendering.names) == ["ConfigMap/good", "ConfigMap/half"])
        let problems = Dictionary(
            uniqueKeysWithValues: rendering.problems.map { ($0.origin?.file ?? "", $0) }
        )
        #expect(problems.count == 6)
        #expect(problems["a/norway.yaml"]?.message.contains("write it in quotes") == true)
        #expect(problems["a/broken.yaml"]?.code == .syntax)
        #expect(problems["a/broken.yaml"]?.origin?.line == 3 || problems["a/broken.yaml"]?.origin?.line == 2)
        #expect(problems["a/text.yaml"]?.code == .notAnObject)
        #expect(problems["a/half.yaml"]?.origin?.document == 2)
        #expect(problems["a/half.yaml"]?.message.contains("apiVersion and kind") == true)
        #expect(problems["a/nameless.yaml"]?.message.contains("generateName") == true)
        let duplicate = problems["a/good.yaml"] ?? problems["a/again.yaml"]
        #expect(duplicate?.code == .duplicate)
        #expect(duplicate?.message.contains("a/") == true)
    }

    @Test("An empty directory has no manifests and no problems; a missing one is an error")
    func empty() async throws {
        let apps = try await AppsRepository([
            "a/.gitkeep": "", "b/empty.yaml": "", "b/comment.yaml": "# later\n",
        ])
        let first = try await apps.render("a")
        #expect(first.manifests.isEmpty && first.problems.isEmpty)
        let second = try await apps.render("b")
        #expect(second.manifests.isEmpty && second.problems.isEmpty)
        let error = await #expect(throws: GitError.self) { try await apps.render("c") }
        #expect(error?.code == .noSuchObject)
        await #expect(throws: GitError.self) { try await apps.render("a/.gitkeep") }
    }

    @Test("An alias bomb is a problem of its file")
    func aliasBomb() async throws {
        var bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
        for level in 1...9 {
            let alias = "*a\(level - 1)"
            bomb += "a\(level): &a\(level) [\(Array(repeating: alias, count: 10).joined(separator: ","))]\n"
        }
        let apps = try await AppsRepository(["a/bomb.yaml": bomb, "a/good.yaml": configMap("good")])
        let rendering = try await apps.render("a")
        #expect(rendering.names == ["ConfigMap/good"])
        #expect(rendering.problems.map(\.origin?.file) == ["a/bomb.yaml"])
    }

    @Test("Links are followed to files inside the repository, and refused out of it")
    func links() async throws {
        let apps = try await AppsRepository([
            "shared/cm.yaml": configMap("shared"), "a/x.yaml": configMap("x"),
        ])
        try await apps.commit(links: ["a/shared.yaml": "../shared/cm.yaml"])
        var rendering = try await apps.render("a")
        #expect(rendering.messages == [])
        #expect(Set(rendering.names) == ["ConfigMap/x", "ConfigMap/shared"])
        // What the link leads to is an input, too.
        try await apps.commit(["shared/cm.yaml": configMap("changed")])
        rendering = try await apps.render("a")
        #expect(Set(rendering.names) == ["ConfigMap/x", "ConfigMap/changed"])

        try await apps.commit(links: [
            "a/passwd.yaml": "/etc/passwd", "a/up.yaml": "../../x", "a/loop.yaml": "loop.yaml",
            "a/dir": "../shared",
            "a/gone.yaml": "nowhere",
        ])
        rendering = try await apps.render("a")
        let files = Set(rendering.problems.compactMap { $0.origin?.file })
        #expect(files == ["a/passwd.yaml", "a/up.yaml", "a/loop.yaml", "a/dir", "a/gone.yaml"])
        #expect(rendering.problems.allSatisfy { $0.code == .unreadable })
    }

    @Test("Names with odd characters are read")
    func oddNames() async throws {
        let names = ["æøå 日本.yaml", "quote'\".yaml", "new\nline.yaml", "-dash.yaml", "$(x);.yaml"]
        var files: [String: String?] = [:]
        for (index, name) in names.enumerated() { files["a b/\(name)"] = configMap("n\(index)") }
        let apps = try await AppsRepository(files)
        let rendering = try await apps.render("a b")
        #expect(rendering.messages == [])
        #expect(rendering.manifests.count == names.count)
    }

    @Test("A file that is too large is a problem of its own")
    func tooLarge() async throws {
        let apps = try await AppsRepository([
            "a/large.yaml": configMap("large", String(repeating: "x", count: 33 << 20)),
            "a/small.yaml": configMap("small"),
        ])
        let rendering = try await apps.render("a")
        #expect(rendering.names == ["ConfigMap/small"])
        #expect(rendering.problems.map(\.code) == [.tooLarge])
        #expect(rendering.problems.first?.origin?.file == "a/large.yaml")
    }

    @Test("A submodule is not passed over in silence")
    func submodule() async throws {
        let apps = try await AppsRepository(["a/x.yaml": configMap("x")])
        let other = try await AppsRepository(["m.yaml": configMap("m")])
        try await apps.git(["submodule", "--quiet", "add", other.work, "a/module"])
        try await apps.commit()
        let rendering = try await apps.render("a")
        #expect(rendering.problems.map(\.origin?.file) == ["a/module"])
    }
}
