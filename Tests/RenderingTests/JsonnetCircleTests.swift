@testable import Rendering
import Testing

@Suite(.enabled(if: AppsRepository.hasJsonnet, "jsonnet was not found"))
struct JsonnetCircleTests {
    @Test(
        "A circle of imports is told as one, with the files in it",
        arguments: [
            (
                [
                    "env/shop/m.jsonnet": "import '../../lib/a.libsonnet'",
                    "lib/b.libsonnet": "import 'a.libsonnet'",
                ],
                "import 'b.libsonnet'", "lib/a.libsonnet → lib/b.libsonnet → lib/a.libsonnet"
            ),
            (
                ["env/shop/m.jsonnet": "(import 'a.libsonnet')"], "import '../env/shop/m.jsonnet'",
                "env/shop/m.jsonnet → lib/a.libsonnet → env/shop/m.jsonnet"
            ),
            // Not the imports, but what is asked for through them goes in a circle.
            (
                [
                    "env/shop/m.jsonnet": "import 'a.libsonnet'",
                    "lib/b.libsonnet": "local a = import 'a.libsonnet'; { x: a.x }",
                ],
                "local c = import 'c.libsonnet', b = import 'b.libsonnet'; { x: b.x, y: c }",
                "lib/a.libsonnet → lib/b.libsonnet → lib/a.libsonnet"
            ),
            (
                ["env/shop/m.jsonnet": "import 'a.libsonnet'"], "import 'a.libsonnet'",
                "lib/a.libsonnet imports itself"
            ),
        ]
    )
    func circle(files: [String: String], library: String, words: String) async throws {
        var all: [String: String?] = files.mapValues { $0 }
        all["lib/a.libsonnet"] = library
        all["lib/c.libsonnet"] = "local a = import 'a.libsonnet'; { a: 1 }"
        let apps = try await AppsRepository(all)
        let message = try #require(try await apps.render("env/shop").messages.first)
        #expect(message.hasPrefix("env/shop/m.jsonnet: ") && message.contains(words), "\(message)")
        #expect(words.contains("itself") || message.contains("import one another in a circle"), "\(message)")
    }

    @Test("A circle of imports whose names grow with each round is told as one, too")
    func growing() async throws {
        let name = String(repeating: "x", count: 200)
        let apps = try await AppsRepository([
            "env/\(name)/m.jsonnet": "import '../../bases/a.libsonnet'",
            "bases/a.libsonnet": "import '../env/\(name)/m.jsonnet'",
        ])
        let message = try #require(try await apps.render("env/\(name)").messages.first)
        #expect(message.contains("env/\(name)/m.jsonnet → bases/a.libsonnet → env"), "\(message)")
        #expect(message.utf8.count < 1_500)
    }

    @Test("A circle by way of links to directories is told as one")
    func links() async throws {
        let apps = try await AppsRepository([
            "env/shop/m.jsonnet": "import 'short/a.libsonnet'",
            "vendor/example.org/long/a.libsonnet": "import 'short/b.libsonnet'",
            "vendor/example.org/long/b.libsonnet": "import 'a.libsonnet'",
        ])
        try await apps.commit(links: ["vendor/short": "example.org/long"])
        let message = try #require(try await apps.render("env/shop").messages.first)
        let way =
            "long/a.libsonnet → vendor/example.org/long/b.libsonnet → vendor/example.org/long/a.libsonnet"
        #expect(message.contains(way), "\(message)")
    }

    @Test(
        "A function without an end in files that import each other, as they may, is not told as a circle of imports"
    )
    func recursion() async throws {
        let apps = try await AppsRepository([
            "env/shop/m.jsonnet":
                "local b = import 'b.libsonnet'; local f(x) = f(x) + 1; { a:: 1, b: b.a, c: f(1) }",
            "env/shop/b.libsonnet": "local m = import 'm.jsonnet'; { a: m.a }",
        ])
        let message = try #require(try await apps.render("env/shop").messages.first)
        #expect(
            message == "env/shop/m.jsonnet: max stack frames exceeded. (env/shop/m.jsonnet, line 1)",
            "\(message)"
        )
    }
}
