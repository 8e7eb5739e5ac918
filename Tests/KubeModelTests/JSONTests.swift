import KubeModel
import Testing

@Suite("JSON")
struct JSONTests {
    @Test("An object's members are in the order of their keys, and the last of equal keys wins")
    func keysAreSorted() throws {
        let json = try JSON.parse(#"{"kind":"A","apiVersion":"v1","kind":"B"}"#)
        #expect(json.object?.keys == ["apiVersion", "kind"])
        #expect(json["kind"] == "B")
    }

    @Test("Duplicate keys are reported with their paths")
    func duplicates() throws {
        var found: [String] = []
        _ = try JSON.parse(
            Array(#"{"spec":{"ports":[{"a":1},{"port":1,"port":2}],"x":1,"x":2}}"#.utf8),
            duplicates: &found
        )
        #expect(found == ["spec.ports[1].port", "spec.x"])
    }

    @Test(
        "What is read is written in the compact form",
        arguments: [
            (#" { "a" : [ 1 , -2, true, false, null, "x" ] } "#, #"{"a":[1,-2,true,false,null,"x"]}"#),
            ("[]", "[]"), ("{}", "{}"), (#"{"a":{},"b":[]}"#, #"{"a":{},"b":[]}"#), (#""""#, #""""#),
            ("1.50", "1.5"), ("1e3", "1000"), ("3.0", "3"), ("1e21", "1e+21"), ("1e-7", "1e-7"),
            ("1e-6", "0.000001"),
            ("-0.25", "-0.25"), ("123456789.125", "123456789.125"), ("1e20", "100000000000000000000"),
            ("9007199254740993", "9007199254740993"), ("9223372036854775807", "9223372036854775807"),
            ("9223372036854775808", "9223372036854775808"), ("-9223372036854775808", "-9223372036854775808"),
            ("123456789012345678901234567890", "123456789012345678901234567890"), ("1e400", "1e400"),
            (#""<&>\u2028\u2029é\u0001\t\"\\\/""#, #""\u003c\u0026\u003e\u2028\u2029é\u0001\t\"\\/""#),
            (#""\ud83d\ude00 \ud800x \udc00""#, "\"😀 \u{FFFD}x \u{FFFD}\""),
            (#""\b\f\n\r""#, #""\b\f\n\r""#),
        ]
    )
    func roundTrip(input: String, output: String) throws {
        #expect(try JSON.parse(input).text == output)
    }

    @Test(
        "What is no JSON is refused in the words of Go's decoder",
        arguments: [
            ("", "unexpected end of JSON input"), ("{", "unexpected end of JSON input"),
            ("[1,]", "invalid character ']' looking for beginning of value"),
            ("{\"a\" 1}", "invalid character '1' after object key"),
            ("{\"a\":1 2}", "invalid character '2' after object key:value pair"),
            ("{a:1}", "invalid character 'a' looking for beginning of object key string"),
            ("[1 2]", "invalid character '2' after array element"),
            ("1 2", "invalid character '2' after top-level value"),
            ("trux", "invalid character 'x' in literal true (expecting 'e')"),
            ("\"a\nb\"", "invalid character '\\n' in string literal"),
            ("\"\\x\"", "invalid character 'x' in string escape code"),
            ("\"\\u12g4\"", "invalid character 'g' in \\u hexadecimal character escape"),
            ("-x", "invalid character 'x' in numeric literal"),
            ("01", "invalid character '1' after top-level value"),
            ("1.x", "invalid character 'x' after decimal point in numeric literal"),
            ("1e", "unexpected end of JSON input"),
        ]
    )
    func errors(input: String, message: String) {
        #expect(throws: SyntaxError.self) { try JSON.parse(input) }
        do { _ = try JSON.parse(input) } catch { #expect(error.message == message) }
    }

    @Test("An error says where it is")
    func place() {
        do {
            _ = try JSON.parse("{\n  \"a\": x\n}")
            Issue.record("no error")
        } catch { #expect((error.line, error.column) == (2, 8)) }
    }

    @Test("Each byte that is no UTF-8 becomes one replacement character")
    func invalidUTF8() throws {
        let bytes: [UInt8] = Array(#"["a"#.utf8) + [0xFF, 0xE2, 0x82] + Array(#"b"]"#.utf8)
        #expect(try JSON.parse(bytes) == ["a\u{FFFD}\u{FFFD}\u{FFFD}b"])
    }

    @Test("Nesting up to the limit is read and written, one level more is refused")
    func depth() throws {
        func nest(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(try JSON.parse(nest(2_000)).text == nest(2_000))
        do {
            _ = try JSON.parse(nest(2_001))
            Issue.record("no error")
        } catch { #expect(error.message == "invalid character '[' exceeded max depth") }
    }

    @Test("Integers and floating point numbers stay apart")
    func numbers() throws {
        #expect(try JSON.parse("1") == .integer(1))
        #expect(try JSON.parse("1.0") == .double(1))
        #expect(try JSON.parse("1e0", limits: .init(numbers: .kept)) == .number("1e0"))
    }

    @Test("Texts are equal when their bytes are")
    func byteEquality() {
        #expect(JSON.string("\u{E9}") != JSON.string("e\u{301}"))
        #expect(JSON.string("\u{212B}") != JSON.string("A\u{30A}"))
        #expect(JSON.string("\u{E9}") == JSON.string("\u{E9}"))
    }

    @Test("Many keys in any order are sorted")
    func manyKeys() throws {
        let keys = (0..<500).map { "key-\(($0 * 7919) % 500)-with-a-long-name" }
        let json = try JSON.parse("{" + keys.map { "\"\($0)\":1" }.joined(separator: ",") + "}")
        #expect(json.object?.keys == keys.sorted())
    }

    @Test("The indented form is that of kubectl")
    func indented() {
        let json: JSON = ["a": [1, ["b": [:], "c": []]]]
        let text = String(decoding: json.encoded(indent: 4), as: UTF8.self)
        #expect(
            text == """
                {
                    "a": [
                        1,
                        {
                            "b": {},
                            "c": []
                        }
                    ]
                }
                """
        )
    }
}
