import KubeModel

/// A plan for a terminal.
struct PlanText {
    private let plan: JSON
    private let link: String
    private let style = Style(for: .standardOutput)

    init(_ plan: JSON, link: String) {
        self.plan = plan
        self.link = link
    }

    var lines: [String] {
        var lines: [String] = []
        for application in plan["applications"]?.array ?? [] { lines += self.lines(of: application) }
        let sentence = PlanWords.summary(plan)
        lines.append(style.paint(sentence, tone(plan["outcome"]?.string)))
        if plan["merged"]?.bool == true {
            lines.append(style.paint("The branch has moved on: this is the plan of the merge.", .faint))
        }
        if !link.isEmpty { lines.append(style.paint(link, .faint)) }
        return lines
    }

    private func lines(of application: JSON) -> [String] {
        let name = application["id"]?.string ?? ""
        let presence = PlanWords.presence(application).map { " (\($0))" } ?? ""
        var lines = [
            style.paint(name, .strong) + presence + "  "
                + style.paint(application["path"]?.string ?? "", .faint)
        ]
        for finding in application["findings"]?.array ?? [] {
            let isError = finding["severity"]?.string == "error"
            let place = finding["origin"]?.string.map { " — \($0)" } ?? ""
            lines.append(
                style.paint("  ! ", isError ? .bad : .warning) + PlanWords.line(finding["message"]) + place
            )
        }
        for note in application["notes"]?.array ?? [] {
            lines.append(style.paint("  · \(note.string ?? "")", .faint))
        }
        for object in application["objects"]?.array ?? [] { lines += self.lines(ofObject: object) }
        let objects = application["objects"]?.array ?? []
        let isMoved = application["presence"]?.string == "moved"
        if objects.isEmpty, !isMoved, application["findings"]?.array?.isEmpty ?? true {
            lines.append(style.paint("  nothing to do", .faint))
        }
        return lines + [""]
    }

    private func lines(ofObject object: JSON) -> [String] {
        let action = object["action"]?.string ?? ""
        var lines = [
            "  " + style.paint("\(PlanWords.sign(action)) \(action)", tone(ofAction: action)) + " "
                + (object["object"]?.string ?? "")
                + style.paint("  \(object["reason"]?.string ?? "")", .faint)
        ]
        if let failure = object["failure"]?.string {
            lines.append(
                "      " + style.paint("refused by the cluster: ", .bad) + PlanWords.line(.string(failure))
            )
        }
        for field in object["fields"]?.array ?? [] {
            let owner = field["manager"]?.string.map { " (set by \($0))" } ?? ""
            lines.append("      " + (field["path"]?.string ?? "") + style.paint(owner, .faint))
            if let live = field["live"] {
                lines.append(style.paint("        - \(PlanWords.value(live))", .bad))
            }
            if let desired = field["desired"] {
                lines.append(style.paint("        + \(PlanWords.value(desired))", .good))
            }
        }
        return lines
    }

    private func tone(_ outcome: String?) -> Style.Tone {
        switch outcome {
        case "nothing": .good
        case "changes": .busy
        default: .bad
        }
    }

    private func tone(ofAction action: String) -> Style.Tone {
        switch action {
        case "create": .good
        case "update", "hook": .busy
        case "delete", "refuse": .bad
        default: .warning
        }
    }
}
