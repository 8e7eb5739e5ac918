/// Which values an object's fields must have: `metadata.name=a,status.phase!=Running`.
package struct FieldSelector: Sendable, Hashable {
    package struct Requirement: Sendable, Hashable {
        package let field: String
        package let value: String
        package let isNegated: Bool
    }

    package let requirements: [Requirement]

    package init(_ requirements: [Requirement] = []) { self.requirements = requirements }

    /// From the `fieldSelector` of a query; an empty text matches everything.
    ///
    /// A backslash makes the next character of a value plain.
    package init(parsing text: String) throws(SelectorError) {
        var requirements: [Requirement] = []
        for part in Self.terms(text) where !part.isEmpty {
            guard let term = Self.requirement(part) else {
                throw SelectorError(message: "invalid selector: '\(text)'; can't understand '\(part)'")
            }
            requirements.append(term)
        }
        self.requirements = requirements
    }

    package var isEverything: Bool { requirements.isEmpty }

    /// - Parameter field: The value of a field, empty if the object does not have it.
    package func matches(_ field: (String) -> String) -> Bool {
        requirements.allSatisfy { (field($0.field) == $0.value) != $0.isNegated }
    }

    /// The value that a field must be equal to, if the selector demands one.
    package func exactValue(of field: String) -> String? {
        requirements.first { $0.field == field && !$0.isNegated }?.value
    }

    /// The terms between commas; escapes are left in place.
    private static func terms(_ text: String) -> [String] {
        var terms: [String] = []
        var term = ""
        var isEscaped = false
        for character in text {
            if character == ",", !isEscaped {
                terms.append(term)
                term = ""
            } else {
                term.append(character)
            }
            isEscaped = character == "\\" && !isEscaped
        }
        return terms + [term]
    }

    private static func requirement(_ term: String) -> Requirement? {
        var index = term.startIndex
        while index < term.endIndex {
            if term[index] == "\\" {
                index = term.index(after: index)
                guard index < term.endIndex else { return nil }
                index = term.index(after: index)
                continue
            }
            for sign in ["!=", "==", "="] where term[index...].hasPrefix(sign) {
                let start = term.index(index, offsetBy: sign.count)
                guard let value = unescaped(term[start...]) else { return nil }
                return Requirement(field: String(term[..<index]), value: value, isNegated: sign == "!=")
            }
            index = term.index(after: index)
        }
        return nil
    }

    /// A value without its escapes; `nil` for an escape of another character or an unescaped sign.
    private static func unescaped(_ text: Substring) -> String? {
        var result = ""
        var isEscaped = false
        for character in text {
            if isEscaped {
                guard ["\\", ",", "="].contains(character) else { return nil }
                result.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "," || character == "=" {
                return nil
            } else {
                result.append(character)
            }
        }
        return isEscaped ? nil : result
    }
}
