/// Colours and symbols: on a terminal, and not when `NO_COLOR` asks for none.
struct Style: Sendable {
    enum Tone: String, Sendable {
        case plain = ""
        case strong = "1"
        case faint = "2"
        case good = "32"
        case busy = "36"
        case warning = "33"
        case bad = "31"
    }

    let isLively: Bool

    init(isLively: Bool) { self.isLively = isLively }

    init(for stream: Terminal.Stream) {
        let refused = Terminal.environment("NO_COLOR").map { !$0.isEmpty } ?? false
        isLively = Terminal.isInteractive(stream) && !refused
    }

    /// For ``Terminal/print(_:)`` and ``Terminal/printLine(_:)``, which alone make colours of it.
    func paint(_ text: String, _ tone: Tone) -> String {
        guard isLively, tone != .plain, !text.isEmpty else { return text }
        return "\(Shown.mark)[\(tone.rawValue)m\(text)\(Shown.mark)[0m"
    }
}
