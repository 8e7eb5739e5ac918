import Testing

@testable import GitSource

@Suite struct BatchFramerTests {
    private static let id = String(repeating: "a", count: 40)
    private static let stream =
        "\(id) blob 5\nhello\n\(id) blob 0\n\nrefs/heads/x missing\n\(id) blob 11\n12345678901\n\(id) tree 1\n\n\n"
    private static let expected: [BatchObject] = [
        .found(ObjectID(id), .blob, Array("hello".utf8)), .found(ObjectID(id), .blob, []), .missing,
        .tooLarge(ObjectID(id), size: 11), .found(ObjectID(id), .tree, Array("\n".utf8)),
    ]

    @Test("Objects come out the same however the bytes are cut", arguments: 1...40)
    func chunks(size: Int) throws {
        var framer = BatchFramer(sizeLimit: 10)
        var objects: [BatchObject] = []
        var rest = Array(Self.stream.utf8)[...]
        while !rest.isEmpty {
            try Array(rest.prefix(size)).withUnsafeBytes { bytes in
                try framer.feed(bytes) { objects.append($0) }
            }
            rest = rest.dropFirst(size)
        }
        #expect(objects == Self.expected)
    }

    @Test(
        "What git does not say is refused",
        arguments: ["nonsense\n", "\(id) blob x\n", "\(id) blob 1\nab"]
    )
    func malformed(text: String) {
        var framer = BatchFramer(sizeLimit: 10)
        #expect(throws: BatchFramer.Malformed.self) {
            try Array(text.utf8).withUnsafeBytes { bytes in try framer.feed(bytes) { _ in } }
        }
    }

    @Test("Trees that are cut off are refused")
    func malformedTrees() {
        let entry = Array("100644 name\0".utf8) + Array(repeating: 7, count: 20)
        #expect(Tree(entry, idLength: 20)?.entries.map(\.path) == ["name"])
        for count in 1..<entry.count { #expect(Tree(Array(entry.prefix(count)), idLength: 20) == nil) }
    }
}
