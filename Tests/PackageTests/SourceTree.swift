import Foundation

/// The sources of the package, as text.
struct SourceTree {
    struct File {
        /// From the root: `Sources/KubeModel/Values/JSON.swift`.
        var path: String
        var text: String

        var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
        var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

        /// The modules that the file imports, whatever the access level.
        var imports: [String] {
            text.matches(
                of:
                    /(?m)^(?:@\w+(?:\([^)]*\))?\s+)?(?:(?:public|package|internal|private|fileprivate)\s+)?import\s+(?:(?:struct|class|enum|protocol|func|typealias|var|let)\s+)?(\w+)/
            )
            .map { String($0.1) }
        }

        /// The lines of code, without what is in comments and in texts.
        var code: [(number: Int, text: String)] {
            var isText = false
            return lines.enumerated().compactMap { index, line in
                let quotes = line.ranges(of: "\"\"\"").count
                defer { if quotes % 2 == 1 { isText.toggle() } }
                if isText { return nil }
                let plain = line.replacing(/"(?:[^"\\]|\\.)*"/, with: "")
                let end = plain.range(of: "//")?.lowerBound ?? plain.endIndex
                return (index + 1, String(plain[..<end]))
            }
        }
    }

    var files: [File]

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// All Swift files below directories of the package.
    static func read(_ directories: String...) throws -> SourceTree {
        var files: [File] = []
        for directory in directories {
            let paths = try FileManager.default.subpathsOfDirectory(
                atPath: root.appending(path: directory).path
            )
            for path in paths.sorted() where path.hasSuffix(".swift") {
                let url = root.appending(path: "\(directory)/\(path)")
                files.append(
                    File(path: "\(directory)/\(path)", text: try String(contentsOf: url, encoding: .utf8))
                )
            }
        }
        return SourceTree(files: files)
    }
}

extension SourceTree {
    init(_ path: String, _ text: String) { files = [File(path: path, text: text)] }
}
