import Foundation
import Testing

@Suite("The corpus of the fuzzer")
struct CorpusTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fuzz/corpus")

    @Test("Nothing that the fuzzer has seen contradicts itself", arguments: FuzzTarget.allCases)
    func replays(target: FuzzTarget) throws {
        let folder = Self.folder.appending(path: target.rawValue)
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(!files.isEmpty)
        let schema = Fixture.schema("v1", "Pod")
        for file in files {
            let input = try Array(Data(contentsOf: file))
            #expect(throws: Never.self, "\(file.path)") { try target.run(input, schema: schema) }
        }
    }
}
