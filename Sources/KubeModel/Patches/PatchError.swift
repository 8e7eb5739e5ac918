/// Why a patch cannot be applied, with the answer of a Kubernetes API server.
package enum PatchError: Error, Sendable, Hashable {
    /// The body is no patch.
    case malformed(String)
    /// A JSON patch whose operation does not apply, or whose test fails. The server does not tell why; the text is for
    /// logs.
    case doesNotApply(String)
    /// More operations than allowed.
    case tooManyOperations(Int)
    /// A directive of a strategic merge patch that is not consistent with the patch.
    case unprocessable(String)
    /// A strategic merge patch that cannot be carried out: the server answers 500.
    case failed(String)

    package var status: StatusError {
        switch self {
        case .malformed(let message): StatusError(code: 400, reason: "BadRequest", message: message)
        case .doesNotApply:
            StatusError(
                code: 422,
                reason: "Invalid",
                message: "the server rejected our request due to an error in our request",
                details: [:]
            )
        case .tooManyOperations(let count):
            StatusError(
                code: 413,
                reason: "RequestEntityTooLarge",
                message:
                    "The allowed maximum operations in a JSON patch is \(JSONPatch.maximumOperations), got \(count)"
            )
        case .unprocessable(let message):
            StatusError(code: 422, reason: "Invalid", message: message, details: [:])
        case .failed(let message): StatusError(code: 500, reason: "", message: message)
        }
    }

    /// The name of a JSON type in Go's messages.
    static func typeName(_ json: JSON) -> String {
        switch json {
        case .null: "null"
        case .bool: "bool"
        case .integer, .double, .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}
