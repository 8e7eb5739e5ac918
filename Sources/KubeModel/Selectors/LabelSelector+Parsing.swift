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
            while true {
                switch next {
                case .end: return result
                case .word, .symbol("!"): break
                case let token:
                    throw SelectorError(
                        message: "found '\(token.text)', expected: !, identifier, or 'end of string'"
                    )
                }
                do throws(SelectorError) {
                    result.append(try requirement())
                } catch {
                    throw SelectorError(message: "unable to parse requirement: \(error.message)")
                }
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
            let first = take()
            guard case .word(let key) = first else {
                throw SelectorError(message: "found '\(first.text)', expected: identifier")
            }
            try checkKey(key)
            if isNegated { return Requirement(key, .doesNotExist) }
            switch next {
            case .end, .symbol(","): return Requirement(key, .exists)
            default: break
            }
            switch take() {
            case .symbol("="), .symbol("=="): return Requirement(key, .isIn, try checked([value()], key))
            case .symbol("!="): return Requirement(key, .notIn, try checked([value()], key))
            case .symbol(">"): return Requirement(key, .greaterThan, try number(key))
            case .symbol("<"): return Requirement(key, .lessThan, try number(key))
            case .word("in"): return Requirement(key, .isIn, try checked(values(), key))
            case .word("notin"): return Requirement(key, .notIn, try checked(values(), key))
            case let token:
                throw SelectorError(
                    message: "found '\(token.text)', expected: in, notin, =, ==, !=, gt, lt"
                )
            }
        }

        /// One value; nothing counts as the empty one.
        private mutating func value() throws(SelectorError) -> String {
            guard case .word(let value) = next else {
                if next == .end || next == .symbol(",") { return "" }
                throw SelectorError(message: "found '\(next.text)', expected: identifier")
            }
            place += 1
            return value
        }

        private mutating func number(_ key: String) throws(SelectorError) -> [String] {
            let value = try value()
            let detail = "for 'Gt', 'Lt' operators, the value must be an integer"
            let problems =
                Int64(value) == nil ? ["values[0]: Invalid value: \(GoText.quoted(value)): \(detail)"] : []
            return try checked([value], key, and: problems)
        }

        /// A list in parentheses; an empty one holds the empty value.
        private mutating func values() throws(SelectorError) -> [String] {
            let start = take()
            guard start == .symbol("(") else {
                throw SelectorError(message: "found '\(start.text)' expected: '('")
            }
            switch next {
            case .word, .symbol(","), .symbol(")"): break
            case let token:
                throw SelectorError(message: "found '\(token.text)', expected: ',', ')' or identifier")
            }
            var values: [String] = []
            while true {
                switch take() {
                case .word(let value):
                    values.append(value)
                    if next != .symbol(","), next != .symbol(")") {
                        throw SelectorError(message: "found '\(next.text)', expected: ',' or ')'")
                    }
                case .symbol(","):
                    if values.isEmpty || next == .symbol(")") || next == .symbol(",") { values.append("") }
                case .symbol(")"): return values.isEmpty ? [""] : Array(Set(values)).sorted()
                case let token:
                    throw SelectorError(message: "found '\(token.text)', expected: ',', or identifier")
                }
            }
        }

        private func checkKey(_ key: String) throws(SelectorError) {
            let problems = NameFormat.qualifiedName.problems(of: key)
            guard problems.isEmpty else {
                throw SelectorError(
                    message: "<nil>: Invalid value: \(GoText.quoted(key)): "
                        + problems.joined(separator: "; ")
                )
            }
        }

        /// Values that labels can have.
        ///
        /// - Parameter others: What is wrong with them besides.
        private func checked(
            _ values: [String],
            _ key: String,
            and others: [String] = []
        ) throws(SelectorError) -> [String] {
            var problems = others
            for (index, value) in values.enumerated() {
                let found = NameFormat.labelValue.problems(of: value)
                guard !found.isEmpty else { continue }
                let text = found.joined(separator: "; ")
                problems.append("values[\(index)][\(key)]: Invalid value: \(GoText.quoted(value)): \(text)")
            }
            guard let first = problems.first else { return values }
            let message = problems.count == 1 ? first : "[" + problems.joined(separator: ", ") + "]"
            throw SelectorError(message: message)
        }
    }
}
