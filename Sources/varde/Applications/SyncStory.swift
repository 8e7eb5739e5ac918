import FoundationEssentials
import KubeModel

/// One sync, told step by step: what happened to each object, and when.
enum SyncStory {
    static func lines(_ sync: SyncView, of id: String, style: Style) -> [String] {
        var lines = [
            style.paint(
                "\(id): sync \(sync.number), \(sync.causeWords), \(sync.result): \(sync.changes)",
                .strong
            )
        ]
        let start = sync.startedAt
        var facts: [(String, String)] = [("Commit", ApplicationView.revision(sync.json["revision"]))]
        if let start { facts.append(("Started", "\(start.clock) UTC, \(start.age) ago")) }
        for (word, key) in [("Applied", "appliedAt"), ("Finished", "finishedAt")] {
            guard let time = Timestamp(sync.json[key]?.string) else { continue }
            facts.append((word, time.clock + " UTC" + (start.map { ", after \(after($0, time))" } ?? "")))
        }
        if let person = sync.json["person"]?.string, !person.isEmpty { facts.append(("By", person)) }
        if !sync.message.isEmpty { facts.append(("Message", sync.message)) }
        lines += facts.map {
            style.paint($0.0 + String(repeating: " ", count: 10 - $0.0.count), .faint) + $0.1
        }
        var table = TextTable("AFTER", "OBJECT", "ACTION", "STATE", "MESSAGE")
        let steps = sync.json["steps"]?.array ?? []
        for step in steps {
            var object = step["object"]?.string ?? ""
            for moment in step["trail"]?.array ?? [step] {
                let time = Timestamp(moment["since"]?.string)
                table.add(
                    .init(time.flatMap { time in start.map { after($0, time) } } ?? "-", tone: .faint),
                    .init(object),
                    .init(object.isEmpty ? "" : step["action"]?.string ?? ""),
                    StateWord(moment["state"]?.string ?? "").cell,
                    .init(moment["message"]?.string ?? "")
                )
                object = ""
            }
        }
        guard steps.isEmpty else { return lines + [""] + table.listing(style: style) }
        let isIdle = sync.changes == SyncView.nothing
        return lines + [
            "", isIdle ? "No object was changed." : "Its steps are with the replica that did it.",
        ]
    }

    /// `0.35s`, `12.0s`, `5m`.
    private static func after(_ start: Timestamp, _ time: Timestamp) -> String {
        let seconds = max(0, time.date.timeIntervalSince(start.date))
        guard seconds < 100 else { return Timestamp.words(seconds) }
        let hundredths = Int((seconds * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)s"
    }

    /// The sync of a number in a history.
    static func find(_ number: Int, in history: JSON?, of id: String) throws -> SyncView {
        let syncs = (history?.array ?? []).map(SyncView.init)
        guard let sync = syncs.first(where: { $0.number == number }) else {
            let known = syncs.map { "\($0.number)" }.joined(separator: ", ")
            throw CommandFailure(
                .refused,
                "\(id) has no sync \(number) among its last 20.",
                advice: known.isEmpty ? [] : ["There are \(known)."]
            )
        }
        return sync
    }
}
