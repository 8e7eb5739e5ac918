/// Finds what a Jsonnet file imports.
enum JsonnetImports {
    struct Import: Equatable {
        enum Kind { case code, data }
        var path: String
        var kind: Kind
        /// Whether the path is what jsonnet will make of the text: it has no escapes, and is on one line.
        var isPlain = true
        /// Counted from 1.
        var line = 1
    }

    /// The literal imports of a file, and whether it reads external variables.
    ///
    /// A scanner of tokens, not a parser: comments and texts are skipped, `import` and its kin are taken with the text
    /// that follows.
    static func scan(_ source: [UInt8]) -> (imports: [Import], usesVariables: Bool) {
        var scanner = Scanner(source: source)
        var imports: [Import] = []
        var usesVariables = false
        var pending: Import.Kind?
        while let token = scanner.next() {
            let line = scanner.line
            switch token {
            case .word("import"): pending = .code
            case .word("importstr"), .word("importbin"): pending = .data
            case .word("extVar"):
                usesVariables = true
                pending = nil
            case .text(let path, let isPlain):
                if let kind = pending {
                    imports.append(Import(path: path, kind: kind, isPlain: isPlain, line: line))
                }
                pending = nil
            case .word, .other: pending = nil
            }
        }
        return (imports, usesVariables)
    }

    private enum Token: Equatable { case word(String), text(String, isPlain: Bool), other }

    private struct Scanner {
        let source: [UInt8]
        var place = 0
        /// Where the token begins that was given last.
        private(set) var line = 1
        private var counted = 0

        init(source: [UInt8]) { self.source = source }

        mutating func next() -> Token? {
            skipBlanks()
            guard place < source.count else { return nil }
            line += source[counted..<place].count { $0 == UInt8(ascii: "\n") }
            counted = place
            let byte = source[place]
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "'"): return text(quote: byte)
            case UInt8(ascii: "@") where isQuote(at: place + 1):
                place += 1
                return verbatimText(quote: source[place])
            case UInt8(ascii: "|") where source[place...].starts(with: "|||".utf8): return blockText()
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                // A word may follow without a blank.
                place += 1
                return .other
            case _ where isWordByte(byte):
                let start = place
                while place < source.count, isWordByte(source[place]) { place += 1 }
                return .word(String(decoding: source[start..<place], as: UTF8.self))
            default:
                place += 1
                return .other
            }
        }

        private mutating func skipBlanks() {
            while place < source.count {
                let rest = source[place...]
                if source[place] <= 0x20 {
                    place += 1
                } else if source[place] == UInt8(ascii: "#") || rest.starts(with: "//".utf8) {
                    place = rest.firstIndex(of: UInt8(ascii: "\n")) ?? source.count
                } else if rest.starts(with: "/*".utf8) {
                    place = rest.dropFirst(2).firstRange(of: "*/".utf8)?.upperBound ?? source.count
                } else {
                    return
                }
            }
        }

        /// A text with escapes, of which a path has none but those of quotes, slashes and backslashes.
        private mutating func text(quote: UInt8) -> Token {
            var bytes: [UInt8] = []
            var isPlain = true
            place += 1
            while place < source.count, source[place] != quote {
                if source[place] == UInt8(ascii: "\\") {
                    place += 1
                    isPlain = isPlain && place < source.count && "\"'/\\".utf8.contains(source[place])
                }
                if place < source.count { bytes.append(source[place]) }
                place += 1
            }
            place += 1
            return Self.text(bytes, isPlain: isPlain)
        }

        private static func text(_ bytes: [UInt8], isPlain: Bool) -> Token {
            .text(String(decoding: bytes, as: UTF8.self), isPlain: isPlain && !bytes.contains { $0 < 0x20 })
        }

        /// `@'…'`, where only the doubled quote is special.
        private mutating func verbatimText(quote: UInt8) -> Token {
            var bytes: [UInt8] = []
            place += 1
            while place < source.count {
                if source[place] == quote {
                    guard place + 1 < source.count, source[place + 1] == quote else { break }
                    place += 1
                }
                bytes.append(source[place])
                place += 1
            }
            place += 1
            return Self.text(bytes, isPlain: true)
        }

        /// `|||`, lines that begin with the blanks of the first one, and `|||` on the first line that does not.
        ///
        /// To the letter: code that is taken for text here would hide what it imports.
        private mutating func blockText() -> Token {
            let text = Token.text("", isPlain: false)
            place = source[place...].firstIndex(of: UInt8(ascii: "\n")) ?? source.count
            skipNewlines()
            let indentation = source[place...].prefix(while: Self.isBlank)
            while place < source.count {
                guard !indentation.isEmpty, source[place...].starts(with: indentation) else { break }
                place = source[place...].firstIndex(of: UInt8(ascii: "\n")) ?? source.count
                skipNewlines()
            }
            let end = source[place...].drop(while: Self.isBlank)
            // Otherwise it is no program, which jsonnet says.
            if end.starts(with: "|||".utf8) { place = end.startIndex + 3 }
            return text
        }

        private mutating func skipNewlines() {
            place = source[place...].firstIndex { $0 != UInt8(ascii: "\n") } ?? source.count
        }

        private static func isBlank(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
        }

        private func isQuote(at place: Int) -> Bool {
            place < source.count
                && (source[place] == UInt8(ascii: "\"") || source[place] == UInt8(ascii: "'"))
        }

        private func isWordByte(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
}
