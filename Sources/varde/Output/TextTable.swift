/// Rows in aligned columns, two spaces apart.
///
/// Given a width, lines are cut to fit, so that they are never wrapped and a live table can be redrawn.
struct TextTable: Sendable {
    struct Cell: Sendable, Hashable, ExpressibleByStringInterpolation {
        var text: String
        var tone: Style.Tone
        /// Shown before the text where symbols are shown.
        var symbol: String

        init(_ text: String, tone: Style.Tone = .plain, symbol: String = "") {
            self.text = text
            self.tone = tone
            self.symbol = symbol
        }

        init(stringLiteral value: String) { self.init(value) }

        func text(_ style: Style) -> String {
            let flat = Shown.line(text.replacing("\n", with: " "))
            return style.isLively && !symbol.isEmpty ? "\(symbol) \(flat)" : flat
        }
    }

    var titles: [String]
    var rows: [[Cell]] = []

    init(_ titles: String...) { self.titles = titles }

    mutating func add(_ cells: Cell...) { rows.append(cells) }

    /// For a list that is written once: cut at the terminal's width where that leaves room to say something.
    func listing(style: Style) -> [String] {
        guard let size = Terminal.size else { return lines(style: style) }
        let used = titles.indices.dropLast().map { column in
            rows.reduce(titles[column].count) { max($0, $1[column].text(style).count) } + 2
        }.reduce(0, +)
        return lines(style: style, width: size.columns - used >= 40 ? size.columns : nil)
    }

    func lines(style: Style, width: Int? = nil) -> [String] {
        let header = titles.map { Cell($0, tone: .faint) }
        let all = [header] + rows
        let texts = all.map { row in row.map { $0.text(style) } }
        let widths = titles.indices.map { column in
            texts.lazy.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
        }
        return zip(all, texts).map { row, texts in
            Self.line(row, texts, widths: widths, style: style, width: width)
        }
    }

    private static func line(
        _ row: [Cell],
        _ texts: [String],
        widths: [Int],
        style: Style,
        width: Int?
    ) -> String {
        var line = ""
        var used = 0
        for (column, cell) in row.enumerated() {
            let isLast = row[(column + 1)...].allSatisfy { $0.text.isEmpty }
            var text = texts[column]
            if let width {
                let room = max(0, width - used)
                if text.count > room { text = room > 1 ? text.prefix(room - 1) + "…" : "" }
            }
            line += style.paint(text, cell.tone)
            used += text.count
            if isLast { break }
            let padding = widths[column] - text.count + 2
            line += String(repeating: " ", count: max(0, padding))
            used += max(0, padding)
        }
        return line
    }
}
