/// Why a text is no selector, in Kubernetes' words.
package struct SelectorError: Error, Sendable, Hashable, CustomStringConvertible {
    package let message: String
    package var description: String { message }
}

extension LabelSelector {
    /// From the `labelSelector` of a query; an empty text matches everything.
    package init(parsing text: String) throws(SelectorError) {
        var parser = Parser(text)
        self.init(try parser.requirements())
    }

    private struct Parser {
        private enum Token: Equatable {
            case word(String)
            /// One of `, ( ) = == != ! > <`.
            case symbol(String)
            case end

            var text: String {
                switch self {
                case .word(let text), .symbol(let text): text
                case .end: ""
                }
            }
        }

        private var tokens: [Token] = []
        private var place = 0

        init(_ text: String) {
            var word = ""
            var rest = Substring(text)
            func flush(_ tokens: inout [Token]) {
                if !word.isEmpty { tokens.append(.word(word)) }
                word = ""
            }
            while let character = rest.first {
                if character == " " || character == "\t" || character == "\n" || character == "\r" {
                    flush(&tokens)
                    rest = rest.dropFirst()
                } else if let symbol = ["==", "!=", "=", "!", ",", "(", ")", ">", "<"].first(
                    where: rest.hasPrefix
                ) {
                    flush(&tokens)
                    tokens.append(.symbol(symbol))
                    rest = rest.dropFirst(symbol.count)
                } else {
                    word.append(character)
                    rest = rest.dropFirst()
                }
            }
            flush(&tokens)
        }

        private var next: Token { place < tokens.count ? tokens[place] : .end }

        private mutating func take() -> Token {
            let token = next
            place += 1
            return token
        }

        mutating func requirements() throws(SelectorError) -> [Requirement] {
            var result: [Requirement] = []
            guard next != .end else { return result }
            while true {
                result.append(try requirement())
                switch take() {
                case .end: return result
                case .symbol(","):
                    if case .word = next { continue }
                    if next == .symbol("!") { continue }
                    throw SelectorError(message: "found '\(next.text)', expected: identifier after ','")
                case let token:
                    throw SelectorError(message: "found '\(token.text)', expected: ',' or 'end of string'")
                }
            }
        }

        private mutating func requirement() throws(SelectorError) -> Requirement {
            var isNegated = false
            if next == .symbol("!") {
                isNegated = true
                place += 1
            }
            guard case .word(let key) = take() else {
                place -= 1
                throw SelectorError(message: "found '\(next.text)', expected: identifier")
            }
            try checkKey(key)
            if isNegated { return Requirement(key, .doesNotExist) }
            switch next {
            case .end, .symbol(","): return Requirement(key, .exists)
            default: break
            }
            switch take() {
            case .symbol("="), .symbol("=="): return Requirement(key, .isIn, [try value(key)])
            case .symbol("!="): return Requirement(key, .notIn, [try value(key)])
            case .symbol(">"): return Requirement(key, .greaterThan, [try number()])
            case .symbol("<"): return Requirement(key, .lessThan, [try number()])
            case .word("in"): return Requirement(key, .isIn, try values(key))
            case .word("notin"): return Requirement(key, .notIn, try values(key))
            case let token:
                throw SelectorError(
                    message:
                        "unable to parse requirement: found '\(token.text)', expected: in, notin, =, ==, !=, gt, lt"
                )
            }
        }

        /// One value; nothing counts as the empty one.
        private mutating func value(_ key: String) throws(SelectorError) -> String {
            guard case .word(let value) = next else {
                if next == .end || next == .symbol(",") { return "" }
                throw SelectorError(message: "found '\(next.text)', expected: identifier")
            }
            place += 1
            return try checkValue(value, key)
        }

        private mutating func number() throws(SelectorError) -> String {
            guard case .word(let value) = take(), Int(value) != nil else {
                throw SelectorError(
                    message: "for 'Gt', 'Lt' operators, the value must be an integer"
                )
            }
            return value
        }

        private mutating func values(_ key: String) throws(SelectorError) -> [String] {
            guard take() == .symbol("(") else {
                throw SelectorError(message: "found '\(next.text)', expected: '('")
            }
            var values: [String] = []
            while true {
                switch take() {
                case .word(let value): values.append(try checkValue(value, key))
                case .symbol(","): if values.isEmpty { values.append("") }
                case .symbol(")"): return values.isEmpty ? [""] : Array(Set(values)).sorted()
                case let token:
                    throw SelectorError(message: "found '\(token.text)', expected: ',', ')' or identifier")
                }
            }
        }

        private func checkKey(_ key: String) throws(SelectorError) {
            let problems = NameFormat.qualifiedName.problems(of: key)
            guard problems.isEmpty else {
                throw SelectorError(
                    message: "unable to parse requirement: <nil>: Invalid value: \(GoText.quoted(key)): "
                        + problems.joined(separator: "; ")
                )
            }
        }

        private func checkValue(_ value: String, _ key: String) throws(SelectorError) -> String {
            let problems = NameFormat.labelValue.problems(of: value)
            guard problems.isEmpty else {
                throw SelectorError(
                    message:
                        "unable to parse requirement: values[0][\(key)]: Invalid value: \(GoText.quoted(value)): "
                        + problems.joined(separator: "; ")
                )
            }
            return value
        }
    }
}
