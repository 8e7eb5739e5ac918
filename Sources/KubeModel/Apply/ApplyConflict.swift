/// A field that an apply would change and that another manager owns.
package struct ApplyConflict: Sendable, Hashable {
    package let manager: ManagedFields.Manager
    /// The version of an Update entry; of an Apply entry it does not matter.
    package let apiVersion: String
    package let path: FieldPath

    /// `conflict with "editor" with subresource "scale" using v1`.
    package var message: String {
        var text = "conflict with \(GoText.quoted(manager.name))"
        if !manager.subresource.isEmpty { text += " with subresource \(GoText.quoted(manager.subresource))" }
        if manager.operation == .update { text += " using \(apiVersion)" }
        return text
    }
}

/// Why an apply was refused.
package enum ApplyError: Error, Sendable, Hashable {
    /// Other managers own what would change; nothing was changed.
    case conflicts([ApplyConflict])
    /// The configuration does not fit the schema.
    case invalidConfiguration(String)
    /// The request is wrong: another kind or version, or managedFields in it.
    case badRequest(String)
    /// The managedFields of the live object cannot be read.
    case unreadableManagedFields

    /// The answer of a Kubernetes API server.
    package var status: StatusError {
        switch self {
        case .conflicts(let conflicts):
            let causes = conflicts.map { conflict -> JSON in
                [
                    "reason": "FieldManagerConflict", "message": .string(conflict.message),
                    "field": .string(conflict.path.description),
                ]
            }
            return StatusError(
                code: 409,
                reason: "Conflict",
                message: Self.message(of: conflicts),
                details: ["causes": .array(causes)]
            )
        case .invalidConfiguration(let message): return StatusError(code: 500, reason: "", message: message)
        case .badRequest(let message): return StatusError(code: 400, reason: "BadRequest", message: message)
        case .unreadableManagedFields:
            return StatusError(code: 500, reason: "", message: "failed to decode managed fields")
        }
    }

    private static func message(of conflicts: [ApplyConflict]) -> String {
        if conflicts.count == 1, let conflict = conflicts.first {
            return "Apply failed with 1 conflict: \(conflict.message): \(conflict.path)"
        }
        var lines: [String] = []
        let groups = Dictionary(grouping: conflicts, by: \.message).sorted { $0.key < $1.key }
        for (message, members) in groups {
            lines.append("conflicts" + message.dropFirst("conflict".count) + ":")
            lines += members.map { "- \($0.path)" }
        }
        return "Apply failed with \(conflicts.count) conflicts: " + lines.joined(separator: "\n")
    }
}
