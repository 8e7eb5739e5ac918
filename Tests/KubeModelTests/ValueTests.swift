import KubeModel
import Testing

@Suite("Quantities")
struct QuantityTests {
    @Test(
        "The canonical form is the one Kubernetes stores",
        arguments: [
            ("0", "0"), ("100m", "100m"), ("1000m", "1"), ("1500m", "1500m"), ("0.5", "500m"),
            ("1.5", "1500m"), ("1024Mi", "1Gi"),
            ("1.5Gi", "1536Mi"), ("1024", "1024"), ("100000", "100k"), ("1e3", "1e3"), ("1E3", "1e3"),
            ("1000e0", "1e3"), ("1E", "1E"), ("500Ki", "500Ki"),
            ("0.5Ki", "512"), ("12.345678901", "12345678901n"), ("1n", "1n"), ("0.1n", "1n"), ("-1", "-1"),
            ("+1k", "1k"), ("1.", "1"), (".5", "500m"),
            ("123456789012345678901234567890", "9223372036854775807"), ("1u", "1u"), ("0Gi", "0"),
            ("10.00", "10"), ("1Mi", "1Mi"), ("1500Ki", "1500Ki"),
        ]
    )
    func canonical(text: String, expected: String) throws {
        #expect(try #require(Quantity(text)).text == expected)
    }

    @Test(
        "What is no quantity is refused",
        arguments: ["", "x", "1.2.3", "1kk", "1 Gi", "Gi", "--1", "1e", "1ee3", "0x1"]
    )
    func refused(text: String) { #expect(Quantity(text) == nil) }

    @Test("Quantities compare by value, whatever their form")
    func comparison() throws {
        #expect(Quantity("1") == Quantity("1000m"))
        #expect(Quantity("1Gi") == Quantity("1073741824"))
        #expect(try #require(Quantity("1Gi")) > #require(Quantity("1G")))
        #expect(Quantity(JSON.integer(2)) == Quantity("2"))
        #expect(Quantity(JSON.double(0.5)) == Quantity("500m"))
    }

    @Test("Sums keep the form of the first that is not zero; whole values round up")
    func arithmetic() throws {
        let sum = try #require(Quantity("512Mi")) + #require(Quantity("512Mi"))
        #expect(sum.text == "1Gi")
        #expect((Quantity.zero + sum).text == "1Gi")
        #expect(try (#require(Quantity("1")) - #require(Quantity("100m"))).text == "900m")
        #expect(Quantity("1001m")?.value == 2)
        #expect(Quantity("1.5")?.milliValue == 1500)
        #expect(Quantity(milli: 250).text == "250m")
    }
}

@Suite("Times and other small values")
struct SmallValueTests {
    @Test(
        "RFC 3339 is read with offsets and fractions, and written in UTC",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-11-22T18:30:00Z", 1_795_372_200),
            ("2000-02-29T12:00:00+02:00", 951_818_400),
            ("1969-12-31T23:59:59Z", -1), ("2026-11-22T18:30:00.123456Z", 1_795_372_200),
        ]
    )
    func timestamps(text: String, seconds: Int64) throws {
        let time = try #require(Timestamp(parsing: text))
        #expect(time.seconds == seconds)
        #expect(Timestamp(parsing: time.text)?.seconds == seconds)
    }

    @Test("Every day of four centuries survives a round trip")
    func calendar() {
        for day in stride(from: Int64(-50_000), to: 100_000, by: 1) {
            let time = Timestamp(seconds: day * 86_400 + 3_723)
            guard Timestamp(parsing: time.text) == time else {
                Issue.record("\(time.text)")
                return
            }
        }
    }

    @Test("MicroTime has six digits")
    func microTime() {
        #expect(Timestamp(parsing: "2020-01-01T00:00:00.5Z")?.microText == "2020-01-01T00:00:00.500000Z")
    }

