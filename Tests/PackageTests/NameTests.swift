import Testing

/// Names that say nothing, and files that say too much.
struct HouseStyle {
    static let emptyWords = [
        "Manager", "Helper", "Helpers", "Util", "Utils", "Utilities", "Impl", "Base", "Common", "Core",
        "Misc",
    ]
    static let longestFile = 400
    /// Tables of cases may be longer.
    static let longestTestFile = 600
    /// Files that were questioned and may stay for now, with the reason.
    static let questioned: [String: String] = [:]
    /// Words of the trade that only look like one of those.
    static let exceptions: Set<String> = [
        "Sources/KubeModel/Fields/ManagedFields.swift: Manager"  // Kubernetes' field manager
    ]

    static func namesWithoutMeaning(in tree: SourceTree) -> [String] {
        let declaration = /\b(?:class|struct|enum|protocol|actor|typealias)\s+([A-Z]\w*)/
        return tree.files.flatMap { file in
            let name = file.path.split(separator: "/").last.map { String($0.split(separator: ".")[0]) } ?? ""
            let inPath = ([file.target] + name.split(separator: "+").map(String.init)).filter(isEmpty)
            let declared = file.code.flatMap { line in line.text.matches(of: declaration).map { String($0.1) }
            }.filter(isEmpty)
            return (inPath + declared).map { "\(file.path): \($0)" }.filter { !exceptions.contains($0) }
        }
    }

    private static func isEmpty(_ name: String) -> Bool {
        emptyWords.contains { word in
            name == word || name.hasSuffix(word) && name.dropLast(word.count).last?.isLowercase == true
        }
    }

    static func tooLong(in tree: SourceTree) -> [String] {
        tree.files.filter { file in
            let limit = file.path.hasPrefix("Tests/") ? longestTestFile : longestFile
            return file.lines.count > limit && questioned[file.path] == nil
        }.map { "\($0.path) has \($0.lines.count) lines" }
    }

    /// What the compiler is told not to check, without a comment near it.
    static func unchecked(in tree: SourceTree) -> [String] {
        tree.files.flatMap { file in
            file.code.filter {
                $0.text.contains("@unchecked Sendable") || $0.text.contains("nonisolated(unsafe)")
            }
            .filter { line in
                let above = file.lines[max(0, line.number - 6)..<line.number]
                return !above.contains { $0.contains("//") }
            }
            .map { "\(file.path):\($0.number) does not say why this is safe" }
        }
    }
}

@Suite("House style")
struct NameTests {
    @Test("No name ends in a word that says nothing")
    func names() throws {
        let found = HouseStyle.namesWithoutMeaning(in: try SourceTree.read("Sources", "Tests"))
        #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
    }

    @Test("No file is longer than a reader's patience")
    func sizes() throws {
        let found = HouseStyle.tooLong(in: try SourceTree.read("Sources", "Tests"))
        #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
    }

    @Test("What the compiler is told not to check says beside it why that is safe")
    func uncheckedSendable() throws {
        let found = HouseStyle.unchecked(in: try SourceTree.read("Sources"))
        #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
    }

    @Test(
        "The checkers notice what they look for",
        arguments: [
            "final class TokenManager {}", "struct Utils {}", "enum StringHelpers {}",
            "protocol StoreBase {}",
        ]
    )
    func checkerFails(text: String) {
        #expect(HouseStyle.namesWithoutMeaning(in: SourceTree("Sources/Fleet/Tokens.swift", text)).count == 1)
        #expect(
            HouseStyle.namesWithoutMeaning(in: SourceTree("Sources/Fleet/TokenUtil.swift", "")).count == 1
        )
        let long = String(repeating: "\n", count: HouseStyle.longestFile + 1)
        #expect(HouseStyle.tooLong(in: SourceTree("Sources/Fleet/Tokens.swift", long)).count == 1)
        #expect(
            HouseStyle.unchecked(in: SourceTree("A.swift", "final class A: @unchecked Sendable {}")).count
                == 1
        )
    }

    @Test(
        "The checkers accept words of the trade",
        arguments: ["struct Database {}", "enum FieldManagers {}", "struct KubeConfig {}"]
    )
    func checkerPasses(text: String) {
        #expect(HouseStyle.namesWithoutMeaning(in: SourceTree("Sources/Fleet/Tokens.swift", text)).isEmpty)
    }
}
