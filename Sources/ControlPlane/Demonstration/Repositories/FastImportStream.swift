/// The stream that makes `git fast-import` write a repository.
///
/// The same commits give the same bytes, and so the same commit ids.
struct FastImportStream {
    /// 2 November 2026, 08:00 UTC.
    private static let firstDay = 1_793_606_400

    let text: String

    init(_ repository: DemonstrationRepository) {
        var text = ""
        for (index, commit) in repository.commits.enumerated() {
            let time = Self.firstDay + commit.day * 86_400 + (index * 2_477) % 28_000
            let person = "\(commit.author.name) <\(commit.author.email)> \(time) +0100"
            text += "commit refs/heads/main\nauthor \(person)\ncommitter \(person)\n"
            text += Self.data(commit.message + "\n")
            for path in commit.removed.sorted() { text += "D \(path)\n" }
            for (path, content) in commit.files.sorted(by: { $0.key < $1.key }) {
                text += "M 100644 inline \(path)\n" + Self.data(content)
            }
            text += "\n"
        }
        self.text = text + "done\n"
    }

    private static func data(_ content: String) -> String { "data \(content.utf8.count)\n\(content)\n" }
}
