import KubeModel
import Testing

@testable import KubeClient

@Suite("Framing of watches")
struct FramingTests {
    private func text(_ lines: [[UInt8]]) -> [String] { lines.map { String(decoding: $0, as: UTF8.self) } }

    @Test("Lines come out whole, however the bytes arrive", arguments: [1, 2, 3, 7, 100])
    func pieces(size: Int) throws {
        let bytes = Array("first\nsecond line\n\nthird\nrest".utf8)
        var framer = LineFramer()
        var lines: [[UInt8]] = []
        var start = 0
        while start < bytes.count {
            lines += try framer.append(bytes[start..<min(bytes.count, start + size)])
            start += size
        }
        #expect(text(lines) == ["first", "second line", "third"])
        #expect(framer.remainder == Array("rest".utf8))
    }

    @Test("A line longer than the limit is refused instead of kept")
    func limit() throws {
        var framer = LineFramer(limit: 8)
        #expect(throws: LineFramer.LineTooLong(limit: 8)) { _ = try framer.append(Array("123456789".utf8)) }
    }

    @Test("Each kind of event is read; what is none is not")
    func events() throws {
        func event(_ text: String) throws -> WatchEvent? { WatchEvent(try JSON.parse(text)) }
        let pod = KubeObject(apiVersion: "v1", kind: "Pod", name: "a")
        #expect(try event("{\"type\":\"ADDED\",\"object\":\(pod.json.text)}") == .added(pod))
        #expect(
            try event(
                #"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"7","annotations":{"k8s.io/initial-events-end":"true"}}}}"#
            ) == .bookmark(resourceVersion: "7", isInitialEnd: true)
        )
        let gone = try event(#"{"type":"ERROR","object":{"code":410,"reason":"Expired","message":"old"}}"#)
        #expect(gone == .error(StatusError(code: 410, reason: "Expired", message: "old")))
        #expect(try event(#"{"type":"NEW","object":{}}"#) == nil)
        #expect(try event("[]") == nil)
    }

    @Test(
        "Warnings are read out of their headers",
        arguments: [
            (#"299 - "unknown field \"spec.x\"""#, #"unknown field "spec.x""#), ("299 - \"a\" \"date\"", "a"),
            ("199 - \"a\"", nil), ("299 - a", nil),
        ] as [(String, String?)]
    )
    func warnings(header: String, text: String?) {
        #expect(WarningHeader.text(of: header) == text)
    }
}

@Suite("Versions in the lines of a watch")
struct EventLineTests {
    private func version(_ line: String) -> ObjectVersion? { ObjectVersion(eventLine: Array(line.utf8)) }

    private let ofBuiltIn =
        #"{"type":"ADDED","object":{"kind":"Secret","apiVersion":"v1","metadata":{"name":"a","namespace":"n","uid":"u-1","#
        + #""resourceVersion":"7","labels":{"uid":"x"}},"data":{}}}"#
    private let ofCustom =
        #"{"type":"MODIFIED","object":{"apiVersion":"e.com/v1","kind":"W","metadata":{"annotations":{"name":"\"}"},"name":"a","#
        + #""namespace":"n","ownerReferences":[{"name":"o","uid":"u-0"}],"resourceVersion":"7","uid":"u-1"}}}"#

    @Test("are found in whatever order a server writes members")
    func found() {
        let expected = ObjectVersion(
            name: ObjectName(namespace: "n", name: "a"),
            uid: "u-1",
            resourceVersion: "7"
        )
        #expect(version(ofBuiltIn) == expected)
        #expect(version(ofCustom) == expected)
    }

    @Test("are not looked for where the line has to be parsed")
    func parsed() {
        #expect(version(ofBuiltIn.replacing("ADDED", with: "DELETED")) == nil)
        #expect(version(ofBuiltIn.replacing("ADDED", with: "BOOKMARK")) == nil)
        #expect(version(ofBuiltIn.replacing(":", with: ": ")) == nil)
        #expect(version(ofBuiltIn.replacing(#""name":"a""#, with: #""name":"\u0061""#)) == nil)
        #expect(version(#"{"type":"ADDED","object":"text"}"#) == nil)
    }

    @Test("are never read from beyond a line that is cut off")
    func cutOff() {
        for line in [ofBuiltIn, ofCustom] {
            for end in line.indices { _ = version(String(line[..<end])) }
            // A cut within the metadata leaves nothing that is complete.
            #expect(version(String(line.prefix(60))) == nil)
        }
    }
}
