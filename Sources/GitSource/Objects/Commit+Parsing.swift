extension Commit {
    /// Reads a commit object; `nil` if it is malformed.
    init?(_ bytes: [UInt8], id: ObjectID) {
        let text = String(decoding: bytes, as: UTF8.self)
        let (head, message): (Substring, Substring) =
            text.firstRange(of: "\n\n").map { (text[..<$0.lowerBound], text[$0.upperBound...]) } ?? (
                text[...], ""
            )
        var tree: String?
        var author: (name: String, email: String) = ("", "")
        var time = 0
        var parents: [ObjectID] = []
        for line in head.split(separator: "\n") {
            if line.hasPrefix("tree "), tree == nil {
                tree = String(line.dropFirst(5))
            } else if line.hasPrefix("parent ") {
                parents.append(ObjectID(String(line.dropFirst(7))))
            } else if line.hasPrefix("author ") {
                let person = Self.person(line.dropFirst(7))
                author = (person.name, person.email)
            } else if line.hasPrefix("committer ") {
                time = Self.person(line.dropFirst(10)).time
            }
        }
        guard let tree else { return nil }
        let subject = message.drop(while: \.isNewline).prefix { !$0.isNewline }
        self.init(
            id: id,
            tree: ObjectID(tree),
            author: author.name,
            email: author.email,
            time: time,
            subject: String(subject),
            message: String(message)
        )
        self.parents = parents
    }

    /// `Name <address> 1700000000 +0100`.
    private static func person(_ text: Substring) -> (name: String, email: String, time: Int) {
        guard let open = text.firstIndex(of: "<"), let close = text.lastIndex(of: ">"), open < close else {
            return (String(text), "", 0)
        }
        let name = text[..<open].split(separator: " ").joined(separator: " ")
        let time = text[text.index(after: close)...].split(separator: " ").first.flatMap { Int($0) } ?? 0
        return (name, String(text[text.index(after: open)..<close]), time)
    }
}
