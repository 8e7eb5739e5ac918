import KubeModel

/// An application as the API tells of it.
struct ApplicationView: Sendable, Hashable {
    let json: JSON

    init(_ json: JSON) { self.json = json }

    var id: String { json["id"]?.string ?? "" }
    var tenant: String { json["tenant"]?.string ?? "" }
    var cluster: String { json["cluster"]?.string ?? "" }
    var namespace: String { json["namespace"]?.string ?? "" }
    var sync: String { json["sync"]?.string ?? "Unknown" }
    var health: String { json["health"]?.string ?? "Unknown" }
    var message: String { json["message"]?.string ?? "" }
    var since: Timestamp? { Timestamp(json["since"]?.string) }
    var appliedCommit: String? { json.at("applied", "commit")?.string }
    var desiredCommit: String? { json.at("desired", "commit")?.string }
    var findings: [JSON] { json["findings"]?.array ?? [] }

    /// The message, after the place in the files that it is about where one is known.
    var sentence: String {
        let finding = findings.first { $0["message"]?.string == message }
        guard !message.isEmpty, let origin = finding?["origin"]?.string, !message.contains(origin) else {
            return message
        }
        return "\(origin): \(message)"
    }

    /// How many of its objects are healthy, as `3/4`.
    var objects: String {
        guard let total = json.at("counts", "total")?.int else { return "" }
        return "\(json.at("counts", "healthy")?.int ?? 0)/\(total)"
    }

    /// A commit as people read it: `1a2b3c4 Raise the number of replicas`.
    static func revision(_ json: JSON?) -> String {
        guard let json, let commit = json["commit"]?.string else { return "" }
        return "\(commit.prefix(7)) \(json["subject"]?.string ?? "")"
    }

    /// The state that says most: what is wrong with its sync, else its health.
    var state: StateWord {
        switch sync {
        case "Synced": StateWord(health)
        default: StateWord(sync)
        }
    }
}

/// An object of an application as the API tells of it.
struct ObjectView: Sendable, Hashable {
    let json: JSON

    init(_ json: JSON) { self.json = json }

    var id: String { json["id"]?.string ?? "" }
    var kind: String { json["kind"]?.string ?? "" }
    var name: String { json["name"]?.string ?? "" }
    var parent: String? { json["parent"]?.string }
    var sync: String? { json["sync"]?.string }
    var health: String { json["health"]?.string ?? "Unknown" }
    var message: String { json["message"]?.string ?? "" }
    var summary: String { json["summary"]?.string ?? "" }
    var since: Timestamp? { Timestamp(json["since"]?.string) }
    var createdAt: Timestamp? { Timestamp(json["createdAt"]?.string) }
    var isPod: Bool { kind == "Pod" && json["apiVersion"]?.string == "v1" }
}

/// A sync as the API tells of it.
struct SyncView: Sendable, Hashable {
    let json: JSON

    init(_ json: JSON) { self.json = json }

    var number: Int { json["number"]?.int ?? 0 }
    var cause: String { json["cause"]?.string ?? "" }
    /// With how often it was tried again: `commit, 3 retries`.
    var causeWords: String {
        let retries = json["retries"]?.int ?? 0
        return retries == 0 ? cause : "\(cause), \(retries) \(retries == 1 ? "retry" : "retries")"
    }
    var result: String { json["result"]?.string ?? "" }
    var message: String { json["message"]?.string ?? "" }
    var commit: String? { json.at("revision", "commit")?.string }
    var startedAt: Timestamp? { Timestamp(json["startedAt"]?.string) }
    var finishedAt: Timestamp? { Timestamp(json["finishedAt"]?.string) }

    static let nothing = "nothing changed"

    /// `2 created, 1 updated`, or `nothing changed`; `not all known` of one that was interrupted.
    var changes: String {
        let parts = [("created", "created"), ("updated", "updated"), ("deleted", "deleted")].compactMap {
            key,
            word in
            json[key]?.int.flatMap { $0 > 0 ? "\($0) \(word)" : nil }
        }
        // Of one that was cut off the last writes are not counted.
        if result == "interrupted" { return (parts + ["not all known"]).joined(separator: ", ") }
        return parts.isEmpty ? Self.nothing : parts.joined(separator: ", ")
    }

    var rows: [LiveTable.Row] { rows { _ in true } }

    /// Those of one action: `create`, `refuse`, `hold`.
    func steps(of action: String) -> [LiveTable.Row] { rows { $0["action"]?.string == action } }

    private func rows(where isWanted: (JSON) -> Bool) -> [LiveTable.Row] {
        (json["steps"]?.array ?? []).filter(isWanted).map { step in
            let state = step["state"]?.string ?? ""
            let action = step["action"]?.string ?? ""
            let message = step["message"]?.string ?? ""
            return LiveTable.Row(
                step["object"]?.string ?? "",
                state: StateWord(state),
                message: action.isEmpty || action == "none"
                    ? message : message.isEmpty ? action : "\(action): \(message)",
                since: Timestamp(step["since"]?.string)
            )
        }
    }
}