    @Test(
        "What is no time is refused",
        arguments: [
            "yesterday", "2020-13-01T00:00:00Z", "2021-02-29T00:00:00Z", "2020-01-01", "2020-01-01T00:00:00",
            "2020-01-01T24:00:00Z",
        ]
    )
    func badTimes(text: String) { #expect(Timestamp(parsing: text) == nil) }

    @Test(
        "Ages are those of kubectl",
        arguments: [
            (0, "0s"), (119, "119s"), (120, "2m"), (125, "2m5s"), (600, "10m"), (10_800, "3h"),
            (10_860, "3h1m"), (28_800, "8h"), (172_800, "2d"),
            (180_000, "2d2h"), (691_200, "8d"), (63_072_000, "2y"), (66_000_000, "2y33d"), (-1, "0s"),
            (-5, "<invalid>"),
        ] as [(Int64, String)]
    )
    func ages(seconds: Int64, text: String) { #expect(HumanDuration.text(seconds: seconds) == text) }

    @Test("Percentages are scaled, up or down")
    func percentages() {
        #expect(IntOrString("25%")?.scaled(to: 10, rounding: .up) == 3)
        #expect(IntOrString("25%")?.scaled(to: 10, rounding: .down) == 2)
        #expect(IntOrString(JSON.integer(4))?.scaled(to: 10, rounding: .up) == 4)
        #expect(IntOrString("http")?.scaled(to: 10, rounding: .up) == nil)
    }

    @Test("Base 64 round trips, and what is none says where it stops")
    func base64() {
        for text in ["", "a", "ab", "abc", "abcd", "\u{0}ÿ"] {
            let bytes = Array(text.utf8)
            #expect(Base64.decoded(Base64.encoded(bytes).utf8) == bytes)
        }
        #expect(Base64.decode("not base64!".utf8) == .failure(.init(offset: 3)))
        #expect(Base64.decoded("YQ=".utf8) == nil)
    }

    @Test("Go's quoting and printing of values")
    func goText() {
        #expect(GoText.quoted("a\"b\n\u{1}é") == #""a\"b\n\x01é""#)
        #expect(GoText.value(["b": [1, "x", nil], "a": ["c": 1.5]]) == "map[a:map[c:1.5] b:[1 x <nil>]]")
    }
}

@Suite("Field sets")
struct FieldSetTests {
    private func set(_ yaml: String) throws -> FieldSet {
        try #require(FieldSet(fieldsV1: try Fixture.json(yaml)))
    }

    let spec =
        #"{f:spec: {".": {}, f:a: {}, f:list: {'k:{"name":"x"}': {".": {}, f:name: {}}, 'v:"s"': {}, "i:2": {}}}}"#

    @Test("fieldsV1 survives a round trip")
    func roundTrip() throws {
        let json = try Fixture.json(spec)
        #expect(FieldSet(fieldsV1: json)?.fieldsV1 == json)
        #expect(FieldSet(fieldsV1: ["x:bad": [:]]) == nil)
        #expect(FieldSet(fieldsV1: ["f:a": 1]) == nil)
    }

    @Test("Other spellings of keys are the same places")
    func spellings() throws {
        #expect(try set(#"{'k:{"b": 1, "a": "x"}': {}}"#) == set(#"{'k:{"a":"x","b":1}': {}}"#))
    }

    @Test("Places are printed as Kubernetes prints them")
    func paths() throws {
        #expect(
            try set(spec).paths.map(\.description) == [
                ".spec", ".spec.a", ".spec.list[2]", #".spec.list[name="x"]"#, #".spec.list[name="x"].name"#,
                #".spec.list[="s"]"#,
            ]
        )
    }

    @Test("Union, intersection and difference work place by place")
    func algebra() throws {
        let left = try set("{f:a: {'.': {}, f:b: {}}, f:c: {}}")
        let right = try set("{f:a: {f:b: {}, f:d: {}}, f:e: {}}")
        #expect(try left.union(right) == set("{f:a: {'.': {}, f:b: {}, f:d: {}}, f:c: {}, f:e: {}}"))
        #expect(try left.intersection(right) == set("{f:a: {f:b: {}}}"))
        #expect(try left.difference(right) == set("{f:a: {}, f:c: {}}"))
        #expect(left.difference(left).isEmpty)
        #expect(try left.recursiveDifference(set("{f:a: {}}")) == set("{f:c: {}}"))
        #expect(try left.filtered(to: set("{f:a: {}}")) == set("{f:a: {'.': {}, f:b: {}}}"))
        #expect(try left.leaves == set("{f:a: {f:b: {}}, f:c: {}}"))
        #expect(left.contains(FieldPath("a")) && !right.contains(FieldPath("a")))
    }
}
