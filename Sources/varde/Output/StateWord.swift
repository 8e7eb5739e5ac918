/// A state as a word, with the tone and the symbol that a terminal adds: never by colour alone.
struct StateWord: Sendable, Hashable {
    var word: String
    var tone: Style.Tone
    var symbol: String

    init(_ word: String) {
        self.word = word.isEmpty ? "-" : word
        (tone, symbol) =
            switch word {
            case "Synced", "Healthy", "succeeded", "healthy", "applied", "Ready", "Reachable", "Accepted":
                (.good, "✓")
            case "Syncing", "Progressing", "running", "applying", "waiting": (.busy, "…")
            case "planned", "skipped", "superseded", "Suspended", "Paused": (.faint, "·")
            case "OutOfSync", "Held", "Missing", "Deleting", "interrupted": (.warning, "!")
            case "Failed", "Refused", "Degraded", "failed", "Unreachable": (.bad, "✗")
            case "Unknown": (.warning, "?")
            default: (.plain, " ")
            }
    }

    /// As a table's cell.
    var cell: TextTable.Cell { TextTable.Cell(word, tone: tone, symbol: symbol) }
}
