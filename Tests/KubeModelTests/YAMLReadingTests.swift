import KubeModel
import Testing

@Suite("Reading YAML")
struct YAMLReadingTests {
    private func value(_ yaml: String) throws -> JSON? { try YAML.documents(Array(yaml.utf8)).first?.value }

    @Test(
        "Scalars have the types that Kubernetes' tools see",
        arguments: [
            ("yes", true), ("No", false), ("on", true), ("OFF", false), ("y", true), ("n", false),
            ("True", true),
            ("~", .null), ("Null", .null), ("", .null), ("nil", "nil"), ("truE", "truE"), ("'yes'", "yes"),
            ("\"1\"", "1"),
            ("12", 12), ("+12", 12), ("-7", -7), ("0777", 511), ("0o17", 15), ("0x1F", 31), ("0b101", 5),
            ("1_000", 1000),
            ("08", 8), ("1.5", 1.5), ("3.0", 3), ("1e3", 1000), (".5", 0.5), ("1.", 1), ("1e-7", 1e-7),
            ("9223372036854775808", 9_223_372_036_854_775_808.0), ("12:30", "12:30"), ("1.2.3", "1.2.3"),
            ("2001-01-01", "2001-01-01"), ("2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z"), ("0x", "0x"),
            ("1e", "1e"),
            ("!!str 12", "12"), ("!!binary aGk=", "hi"), ("!!float 3", 3), ("!custom 12", "12"),
            ("1Gi", "1Gi"), ("_1", "_1"),
        ] as [(String, JSON)]
    )
    func scalars(yaml: String, expected: JSON) throws {
        #expect(try value("a: \(yaml)")?["a"] == expected)
    }

    @Test("A byte order mark, as editors on Windows write it, is not content")
    func byteOrderMark() throws {
        #expect(try value("\u{FEFF}a: 1\n") == ["a": 1])
        #expect(try value("\u{FEFF}{\"a\": 1}") == ["a": 1])
        let wide = "a: \u{E6}\n".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        #expect(try YAML.documents([0xFF, 0xFE] + wide).first?.value == ["a": "\u{E6}"])
    }

    @Test("Keys become strings")
    func keys() throws {
        #expect(try value("1: a\n1.5: c\non: d\n") == ["1": "a", "1.5": "c", "true": "d"])
    }

    @Test("Merged keys win over keys in front of them and give way to keys behind them")
    func merge() throws {
        let yaml = """
            x: &x {a: 1, b: 2}
            y: &y {b: 3, c: 4}
            z:
              <<: [*x, *y]
              a: 9
            w: {b: 0, <<: *x}
            """
        #expect(try value(yaml)?["z"] == ["a": 9, "b": 2, "c": 4])
        #expect(try value(yaml)?["w"] == ["a": 1, "b": 2])
    }

    @Test("Documents know their place; empty ones are left out but counted")
    func documents() throws {
        let yaml = "# head\n---\na: 1\n---\n---\n# note\n\nb: 2\n...\n---\nnull\n"
        let documents = try YAML.documents(Array(yaml.utf8))
        #expect(documents.map(\.value) == [["a": 1], ["b": 2]])
        #expect(documents.map(\.line) == [3, 8])
        #expect(documents.map(\.index) == [1, 3])
    }

    @Test(
        "What cannot be read says where and why",
        arguments: [
            ("a: 1\na: 2\n", 2), ("a: [1\n", 2), ("a: .inf\n", 1), ("a: *nope\n", 1),
            ("a:\n  {{ x }}: 1\n", 2),
            ("? [a]\n: 1\n", 1), ("x: &x [*x]\n", 1), ("<<: 3\n", 1), ("a: 1\n\tb: 2\n", 2),
        ]
    )
    func errors(yaml: String, line: Int) {
        do {
            let documents = try YAML.documents(Array(yaml.utf8))
            Issue.record("no error, but \(documents)")
        } catch { #expect(error.line == line, "\(error)") }
    }

    @Test("Aliases cannot be used to blow up the memory")
    func aliases() {
        var yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1..<10 {
            yaml +=
                "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ","))]\n"
        }
        #expect(throws: SyntaxError.self) { try YAML.documents(Array(yaml.utf8)) }
    }

    @Test("JSON is read as JSON, with surrogate pairs")
    func json() throws {
        #expect(try value(#"{"a": "\ud83d\ude00", "b": 1e2}"#) == ["a": "😀", "b": 100.0])
        #expect(try value("{a: b}") == ["a": "b"])
    }

    @Test("Nesting beyond the limit is refused")
    func depth() {
        let yaml = String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000)
        #expect(throws: SyntaxError.self) { try YAML.documents(Array(yaml.utf8)) }
    }

    @Test("A server takes the last of repeated keys and tells the line of each")
    func repeatedKeys() throws {
        var repeated: [SyntaxError] = []
        let documents = try YAML.documents(Array("b: 0\na: 1\nb: 2\na: 3\n".utf8), repeated: &repeated)
        #expect(documents.map(\.value) == [["a": 3, "b": 2]])
        #expect(
            repeated.map { "\($0.line): \($0.message)" }
                == ["3: key \"b\" already set in map", "4: key \"a\" already set in map"]
        )
    }

    @Test("Errors also name the line that Kubernetes' tools name")
    func goMessages() {
        let error = #expect(throws: SyntaxError.self) { try YAML.documents(Array("a: b\n c: d".utf8)) }
        #expect(error?.goMessage == "line 2: mapping values are not allowed in this context")
    }
}
