import KubeModel
import Testing

@Suite("Writing YAML")
struct YAMLWritingTests {
    @Test("Block style, lists not indented, multi-line texts behind a bar")
    func layout() {
        let json: JSON = [
            "metadata": ["name": "a", "labels": [:], "creationTimestamp": "2020-01-01T00:00:00Z"],
            "list": [["x": 1, "y": [true, nil]], ["deep", ["deeper"]], "plain"],
            "data": ["script": "line 1\nline 2\n", "none": "a\nb", "many": "a\n\n", "ind": "  a\nb\n"],
            "empty": [], "no": "no", "ten": "10", "float": 1.5,
        ]
        #expect(
            YAML.text(of: json) == """
                data:
                  ind: |2
                      a
                    b
                  many: |+
                    a

                  none: |-
                    a
                    b
                  script: |
                    line 1
                    line 2
                empty: []
                float: 1.5
                list:
                - x: 1
                  "y":
                  - true
                  - null
                - - deep
                  - - deeper
                - plain
                metadata:
                  creationTimestamp: "2020-01-01T00:00:00Z"
                  labels: {}
                  name: a
                "no": "no"
                ten: "10"

                """
        )
    }

    @Test(
        "Strings have the quotes they need",
        arguments: [
            ("", #""""#), ("a b", "a b"), ("true", #""true""#), ("1.5", #""1.5""#), ("null", #""null""#),
            ("~", #""~""#),
            ("a: b", "'a: b'"), ("a:b", "a:b"), ("a #b", "'a #b'"), ("#a", "'#a'"), ("- a", "'- a'"),
            ("-a", "-a"),
            ("*x", "'*x'"), ("it's", "it's"), ("'x'", "'''x'''"), (" a", "' a'"), ("a ", "'a '"),
            ("tab\there", #""tab\there""#),
            ("a \nb", #""a \nb""#), ("é", "é"), ("😀", #""\U0001F600""#), ("\u{1}", #""\x01""#),
            ("12:30", #""12:30""#),
            ("2001-01-01", #""2001-01-01""#), ("{a}", "'{a}'"), ("a{b}", "a{b}"), ("@a", "'@a'"),
            ("a:", "'a:'"),
            ("=", "="), ("<<", #""<<""#), ("0x1F", #""0x1F""#), ("\"q\"", "'\"q\"'"), ("---", "'---'"),
            ("?", "'?'"),
        ]
    )
    func quotes(string: String, written: String) throws {
        #expect(YAML.text(of: .string(string)) == written + "\n")
        #expect(
            try YAML.documents(Array(YAML.text(of: ["k": .string(string)]).utf8)).first?.value["k"]?.string
                == string
        )
    }

    @Test("Keys are in natural order")
    func order() {
        let text = YAML.text(of: ["a10": 1, "a9": 1, "a_": 1, "aB": 1, "aa": 1, "a": 1, "a.b": 1, "a100": 1])
        #expect(
            text.split(separator: "\n").map { $0.dropLast(3) } == [
                "a", "a.b", "a_", "a9", "a10", "a100", "aB", "aa",
            ]
        )
    }
}
