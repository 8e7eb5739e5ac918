import KubeModel

/// A plan as a comment on a pull request.
struct PlanMarkdown {
    private let plan: JSON
    private let link: String

    /// GitHub takes 65,536 characters.
    private static let limit = 60_000

    init(_ plan: JSON, link: String) {
        self.plan = plan
        self.link = link
    }

    var text: String {
        let sign =
            switch plan["outcome"]?.string {
            case "nothing": "✅"
            case "changes": "📝"
            default: "⛔"
            }
        var text = "### \(sign) Plan: \(Self.plain(PlanWords.summary(plan)))\n\n"
        if plan["merged"]?.bool == true {
            text += "The branch has moved on since this one began: this is the plan of the merge.\n\n"
        }
        let applications = plan["applications"]?.array ?? []
        if !applications.isEmpty { text += table(applications) }
        var left = 0
        for application in applications {
            let part = section(application)
            if text.utf8.count + part.utf8.count > Self.limit { left += 1 } else { text += part }
        }
        if left > 0 { text += "\n…and the details of \(left) more: see the whole plan.\n" }
        let place = link.isEmpty ? "" : "[The whole plan](\(link)) · "
        return text + "\n\(place)A plan: no cluster has been changed.\n"
    }

    private func table(_ applications: [JSON]) -> String {
        var text = "| application | create | change | delete | held | refused |\n|---|--:|--:|--:|--:|--:|\n"
        for application in applications.prefix(100) {
            let objects = application["objects"]?.array ?? []
            func count(_ action: String) -> String {
                let count = objects.count { $0["action"]?.string == action }
                return count == 0 ? "" : String(count)
            }
            let failures = objects.count {
                $0["failure"]?.isNull == false || $0["action"]?.string == "refuse"
            }
            let errors = (application["findings"]?.array ?? []).count { $0["severity"]?.string == "error" }
            let refused = failures + errors
            let presence = PlanWords.presence(application).map { " (\($0))" } ?? ""
            let cells = [
                Self.code(application["id"]?.string ?? "") + presence, count("create"), count("update"),
                count("delete"),
                count("hold"), refused == 0 ? "" : "⛔ \(refused)",
            ]
            text += "| " + cells.joined(separator: " | ") + " |\n"
        }
        return text + "\n"
    }

    private func section(_ application: JSON) -> String {
        var lines: [String] = []
        for finding in application["findings"]?.array ?? [] {
            let sign = finding["severity"]?.string == "error" ? "⛔" : "⚠️"
            let place = finding["origin"]?.string.map { " — \(Self.code($0))" } ?? ""
            lines.append("- \(sign) \(Self.plain(PlanWords.line(finding["message"])))\(place)")
        }
        for note in application["notes"]?.array ?? [] { lines.append("- \(Self.plain(note.string ?? ""))") }
        for object in application["objects"]?.array ?? [] {
            let action = object["action"]?.string ?? ""
            lines.append(
                "- **\(action)** \(Self.code(object["object"]?.string ?? "")) "
                    + Self.plain(object["reason"]?.string ?? "")
            )
            if let failure = object["failure"]?.string {
                lines.append("  - ⛔ refused by the cluster: \(Self.plain(PlanWords.line(.string(failure))))")
            }
            for field in (object["fields"]?.array ?? []).prefix(30) {
                let live = field["live"].map { Self.code(PlanWords.value($0)) } ?? "—"
                let desired = field["desired"].map { Self.code(PlanWords.value($0)) } ?? "—"
                let owner = field["manager"]?.string.map { " (set by \(Self.code($0)))" } ?? ""
                lines.append("  - \(Self.code(field["path"]?.string ?? "")): \(live) → \(desired)\(owner)")
            }
        }
        guard !lines.isEmpty else { return "" }
        let title = Self.plain(application["id"]?.string ?? "")
        return "<details><summary>\(title)</summary>\n\n" + lines.joined(separator: "\n") + "\n\n</details>\n"
    }

    /// Text in which nothing is markup, nor a mention of somebody.
    private static func plain(_ text: String) -> String {
        var result = ""
        for character in Shown.line(text) {
            switch character {
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "&": result += "&amp;"
            case "*", "_", "`", "[", "]", "|", "\\", "~", "#": result += "\\\(character)"
            case "@": result += "@\u{200B}"
            default: result.append(character)
            }
        }
        return result
    }

    /// A code span, whatever is in it.
    private static func code(_ text: String) -> String {
        let line = Shown.line(text).replacing("|", with: "\\|")
        guard line.contains("`") else { return line.isEmpty ? "``\u{200B}``" : "`\(line)`" }
        var longest = 0
        var run = 0
        for character in line {
            run = character == "`" ? run + 1 : 0
            longest = max(longest, run)
        }
        let fence = String(repeating: "`", count: longest + 1)
        return "\(fence) \(line) \(fence)"
    }
}
