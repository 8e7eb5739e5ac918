import KubeModel

/// One thing that is wrong with an object: a cause of a `Status` with reason `Invalid`.
struct FieldError: Sendable, Hashable {
    enum Reason: String, Sendable {
        case required = "FieldValueRequired"
        case invalid = "FieldValueInvalid"
        case typeInvalid = "FieldValueTypeInvalid"
        case notSupported = "FieldValueNotSupported"
        case forbidden = "FieldValueForbidden"
        case duplicate = "FieldValueDuplicate"
        case notFound = "FieldValueNotFound"
        case tooLong = "FieldValueTooLong"
        case tooMany = "FieldValueTooMany"
        case internalError = "InternalError"
    }

    var reason: Reason
    var field: String
    /// As in the cause, without the field.
    var message: String

    var cause: JSON {
        ["reason": .string(reason.rawValue), "message": .string(message), "field": .string(field)]
    }

    /// As in the Status' message.
    var description: String { field.isEmpty ? message : "\(field): \(message)" }
}

extension FieldError {
    static func required(_ field: FieldPath, _ detail: String = "") -> FieldError {
        FieldError(
            reason: .required,
            field: field.description,
            message: detail.isEmpty ? "Required value" : "Required value: \(detail)"
        )
    }

    static func invalid(_ field: FieldPath, _ value: JSON, _ detail: String) -> FieldError {
        invalid(field, rendered: value.messageText, detail)
    }

    /// - Parameter value: As it is shown, for values whose shown form is not their JSON.
    static func invalid(_ field: FieldPath, rendered value: String, _ detail: String) -> FieldError {
        FieldError(reason: .invalid, field: field.description, message: "Invalid value: \(value): \(detail)")
    }

    static func typeInvalid(_ field: FieldPath, rendered value: String, _ detail: String) -> FieldError {
        FieldError(
            reason: .typeInvalid,
            field: field.description,
            message: "Invalid value: \(value): \(detail)"
        )
    }

    static func notSupported(_ field: FieldPath, _ value: JSON, _ supported: [String]) -> FieldError {
        notSupported(field, rendered: value.messageText, supported)
    }

    static func notSupported(_ field: FieldPath, rendered value: String, _ supported: [String]) -> FieldError
    {
        let list = supported.map { "\"\($0)\"" }.joined(separator: ", ")
        return FieldError(
            reason: .notSupported,
            field: field.description,
            message: "Unsupported value: \(value)" + (supported.isEmpty ? "" : ": supported values: \(list)")
        )
    }

    static func forbidden(_ field: FieldPath, _ detail: String) -> FieldError {
        FieldError(reason: .forbidden, field: field.description, message: "Forbidden: \(detail)")
    }

    static func duplicate(_ field: FieldPath, _ value: JSON) -> FieldError {
        duplicate(field, rendered: value.messageText)
    }

    static func duplicate(_ field: FieldPath, rendered value: String) -> FieldError {
        FieldError(reason: .duplicate, field: field.description, message: "Duplicate value: \(value)")
    }

    static func notFound(_ field: FieldPath, _ value: JSON) -> FieldError {
        FieldError(reason: .notFound, field: field.description, message: "Not found: \(value.messageText)")
    }

    static func tooLong(_ field: FieldPath, maximum: Int) -> FieldError {
        FieldError(
            reason: .tooLong,
            field: field.description,
            message: "Too long: may not be more than \(maximum) bytes"
        )
    }

    static func tooMany(_ field: FieldPath, _ count: Int, maximum: Int) -> FieldError {
        FieldError(
            reason: .tooMany,
            field: field.description,
            message: "Too many: \(count): must have at most \(maximum) items"
        )
    }
}

extension JSON {
    /// A value as messages show it; texts with Go's escapes of control characters.
    var messageText: String {
        guard case .string(let text) = self else { return self.text }
        return text.goQuoted
    }
}

extension String {
    /// In double quotes, escaped as Go's `%q` does.
    var goQuoted: String {
        var result = "\""
        for scalar in unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f:
                let digits = String(scalar.value, radix: 16)
                result += "\\x" + (digits.count < 2 ? "0" : "") + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
