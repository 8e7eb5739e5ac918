import KubeModel

/// The parameters of a list or a watch, checked.
struct ListOptions: Sendable {
    enum VersionMatch: String, Sendable { case exact = "Exact", notOlderThan = "NotOlderThan" }

    var limit: Int
    var continuation: String
    /// Empty or `0` where any version will do.
    var resourceVersion: String
    var match: VersionMatch?
    var sendInitialEvents: Bool?
    var allowsBookmarks: Bool
    var timeout: Duration?

    /// - Throws: `StatusError` for values and combinations that Kubernetes refuses.
    init(_ request: ServerRequest, isWatch: Bool) throws {
        limit = try Self.integer(request, "limit") ?? 0
        continuation = request.parameter("continue") ?? ""
        resourceVersion = request.parameter("resourceVersion") ?? ""
        allowsBookmarks = request.flag("allowWatchBookmarks")
        timeout = try Self.integer(request, "timeoutSeconds").map { .seconds($0) }
        sendInitialEvents =
            request.parameter("sendInitialEvents") == nil ? nil : request.flag("sendInitialEvents")
        let match = request.parameter("resourceVersionMatch") ?? ""
        self.match = VersionMatch(rawValue: match)
        let errors = isWatch ? watchErrors(match) : listErrors(match)
        if !errors.isEmpty { throw StatusError.invalid(group: "meta.k8s.io", kind: "ListOptions", errors) }
        if !continuation.isEmpty, !resourceVersion.isEmpty, resourceVersion != "0" {
            throw StatusError.badRequest("specifying resource version is not allowed when using continue")
        }
    }

    private func listErrors(_ match: String) -> [FieldError] {
        var errors: [FieldError] = []
        if !match.isEmpty {
            if resourceVersion.isEmpty {
                errors.append(
                    .forbidden(
                        FieldPath("resourceVersionMatch"),
                        "resourceVersionMatch is forbidden unless resourceVersion is provided"
                    )
                )
            }
            if !continuation.isEmpty {
                errors.append(
                    .forbidden(
                        FieldPath("resourceVersionMatch"),
                        "resourceVersionMatch is forbidden when continue is provided"
                    )
                )
            }
            if self.match == nil {
                errors.append(
                    .notSupported(
                        FieldPath("resourceVersionMatch"),
                        .string(match),
                        ["Exact", "NotOlderThan", ""]
                    )
                )
            }
            if self.match == .exact, resourceVersion == "0" {
                errors.append(
                    .forbidden(
                        FieldPath("resourceVersionMatch"),
                        "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""
                    )
                )
            }
        }
        if sendInitialEvents != nil {
            errors.append(
                .forbidden(FieldPath("sendInitialEvents"), "sendInitialEvents is forbidden for list")
            )
        }
        return errors
    }

    private func watchErrors(_ match: String) -> [FieldError] {
        var errors: [FieldError] = []
        let field = FieldPath("resourceVersionMatch")
        if sendInitialEvents == nil {
            if !match.isEmpty {
                errors.append(
                    .forbidden(
                        field,
                        "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
                    )
                )
            }
        } else {
            if self.match != .notOlderThan {
                errors.append(
                    .forbidden(
                        field,
                        "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
                    )
                )
            }
            if !match.isEmpty, self.match == nil {
                errors.append(.notSupported(field, .string(match), ["NotOlderThan"]))
            }
        }
        return errors
    }

    /// The version in ``resourceVersion``; `nil` when it is empty or `0`.
    ///
    /// - Parameter failure: What a malformed one becomes; Kubernetes has two answers.
    func version(orThrow failure: (String) -> StatusError) throws -> UInt64? {
        if resourceVersion.isEmpty || resourceVersion == "0" { return nil }
        guard let version = UInt64(resourceVersion) else {
            throw failure(Self.malformed(resourceVersion))
        }
        return version
    }

    /// The complaint about a resource version that is no number.
    static func malformed(_ version: String) -> String {
        let detail = "strconv.ParseUint: parsing \(version.goQuoted): invalid syntax"
        return FieldError.invalid(FieldPath("resourceVersion"), .string(version), detail).description
    }

    static func integer(_ request: ServerRequest, _ name: String) throws -> Int? {
        guard let text = request.parameter(name), !text.isEmpty else { return nil }
        guard let value = Int(text) else {
            throw StatusError.badRequest("strconv.ParseInt: parsing \(text.goQuoted): invalid syntax")
        }
        return value
    }
}
