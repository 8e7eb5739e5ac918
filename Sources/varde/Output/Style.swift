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

    func paint(_ text: String, _ tone: Tone) -> String {
        guard isLively, tone != .plain, !text.isEmpty else { return text }
        return "\u{1B}[\(tone.rawValue)m\(text)\u{1B}[0m"
    }
}
