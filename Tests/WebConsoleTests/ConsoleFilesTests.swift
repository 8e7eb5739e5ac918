import ConsoleAssets
import Foundation
import Testing

@testable import WebConsole

@Suite("The console's files")
struct ConsoleFilesTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Sources/ConsoleAssets/files").standardizedFileURL

    private static func files() throws -> [String: Data] {
        let found = FileManager.default.enumerator(
            at: folder,
            includingPropertiesForKeys: [.isRegularFileKey]
        )
        var files: [String: Data] = [:]
        for case let url as URL in try #require(found) where !url.hasDirectoryPath {
            files[String(url.standardizedFileURL.path.dropFirst(folder.path.count + 1))] = try Data(
                contentsOf: url
            )
        }
        return files
    }

    @Test("Every file is in the binary, as it is in the source tree")
    func embedsAll() throws {
        var embedded: Set<String> = []
        for entry in UnsafeBufferPointer(start: varde_console_assets_list(), count: varde_console_asset_count)
        {
            embedded.insert(String(cString: entry.path))
        }
        #expect(embedded == Set(try Self.files().keys))
    }

    @Test("All together they are sent in less than 120 KB")
    func staysSmall() throws {
        #expect(AssetLibrary().compressedSize < 120_000)
        #expect(try Self.files().values.map(\.count).reduce(0, +) < 320_000)
    }

    @Test("Both languages have words for the same things")
    func speaksBothLanguages() throws {
        let files = try Self.files()
        func names(_ language: String) throws -> [String] {
            let text = String(decoding: try #require(files["js/words/\(language).js"]), as: UTF8.self)
            // What is between quotes or backquotes is said; the names before colons are what it is said for.
            let bare = text.replacing(/"(?:[^"\\]|\\.)*"/, with: "").replacing(/`[^`]*`/, with: "")
            return bare.matches(of: /(?<name>\w+):/).map { String($0.name) }.sorted()
        }
        let (english, norwegian) = (try names("en"), try names("nb"))
        #expect(english.count > 300)
        #expect(Set(english).symmetricDifference(norwegian).isEmpty)
        #expect(english == norwegian)
    }

    @Test("No script writes HTML, evaluates text, or asks another host")
    func writesOnlyText() throws {
        let forbidden = [
            "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function",
            "http://", "https://",
            "importScripts",
        ]
        for (name, data) in try Self.files() where name.hasSuffix(".js") || name.hasSuffix(".html") {
            let text = String(decoding: data, as: UTF8.self)
                .replacing("http://www.w3.org/2000/svg", with: "")
            for word in forbidden { #expect(!text.contains(word), "\(name) has \(word)") }
        }
    }

    @Test("Every module that is imported is there")
    func resolvesImports() throws {
        let files = try Self.files()
        for (name, data) in files where name.hasSuffix(".js") {
            let text = String(decoding: data, as: UTF8.self)
            for match in text.matches(of: /(?m)^(?:import|export) .*?from "(?<path>[^"]+)";/) {
                let target = URL(filePath: "/\(name)").deletingLastPathComponent().appending(
                    path: String(match.path)
                ).standardized.path
                #expect(files[String(target.dropFirst())] != nil, "\(name) imports \(match.path)")
            }
        }
    }
}
