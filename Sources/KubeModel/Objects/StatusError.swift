/// A failure as the Kubernetes API answers it: the `Status` object.
///
/// Callers branch on ``reason`` and ``code``, never on ``message``.
package struct StatusError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The HTTP status.
    package var code: Int
    /// `NotFound`, `AlreadyExists`, `Conflict`, `Invalid`, `Forbidden`, …; empty where Kubernetes gives none.
    package var reason: String
    package var message: String
    /// `details` of the Status: name, group, kind, uid, causes, retryAfterSeconds.
    package var details: JSON?

    package init(code: Int, reason: String, message: String, details: JSON? = nil) {
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
    }

    /// From a `Status` object in a response body.
    package init(status json: JSON, httpStatus: Int) {
        self.init(
            code: json["code"]?.int ?? httpStatus,
            reason: json["reason"]?.string ?? "",
            message: json["message"]?.string ?? "the server answered \(httpStatus)" + Self.words(of: json),
            details: json["details"]
        )
    }

    /// What a proxy, or a server that speaks something else, says in plain words.
    private static func words(of body: JSON) -> String {
        guard let line = body.string?.split(whereSeparator: \.isNewline).first, !line.contains("<") else {
            return ""
        }
        return ": " + line.prefix(200)
    }

    /// The `Status` object.
    package var json: JSON {
        var json: JSON = [
            "apiVersion": "v1", "kind": "Status", "metadata": [:], "status": "Failure",
            "message": .string(message), "code": .integer(Int64(code)),
        ]
        if !reason.isEmpty { json["reason"] = .string(reason) }
        if let details { json["details"] = details }
        return json
    }

    package var description: String { message }

    package var isNotFound: Bool { code == 404 }
    /// Whether it is the path that is not served, as of a version of a kind that was taken away: where it is the object (or its
    /// namespace) that is not there, the answer names it.
    package var isOfUnknownPath: Bool { isNotFound && (details?["name"]?.string ?? "").isEmpty }
    package var isConflict: Bool { code == 409 && reason == "Conflict" }
    package var isAlreadyExists: Bool { code == 409 && reason == "AlreadyExists" }
    package var isInvalid: Bool { code == 422 }
    package var isForbidden: Bool { code == 403 }
    package var isGone: Bool { code == 410 }
    /// Whether the same request may succeed later: overload, time-outs, failures of the server, lost races.
    package var isRetryable: Bool { code == 429 || code >= 500 || isConflict }
}
