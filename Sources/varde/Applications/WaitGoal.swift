/// What `varde wait` waits for.
struct WaitGoal: Sendable, Hashable, CustomStringConvertible {
    /// How far one of the applications is.
    struct Standing: Sendable {
        var row: LiveTable.Row
        var isReached: Bool
    }

    var isSynced: Bool
    var isHealthy: Bool
    /// The beginning of a commit id.
    var revision: String?

    var description: String {
        let states = [isSynced ? "synced" : nil, isHealthy ? "healthy" : nil].compactMap { $0 }.joined(
            separator: " and "
        )
        return "Waiting until \(states)" + (revision.map { " at \($0.prefix(7))" } ?? "")
    }

    /// Where each application stands; one that is not there (yet) is waited for.
    ///
    /// - Throws: ``CommandFailure`` for a name that can mean several applications.
    func check(_ references: [ApplicationReference], in list: ApplicationList) throws -> [Standing] {
        let ids = list.ids
        return try references.map { reference in
            switch reference.match(among: ids) {
            case .one(let id):
                guard let application = list[id] else { return absent(reference) }
                return standing(application)
            case .ambiguous: return standing(try reference.resolve(among: ids), in: list)
            case .none: return absent(reference)
            }
        }
    }

    private func standing(_ id: String, in list: ApplicationList) -> Standing {
        list[id].map { standing($0) } ?? absent(ApplicationReference(id))
    }

    private func standing(_ application: ApplicationView) -> Standing {
        let missing = self.missing(of: application)
        let state = missing == nil ? application.state : stateOfInterest(application)
        return Standing(
            row: .init(application.id, state: state, message: missing ?? "reached", since: application.since),
            isReached: missing == nil
        )
    }

    /// What keeps the goal from being reached; `nil` when it is.
    private func missing(of application: ApplicationView) -> String? {
        let why = application.sentence
        if let revision {
            let applied = application.appliedCommit ?? ""
            if !applied.hasPrefix(revision.lowercased()) {
                return why.isEmpty
                    ? "applied is \(applied.isEmpty ? "nothing" : String(applied.prefix(7)))" : why
            }
        }
        if isSynced, application.sync != "Synced" { return why.isEmpty ? "not synced yet" : why }
        if isHealthy, application.health != "Healthy", application.health != "Suspended" {
            return why.isEmpty ? "not healthy yet" : why
        }
        return nil
    }

    private func stateOfInterest(_ application: ApplicationView) -> StateWord {
        isSynced && application.sync != "Synced" ? StateWord(application.sync) : application.state
    }

    private func absent(_ reference: ApplicationReference) -> Standing {
        Standing(
            row: .init(
                reference.text,
                state: StateWord("Missing"),
                message: "no such application (yet)",
                since: nil
            ),
            isReached: false
        )
    }
}
