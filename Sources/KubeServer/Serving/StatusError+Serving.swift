import KubeModel

/// The refusals that the pipeline itself makes, in Kubernetes' words.
extension StatusError {
    static let unauthorized = StatusError(code: 401, reason: "Unauthorized", message: "Unauthorized")

    static let notServed = StatusError(
        code: 404,
        reason: "NotFound",
        message: "the server could not find the requested resource",
        details: [:]
    )

    static let methodNotAllowed = StatusError(
        code: 405,
        reason: "MethodNotAllowed",
        message: "the server does not allow this method on the requested resource",
        details: [:]
    )

    static func notFound(_ resource: GroupVersionResource, _ name: String) -> StatusError {
        StatusError(
            code: 404,
            reason: "NotFound",
            message: "\(resource.groupResource) \"\(name)\" not found",
            details: details(name: name, group: resource.group, kind: resource.resource)
        )
    }

    static func badRequest(_ message: String) -> StatusError {
        StatusError(code: 400, reason: "BadRequest", message: message)
    }

    /// Several wrong fields of one object, or of the options of a request.
    static func invalid(group: String, kind: String, name: String = "", _ errors: [FieldError]) -> StatusError
    {
        let messages = errors.map(\.description)
        let groupKind = group.isEmpty ? kind : "\(kind).\(group)"
        let text = messages.count == 1 ? messages[0] : "[\(messages.joined(separator: ", "))]"
        var details = details(name: name, group: group, kind: kind)
        details["causes"] = .array(errors.map(\.cause))
        return StatusError(
            code: 422,
            reason: "Invalid",
            message: "\(groupKind) \"\(name)\" is invalid: \(text)",
            details: details
        )
    }

    static func expired(_ message: String, continueToken: String? = nil) -> StatusError {
        StatusError(code: 410, reason: "Expired", message: message)
    }

    static func tooLarge(version: UInt64, current: UInt64) -> StatusError {
        StatusError(
            code: 504,
            reason: "Timeout",
            message: "Timeout: Too large resource version: \(version), current: \(current)",
            details: [
                "causes": [["reason": "ResourceVersionTooLarge", "message": "Too large resource version"]],
                "retryAfterSeconds": 1,
            ]
        )
    }

    static func internalError(_ message: String) -> StatusError {
        StatusError(
            code: 500,
            reason: "InternalError",
            message: "Internal error occurred: \(message)",
            details: ["causes": [["message": .string(message)]]]
        )
    }

    static func details(name: String, group: String, kind: String) -> JSON {
        var details: JSON = [:]
        if !name.isEmpty { details["name"] = .string(name) }
        if !group.isEmpty { details["group"] = .string(group) }
        if !kind.isEmpty { details["kind"] = .string(kind) }
        return details
    }
}
