import KubeModel

/// Refusals of writes, in Kubernetes' words.
extension StatusError {
    /// A failure that Kubernetes answers as 500 without a reason.
    static func plain(_ message: String) -> StatusError {
        StatusError(code: 500, reason: "", message: message)
    }

    static func alreadyExists(_ resource: GroupVersionResource, _ name: String) -> StatusError {
        StatusError(
            code: 409,
            reason: "AlreadyExists",
            message: "\(resource.groupResource) \"\(name)\" already exists",
            details: details(resource, name)
        )
    }

    static func conflict(_ resource: GroupVersionResource, _ name: String, _ reason: String) -> StatusError {
        StatusError(
            code: 409,
            reason: "Conflict",
            message: "Operation cannot be fulfilled on \(resource.groupResource) \"\(name)\": \(reason)",
            details: details(resource, name)
        )
    }

    static let modified =
        "the object has been modified; please apply your changes to the latest version and try again"

    static func forbidden(
        _ resource: GroupVersionResource,
        _ name: String,
        _ reason: String,
        causes: [JSON] = []
    ) -> StatusError {
        var details = details(resource, name)
        if !causes.isEmpty { details["causes"] = .array(causes) }
        let subject = name.isEmpty ? resource.groupResource : "\(resource.groupResource) \"\(name)\""
        return StatusError(
            code: 403,
            reason: "Forbidden",
            message: "\(subject) is forbidden: \(reason)",
            details: details
        )
    }

    /// An object with these things wrong; what is said twice is a cause twice, but stands in the message once.
    static func invalidObject(
        group: String,
        kind: String,
        name: String,
        _ errors: [FieldError]
    ) -> StatusError {
        var details = details(name: name, group: group, kind: kind)
        details["causes"] = .array(errors.map(\.cause))
        var texts: [String] = []
        for error in errors where !texts.contains(error.description) { texts.append(error.description) }
        let text = texts.count == 1 ? texts[0] : "[" + texts.joined(separator: ", ") + "]"
        let subject = group.isEmpty ? kind : "\(kind).\(group)"
        return StatusError(
            code: 422,
            reason: "Invalid",
            message: "\(subject) \(name.goQuoted) is invalid: \(text)",
            details: details
        )
    }

    private static func details(_ resource: GroupVersionResource, _ name: String) -> JSON {
        details(name: name, group: resource.group, kind: resource.resource)
    }
}
