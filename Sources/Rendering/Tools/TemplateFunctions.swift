/// A part of a Helm template: what it has by a name, or all that it has by none.
struct TemplatePiece: Sendable, Hashable {
    /// As `define` gives it; `nil` for what is rendered as the file is.
    var name: String?
    /// Whether it calls `lookup`.
    var asksCluster = false
    /// The first function that it calls whose value is another one each time.
    var chance: String?
    /// The names of others that it includes.
    var includes: Set<String> = []
    /// Whether it includes others by names that are made while rendering.
    var includesAny = false
}

/// What the actions of a Helm template call; its text, its comments and the texts in it are not looked at.
enum TemplateFunctions {
    /// Functions whose value is another one each time.
    private static let chance: Set<String> = [
        "randAlphaNum", "randAlpha", "randNumeric", "randAscii", "randBytes", "randInt", "shuffle", "uuidv4",
        "genPrivateKey", "genCA", "genCAWithKey", "genSelfSignedCert", "genSelfSignedCertWithKey",
        "genSignedCert",
        "genSignedCertWithKey", "htpasswd", "bcrypt", "encryptAES", "now", "ago",
    ]

    private enum Word: Equatable { case name(String), text(String), field(String) }

    /// The pieces of a template, the one without a name first.
    static func pieces(of template: [UInt8]) -> [TemplatePiece] {
        var pieces = [TemplatePiece()]
        // The pieces that open actions belong to, innermost last.
        var open: [Int] = []
        var rest = template[...]
        while let start = rest.firstRange(of: Array("{{".utf8)) {
            rest = rest[start.upperBound...]
            if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
            let action = rest.drop { " \t\n\r".utf8.contains($0) }
            if action.starts(with: "/*".utf8) {
                guard let end = action.firstRange(of: Array("*/".utf8)) else { return pieces }
                rest = action[end.upperBound...]
                continue
            }
            let words = words(inActionOf: &rest)
            switch words.first {
            case .name("define"), .name("block"):
                guard words.count > 1, case .text(let name) = words[1] else { break }
                // A block is rendered where it stands, too.
                if words[0] == .name("block") { pieces[open.last ?? 0].includes.insert(name) }
                open.append(pieces.count)
                pieces.append(TemplatePiece(name: name))
            case .name("if"), .name("range"), .name("with"): open.append(open.last ?? 0)
            case .name("end"): _ = open.popLast()
            default: break
            }
            note(words, in: &pieces[open.last ?? 0])
        }
        return pieces
    }

    private static func note(_ words: [Word], in piece: inout TemplatePiece) {
        for (index, word) in words.enumerated() {
            guard case .name(let name) = word else { continue }
            if name == "lookup" { piece.asksCluster = true }
            if chance.contains(name), piece.chance == nil { piece.chance = name }
            guard name == "include" || name == "template" else { continue }
            if index + 1 < words.count, case .text(let other) = words[index + 1] {
                piece.includes.insert(other)
            } else if !words.contains(where: isBasePath) {
                piece.includesAny = true
            }
        }
    }

    /// `include (print $.Template.BasePath "/config.yaml")` has another file, which is rendered by itself anyway.
    private static func isBasePath(_ word: Word) -> Bool {
        guard case .field(let name) = word else { return false }
        return name == "BasePath"
    }

    /// The words of an action; afterwards the rest is what follows it.
    private static func words(inActionOf rest: inout ArraySlice<UInt8>) -> [Word] {
        var words: [Word] = []
        while let byte = rest.first, !rest.starts(with: "}}".utf8) {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "`"), UInt8(ascii: "'"):
                rest = rest.dropFirst()
                let start = rest
                while let next = rest.first, next != byte {
                    rest = rest.dropFirst(next == UInt8(ascii: "\\") && byte != UInt8(ascii: "`") ? 2 : 1)
                }
                words.append(.text(String(decoding: start[..<rest.startIndex], as: UTF8.self)))
                rest = rest.dropFirst()
            case UInt8(ascii: "."), UInt8(ascii: "$"):
                rest = rest.dropFirst()
                let name = rest.prefix(while: isOfName)
                words.append(.field(String(decoding: name, as: UTF8.self)))
                rest = rest[name.endIndex...]
            case let byte where isOfName(byte):
                let name = rest.prefix(while: isOfName)
                words.append(.name(String(decoding: name, as: UTF8.self)))
                rest = rest[name.endIndex...]
            default: rest = rest.dropFirst()
            }
        }
        return words
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: byte >= 0x80
        }
    }
}
