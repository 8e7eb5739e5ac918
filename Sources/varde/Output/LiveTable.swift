/// What goes on, as a table that is redrawn in place on a terminal, and as a line per change when piped.
struct LiveTable {
    struct Row: Sendable {
        /// What the row is about; rows with the same key are the same thing at different times.
        var key: String
        var state: StateWord
        /// What is awaited, or what is wrong.
        var message: String
        var since: Timestamp?

        init(_ key: String, state: StateWord, message: String, since: Timestamp?) {
            self.key = key
            self.state = state
            self.message = message
            self.since = since
        }
    }

    /// Whether a piped reader is told of rows that are there no more.
    enum Vanishing: Sendable { case told, silent }

    private let keyTitle: String
    private let vanishing: Vanishing
    private let style: Style
    private let isTerminal: Bool
    private var drawnLines = 0
    private var printed: [String: String] = [:]

    init(of keyTitle: String, vanishing: Vanishing = .told) {
        self.vanishing = vanishing
        self.keyTitle = keyTitle
        style = Style(for: .standardOutput)
        isTerminal = Terminal.isInteractive(.standardOutput)
        if isTerminal { Terminal.hideCursor() }
    }

    /// Shows the rows; `title` is a line above them, on a terminal only.
    mutating func show(_ rows: [Row], title: String) {
        if isTerminal { redraw(rows, title: title) } else { log(rows) }
    }

    /// Leaves what was drawn last on the screen.
    mutating func finish() {
        if isTerminal { Terminal.showCursor() }
    }

    private mutating func redraw(_ rows: [Row], title: String) {
        let size = Terminal.size ?? Terminal.Size(columns: 100, rows: 30)
        var table = TextTable(keyTitle, "STATE", "SINCE", "")
        let room = max(1, size.rows - 4)
        // What is busy or broken is what one looks for when not all of it fits.
        let shown =
            rows.count <= room
            ? rows
            : Array(rows.filter { $0.state.tone != .good }.prefix(room))
                + rows.filter { $0.state.tone == .good }.prefix(
                    max(0, room - rows.count { $0.state.tone != .good })
                )
        for row in shown {
            table.add(.init(row.key), row.state.cell, .init(row.since?.age ?? "-"), .init(row.message))
        }
        var lines = [style.paint(String(Shown.line(title).prefix(size.columns)), .strong)]
        lines += table.lines(style: style, width: size.columns)
        if shown.count < rows.count {
            lines.append(style.paint("… and \(rows.count - shown.count) more", .faint))
        }
        var text = drawnLines > 0 ? "\u{1B}[\(drawnLines)A" : ""
        for line in lines { text += "\r\(Shown.line(line))\u{1B}[K\n" }
        text += "\u{1B}[J"
        Terminal.write(text)
        drawnLines = lines.count
    }

    private mutating func log(_ rows: [Row]) {
        for row in rows {
            let text = row.message.isEmpty ? row.state.word : "\(row.state.word)  \(row.message)"
            guard printed[row.key] != text else { continue }
            printed[row.key] = text
            Terminal.printLine("\(Timestamp.now.clock)  \(row.key)  \(text)")
        }
        let keys = Set(rows.map(\.key))
        for gone in printed.keys.filter({ !keys.contains($0) }).sorted() {
            printed[gone] = nil
            if vanishing == .told { Terminal.print("\(Timestamp.now.clock)  \(gone)  gone") }
        }
    }
}
