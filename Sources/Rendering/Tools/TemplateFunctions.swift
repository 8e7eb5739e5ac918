/// What the actions of a Helm template call; its text, its comments and the texts in it are not looked at.
enum TemplateFunctions {
    /// Functions whose value is another one each time.
    private static let chance: Set<String> = [
        "randAlphaNum", "randAlpha", "randNumeric", "randAscii", "randBytes", "randInt", "shuffle", "uuidv4",
        "genPrivateKey", "genCA", "genCAWithKey", "genSelfSignedCert", "genSelfSignedCertWithKey",
        "genSignedCert",
        "genSignedCertWithKey", "htpasswd", "bcrypt", "encryptAES", "now", "ago",
    ]

    /// Whether a template calls `lookup "v1" …`.
    static func asksCluster(_ template: [UInt8]) -> Bool {
        var rest = template[...]
        while let found = rest.firstRange(of: Array("lookup".utf8)) {
            let before = rest[..<found.lowerBound].last
            let after = rest[found.upperBound...].drop { $0 == UInt8(ascii: " ") }
            let begins = before.map { " ({=|\t".utf8.contains($0) } ?? true
            let isCalled =
                after.startIndex > found.upperBound
                && (after.first.map { "\"`.$(".utf8.contains($0) } ?? false)
            if begins, isCalled { return true }
            rest = rest[found.upperBound...]
        }
        return false
    }

    /// The functions of chance and of the clock that a template calls, in its order.
    static func ofChance(in template: [UInt8]) -> [String] {
        var found: [String] = []
        var rest = template[...]
        while let start = rest.firstRange(of: Array("{{".utf8)) {
            rest = rest[start.upperBound...]
            if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
            let action = rest.drop { " \t\n\r".utf8.contains($0) }
            if action.starts(with: "/*".utf8) {
                guard let end = action.firstRange(of: Array("*/".utf8)) else { return found }
                rest = action[end.upperBound...]
            } else {
                found += names(inActionOf: &rest).filter(chance.contains)
            }
        }
        return found
    }

    /// The names of an action that are neither fields nor variables; afterwards the rest is what follows it.
    private static func names(inActionOf rest: inout ArraySlice<UInt8>) -> [String] {
        var names: [String] = []
        while let byte = rest.first, !rest.starts(with: "}}".utf8) {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "`"), UInt8(ascii: "'"):
                rest = rest.dropFirst()
                while let next = rest.first, next != byte {
                    rest = rest.dropFirst(next == UInt8(ascii: "\\") && byte != UInt8(ascii: "`") ? 2 : 1)
                }
                rest = rest.dropFirst()
            case UInt8(ascii: "."), UInt8(ascii: "$"):
                rest = rest.dropFirst().drop(while: isOfName)
            case let byte where isOfName(byte):
                let name = rest.prefix(while: isOfName)
                names.append(String(decoding: name, as: UTF8.self))
                rest = rest[name.endIndex...]
            default: rest = rest.dropFirst()
            }
        }
        return names
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
