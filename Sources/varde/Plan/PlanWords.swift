import KubeModel

/// Words that a plan has in every form.
enum PlanWords {
    static func summary(_ plan: JSON) -> String {
        let counts = plan["counts"] ?? [:]
        func count(_ key: String) -> Int { counts[key]?.int ?? 0 }
        let words = [
            ("create", "to create"), ("update", "to change"), ("delete", "to delete"),
            ("hold", "held for approval"),
            ("refuse", "refused"), ("hook", "hooks"),
        ].compactMap { key, word in count(key) > 0 ? "\(count(key)) \(word)" : nil }
        let applications = plan["applications"]?.array ?? []
        func number(_ outcomes: String...) -> Int {
            applications.count { outcomes.contains($0["outcome"]?.string ?? "") }
        }
        let short = (plan.at("revision", "commit")?.string ?? "").prefix(7)
        let name = plan["reference"]?.string ?? ""
        // A commit that was made of uncommitted files is nobody's.
        let commit =
            name.hasSuffix("uncommitted changes") || name.hasPrefix(short)
            ? name
            : name.isEmpty || name == "HEAD" ? String(short) : "\(name) (\(short))"
        let unchanged = plan["unchanged"]?.int ?? 0
        let rest = unchanged > 0 ? " (\(unchanged) not touched)" : ""
        if plan["outcome"]?.string == "nothing" { return "\(commit): nothing to do\(rest)." }
        let refused = number("refused")
        let bad = refused > 0 ? ", \(refused) with refusals or errors" : ""
        let changed = number("changes", "refused")
        let place = "in \(changed) application\(changed == 1 ? "" : "s")"
        return
            "\(commit): \(words.isEmpty ? "no objects" : words.joined(separator: ", ")) \(place)\(bad)\(rest)."
    }

    static func presence(_ application: JSON) -> String? {
        switch application["presence"]?.string {
        case "new": "new"
        case "removed": "removed"
        case "moved": "moved to \(application["movedTo"]?.string ?? "elsewhere")"
        default: nil
        }
    }

    static func sign(_ action: String) -> String {
        switch action {
        case "create": "+"
        case "update": "~"
        case "delete": "-"
        case "hold": "?"
        case "refuse": "!"
        default: ">"
        }
    }

    /// On one line.
    static func line(_ text: JSON?) -> String {
        (text?.string ?? "").split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    /// A field's value on one line, and not too long a one.
    static func value(_ value: JSON) -> String {
        let text = value.string ?? String(decoding: value.encoded(), as: UTF8.self)
        let line = Shown.line(text)
        return line.count > 200 ? String(line.prefix(200)) + "…" : line
    }
}
