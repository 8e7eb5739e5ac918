/// A number, or a text that is mostly a percentage: `maxUnavailable: 25%`, `targetPort: http`.
package enum IntOrString: Sendable, Hashable {
    case int(Int)
    case string(String)

    package init?(_ json: JSON?) {
        switch json {
        case .string(let text)?: self = .string(text)
        case let value?:
            guard let number = value.int else { return nil }
            self = .int(number)
        case nil: return nil
        }
    }

    package var json: JSON {
        switch self {
        case .int(let value): .integer(Int64(value))
        case .string(let text): .string(text)
        }
    }

    /// The percentage that a text says; `nil` for numbers and other texts.
    package var percentage: Int? {
        guard case .string(let text) = self, text.hasSuffix("%"),
            text.dropLast().allSatisfy({ $0.isASCII && $0.isNumber })
        else { return nil }
        return Int(text.dropLast())
    }

    package enum Rounding: Sendable {
        case up, down
    }

    /// The number, or so much of `total`; `nil` for a text that is no percentage.
    package func scaled(to total: Int, rounding: Rounding) -> Int? {
        switch self {
        case .int(let value): return value
        case .string:
            guard let percentage else { return nil }
            let product = percentage * total
            return rounding == .up ? (product + 99) / 100 : product / 100
        }
    }
}
