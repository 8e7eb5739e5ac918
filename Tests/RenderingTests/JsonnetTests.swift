import GitSource
import KubeModel
@testable import Rendering
import Testing

@Suite(.enabled(if: AppsRepository.hasJsonnet, "jsonnet was not found"))
struct JsonnetTests {
    @Test("Every .jsonnet file is evaluated, with imports from beside, above, vendor and lib")
    func imports() async throws {
        let object = #"{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: name } }"#
        let apps = try await AppsRepository([
            "argokit/jsonnet/argokit.libsonnet":
                "{ local map(name) = \(object), map:: map, more:: import 'more.libsonnet' }",
            "argokit/jsonnet/more.libsonnet": "{ map(name): \(object) }",
            "vendor/v.libsonnet": "function(name) \(object)", "lib/l.libsonnet": "function(name) \(object)",
            "env/dev/shop/app.jsonnet": """
            // import 'not/this' and neither "import 'that'"
            local argokit = import '../../../argokit/jsonnet/argokit.libsonnet';
            local v = import "v.libsonnet";
            local text = importstr 'data.txt';
            [argokit.map('a'), argokit.more.map('b'), v('c'), (import @'l.libsonnet')('d') + { data: { t: text } }]
            """,
            "env/dev/shop/data.txt": "import 'x'\n",
            "env/dev/shop/nested.jsonnet": """
            local m(name) = \(object);
            { web: { one: m('e'), list: [m('f')], none: null }, list: { apiVersion: 'v1', kind: 'List', items: [m('g')] } }
            """,
            "env/dev/shop/helper.libsonnet": "error 'never evaluated'",
            "unrelated": "1",
        ])
        let rendering = try await apps.render("env/dev/shop")
        #expect(rendering.tool == .jsonnet)
        #expect(rendering.messages == [])
        #expect(Set(rendering.manifests.map(\.object.name)) == ["a", "b", "c", "d", "e", "f", "g"])
        #expect(
            rendering.manifests.first { $0.object.name == "e" }?.origin.file == "env/dev/shop/nested.jsonnet"
        )
        let unrelated = try await apps.commit(["unrelated": "2"])
        #expect(try await apps.renderer.isCurrent(rendering, at: unrelated, in: apps.repository))
        let changed = try await apps.commit([
            "argokit/jsonnet/more.libsonnet": "{ map(name): error 'changed' }"
        ])
        #expect(try await !apps.renderer.isCurrent(rendering, at: changed, in: apps.repository))
        let broken = try await apps.render("env/dev/shop")
        #expect(broken.messages.count == 1 && broken.messages[0].contains("changed"))
        #expect(broken.problems[0].origin?.file == "env/dev/shop/app.jsonnet")
    }

    @Test("'../argokit' is also the library beside all environments, where nothing is nearer")
    func besideTheEnvironments() async throws {
        let apps = try await AppsRepository([
            "argokit/argokit.libsonnet":
                "function(name) (import './parts.libsonnet') { metadata: { name: name } }",
            "argokit/parts.libsonnet": "{ apiVersion: 'v1', kind: 'ConfigMap' }",
            "env/dev/shop/app.jsonnet": "(import '../argokit/argokit.libsonnet')('far')",
            "env/test/argokit/argokit.libsonnet":
                "function(name) { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'near' } }",
            "env/test/shop/app.jsonnet": "(import '../argokit/argokit.libsonnet')('far')",
            "env/dev/lost/app.jsonnet": "(import '../../argokit/nothing.libsonnet')('lost')",
        ])
        let far = try await apps.render("env/dev/shop")
        #expect(far.messages == [] && far.names == ["ConfigMap/far"])
        #expect(try await apps.render("env/test/shop").names == ["ConfigMap/near"])
        let lost = try await apps.render("env/dev/lost")
        #expect(lost.manifests.isEmpty && lost.messages.count == 1, "\(lost.messages)")
    }

    @Test(
        "An import that leads out of the repository is refused before jsonnet runs, whatever way it is written"
    )
    func confined() async throws {
        let away = String(repeating: "../", count: 40)
        let programs = [
            "importstr '/etc/hostname'", "importstr '\(away)etc/hostname'",
            "importstr '../../../etc/hostname'",
            #"importstr "\u002fetc/hostname""#, "importstr |||\n  /etc/hostname\n|||",
            "|||\n  |||\n  x\n||| + importstr '/etc/hostname'", "1 + (import '../lib/l.libsonnet')",
        ]
        var files = ["env/lib/l.libsonnet": "importbin '/etc/hostname'"]
        for (number, program) in programs.enumerated() { files["env/a\(number)/m.jsonnet"] = program }
        let apps = try await AppsRepository(files)
        for number in programs.indices {
            let rendering = try await apps.render("env/a\(number)")
            #expect(rendering.manifests.isEmpty)
            let problem = try #require(rendering.problems.first, "\(programs[number])")
            #expect(problem.code == .unreadable && problem.origin?.line != nil, "\(problem)")
        }
        // A library that has it does not help where another one comes first.
        try await apps.commit([
            "bases/y.libsonnet": "{y: 1}", "deep/x.json": "{}",
            "env/b/d/e/p.libsonnet": "import '../../../../x.json'",
            "env/b/varde.yaml": "jsonnet: {libs: [/bases, /deep/a/b/c/d]}",
            "env/b/m.jsonnet": "(import 'd/e/p.libsonnet') + import 'y.libsonnet'",
        ])
        let library = try await apps.render("env/b")
        #expect(
            library.manifests.isEmpty && library.problems.first?.code == .unreadable,
            "\(library.problems)"
        )
        #expect(try await apps.render("env/a6").problems[0].origin?.file == "env/lib/l.libsonnet")
    }

    @Test("A library that appears where it is looked for first makes the rendering old")
    func absence() async throws {
        let apps = try await AppsRepository([
            "a/x.jsonnet": "import 'l.libsonnet'",
            "l.libsonnet": "{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'root' } }",
        ])
        #expect(try await apps.render("a").names == ["ConfigMap/root"])
        try await apps.commit([
            "lib/l.libsonnet": "{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'lib' } }"
        ])
        #expect(try await apps.render("a").names == ["ConfigMap/lib"])
    }

    @Test("The cluster and the namespace are external variables, and part of the result's identity")
    func variables() async throws {
        let apps = try await AppsRepository([
            "a/x.jsonnet": """
            { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: std.extVar('cluster') + '-' + std.extVar('namespace') } }
            """
        ])
        #expect(try await apps.render("a", namespace: "n", cluster: "dev").names == ["ConfigMap/dev-n"])
        #expect(try await apps.render("a", namespace: "n", cluster: "prod").names == ["ConfigMap/prod-n"])
    }

    @Test(
        "Mistakes are told by file",
        arguments: [
            ("{", "x.jsonnet"), ("import 'nowhere'", "nowhere"), ("error 'no good'", "no good"),
            ("'text'", "a text"),
            ("{ a: { b: 3 } }", ".a.b is a number"), ("{ kind: 'X' }", "apiVersion"),
            ("import '../../../../../etc/hostname'", "etc/hostname"),
        ]
    )
    func mistakes(source: String, words: String) async throws {
        let apps = try await AppsRepository(["a/x.jsonnet": source])
        let rendering = try await apps.render("a")
        #expect(rendering.manifests.isEmpty)
        let message = try #require(rendering.messages.first)
        #expect(message.contains(words) && message.hasPrefix("a/x.jsonnet"), "\(message)")
        #expect(!message.contains(apps.root), "\(message)")
    }

    @Test("A program that never ends is ended, and does not hold the tools of others again at once")
    func endless() async throws {
        let apps = try await AppsRepository(["a/x.jsonnet": "local f(x) = f(x + 1) tailstrict; f(0)"])
        let sandbox = Sandbox(
            scratch: apps.scratch,
            directories: AppsRepository.tools,
            deadline: .milliseconds(300)
        )
        let renderer = Renderer(sandbox: sandbox)
        let request = try await apps.request("a")
        let slow = try await renderer.render(request)
        #expect(slow.manifests.isEmpty && slow.problems.map(\.code) == [.timedOut])
        #expect(try await !renderer.isCurrent(slow, at: request.commit, in: apps.repository))
        #expect(try await renderer.render(request).problems == slow.problems)
    }
}
