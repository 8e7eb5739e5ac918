import Testing

@testable import Rendering

@Suite struct JsonnetImportsTests {
    @Test(
        "Imports are found where they are code, and nowhere else",
        arguments: [
            ("import 'a'", ["a"]), ("import\n\t\"b\"", ["b"]),
            ("importstr 'c' + importbin @'d''e'", ["c", "d'e"]),
            ("# import 'x'\n// import 'x'\n/* import 'x' */ 1", []), ("'import \"x\"'", []),
            ("\"\\\"\" + import 'f'", ["f"]),
            ("|||\n  import 'x'\n||| + import 'g'", ["g"]), ("{ import_: 'x', important: 'y' }", []),
            ("import /* why */ 'h'", ["h"]), ("import 'a\\'b'", ["a'b"]), ("import 'open", ["open"]),
            ("@", []), ("||| ", []), ("1import 'i'", ["i"]),
            ("|||\n  |||\n  import 'x'\n||| + import 'j'", ["j"]),
            ("|||\n\n \ta\n\n \tb\n |||+import 'k'", ["k"]),
            ("/* open", []), ("import", []), ("'\\", []),
        ]
    )
    func scan(source: String, expected: [String]) {
        #expect(JsonnetImports.scan(Array(source.utf8)).imports.map(\.path) == expected)
    }

    @Test(
        "A path that jsonnet would read in another way than it is written is told apart",
        arguments: [
            ("import 'a/b'", true), (#"import "a\/b""#, true), (#"import "\u002fetc""#, false),
            (#"import 'a\n'"#, false), ("import 'a\nb'", false), ("import |||\n  a\n|||", false),
            ("import @'a\\u002f'", true),
        ]
    )
    func plain(source: String, isPlain: Bool) {
        #expect(JsonnetImports.scan(Array(source.utf8)).imports.map(\.isPlain) == [isPlain])
    }

    @Test("Imports know their line")
    func lines() {
        let source = "// one\nlocal a = import 'a';\n|||\n  x\n||| + importstr 'b'"
        #expect(JsonnetImports.scan(Array(source.utf8)).imports.map(\.line) == [2, 5])
    }

    @Test("Use of external variables is noticed")
    func variables() {
        #expect(JsonnetImports.scan(Array("std.extVar('cluster')".utf8)).usesVariables)
        #expect(!JsonnetImports.scan(Array("'extVar'".utf8)).usesVariables)
    }
}

@Suite struct RepositoryPathTests {
    @Test("Relative paths are resolved inside the repository and nowhere else")
    func resolve() {
        #expect(RepositoryPath.resolve("../../x", from: "a/b") == "x")
        #expect(RepositoryPath.resolve("./c/", from: "a/b") == "a/b/c")
        #expect(RepositoryPath.resolve("../..", from: "a/b") == "")
        #expect(RepositoryPath.resolve("../../..", from: "a/b") == nil)
        #expect(RepositoryPath.contains("a", "a/b") && !RepositoryPath.contains("a", "ab"))
        for name in ["..", "a/../b", ".git/config", "a/.GIT", "", "a//b"] {
            #expect(!RepositoryPath.isSafe(name))
        }
        #expect(RepositoryPath.isSafe("a/.github/..b"))
    }
}
