import KubeModel
import Testing

@Suite("Selectors")
struct SelectorTests {
    @Test(
        "Label selectors match as Kubernetes' do",
        arguments: [
            ("", true), ("a=b", true), ("a==b", true), ("a=c", false), ("a!=c", true), ("none!=x", true),
            ("a in (b,c)", true),
            ("a in (c)", false), ("a notin (c)", true), ("none notin (c)", true), ("a", true), ("!a", false),
            ("!none", true),
            ("n>1", true), ("n<2", false), ("a=b,n>1,!x", true), ("e=", true), ("a in ()", false),
            ("example.com/x = y , a", true),
        ]
    )
    func labels(text: String, matches: Bool) throws {
        let labels = ["a": "b", "n": "2", "e": "", "example.com/x": "y"]
        #expect(try LabelSelector(parsing: text).matches(labels) == matches)
    }

    @Test(
        "What is no selector is refused",
        arguments: ["=a", "a=b=c", "a in b", "a,", "a b", "bad key!=x/y/z", "n>x", "a=b c"]
    )
    func badLabels(text: String) {
        #expect(throws: SelectorError.self) { try LabelSelector(parsing: text) }
    }

    @Test(
        "Refusals of selectors are worded as Kubernetes words them",
        arguments: [
            ("a in (", "unable to parse requirement: found '', expected: ',', ')' or identifier"),
            ("a in b", "unable to parse requirement: found 'b' expected: '('"),
            ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
            ("a=b c", "found 'c', expected: ',' or 'end of string'"),
            ("a,", "found '', expected: identifier after ','"),
            (")", "found ')', expected: !, identifier, or 'end of string'"),
            (
                "n>x",
                "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be "
                    + "an integer"
            ),
        ]
    )
    func refusals(text: String, message: String) {
        let error = #expect(throws: SelectorError.self) { try LabelSelector(parsing: text) }
        #expect(error?.message == message)
    }

    @Test("The selector of a spec has labels and expressions; none matches nothing")
    func specSelector() throws {
        let selector = try #require(
            LabelSelector(
                try Fixture.json(
                    "{matchLabels: {a: b}, matchExpressions: [{key: t, operator: In, values: [x, z]}, {key: q, operator: DoesNotExist}]}"
                )
            )
        )
        #expect(selector.matches(["a": "b", "t": "z"]))
        #expect(!selector.matches(["a": "b", "t": "z", "q": ""]))
        #expect(selector.description == "a=b,t in (x,z),!q")
        #expect(try LabelSelector(parsing: selector.description) == selector)
        #expect(LabelSelector(JSON?.none) == nil)
        #expect(LabelSelector([:])?.matches(["any": "thing"]) == true)
    }

    @Test("Field selectors compare values and know escapes")
    func fields() throws {
        let selector = try FieldSelector(parsing: #"metadata.name=a,status.phase!=Running,x=1\,2\=3"#)
        #expect(selector.exactValue(of: "metadata.name") == "a")
        #expect(selector.requirements.last?.value == "1,2=3")
        #expect(
            selector.matches { ["metadata.name": "a", "status.phase": "Failed", "x": "1,2=3"][$0] ?? "" }
        )
        #expect(
            !selector.matches { ["metadata.name": "a", "status.phase": "Running", "x": "1,2=3"][$0] ?? "" }
        )
        do {
            _ = try FieldSelector(parsing: "nonsense")
            Issue.record("no error")
        } catch { #expect(error.message == "invalid selector: 'nonsense'; can't understand 'nonsense'") }
    }

    @Test("Names are checked in Kubernetes' words")
    func names() {
        #expect(NameFormat.label.allows("my-name"))
        #expect(!NameFormat.label.allows("-a"))
        #expect(NameFormat.subdomain.allows("a.b-c.d"))
        #expect(!NameFormat.subdomain.allows("a..b"))
        #expect(NameFormat.qualifiedName.allows("example.com/My_Name.1"))
        #expect(NameFormat.qualifiedName.problems(of: "/x") == ["prefix part must be non-empty"])
        #expect(!NameFormat.label1035.allows("1a"))
        #expect(NameFormat.labelValue.allows(""))
        #expect(!NameFormat.labelValue.allows("a b"))
        #expect(
            NameFormat.label.problems(of: String(repeating: "a", count: 64)) == [
                "must be no more than 63 bytes"
            ]
        )
    }
}
