/// A branch, tag or commit as a person names it.
struct ReferenceName: Sendable {
    /// What it can mean, best first, in names that only mean one thing.
    let candidates: [String]

    /// - Throws: ``GitError`` `noSuchBranch` for what Git would not take as a name, so that no name means more than a name.
    init(_ text: String) throws(GitError) {
        guard !text.isEmpty, text != "HEAD" else {
            candidates = ["HEAD"]
            return
        }
        guard Self.isValid(text) else {
            throw GitError(code: .noSuchBranch, message: "'\(text)' is not the name of a branch.")
        }
        if text.hasPrefix("refs/") {
            candidates = [text]
            return
        }
        var candidates = ["refs/heads/" + text, "refs/tags/" + text]
        if (7...64).contains(text.utf8.count), text.utf8.allSatisfy(ObjectID.isDigit) {
            candidates.append(text)
        }
        self.candidates = candidates
    }

    /// The rules of git-check-ref-format.
    private static func isValid(_ text: String) -> Bool {
        let forbidden = Set(" ~^:?*[\\\u{7f}".utf8)
        guard !text.utf8.contains(where: { $0 < 32 || forbidden.contains($0) }) else { return false }
        guard !text.contains(".."), !text.contains("@{"), !text.contains("//") else { return false }
        guard !text.hasPrefix("-"), !text.hasPrefix("/"), !text.hasSuffix("/"), !text.hasSuffix(".") else {
            return false
        }
        return text.split(separator: "/").allSatisfy { !$0.hasPrefix(".") && !$0.hasSuffix(".lock") }
    }
}
