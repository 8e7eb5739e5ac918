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
