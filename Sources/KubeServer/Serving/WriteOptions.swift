import KubeModel

/// The options of writing requests, read and checked.
enum WriteOptions {
    private static let group = "meta.k8s.io"

    /// - Parameter kind: `CreateOptions` or `UpdateOptions`, for messages.
    static func context(_ request: ServerRequest, _ user: UserInfo, kind: String) throws -> WriteContext {
        try context(request, user, kind: kind, more: [])
    }

    static func context(
        _ request: ServerRequest,
        _ user: UserInfo,
        patch type: ResourceRegistry.PatchType
    ) throws -> WriteContext {
        var errors: [FieldError] = []
        if type == .apply {
            if (request.parameter("fieldManager") ?? "").isEmpty {
                errors.append(.required(FieldPath("fieldManager"), "is required for apply patch"))
            }
        } else if request.parameter("force") != nil {
            errors.append(.forbidden(FieldPath("force"), "may not be specified for non-apply patch"))
        }
        return try context(request, user, kind: "PatchOptions", more: errors)
    }

    /// - Parameter deletion: As ``deletion(_:)`` made them.
    static func context(_ request: ServerRequest, _ user: UserInfo, deletion: JSON) throws -> WriteContext {
        let isDryRun = !(deletion["dryRun"]?.array ?? []).isEmpty
        return WriteContext(user: user, fieldManager: manager(request), isDryRun: isDryRun)
    }

    private static func context(
        _ request: ServerRequest,
        _ user: UserInfo,
        kind: String,
        more: [FieldError]
    ) throws -> WriteContext {
        let dryRun = request.parameters("dryRun")
        let validation = request.parameter("fieldValidation") ?? ""
        let errors =
            more + managerErrors(request.parameter("fieldManager") ?? "") + dryRunErrors(dryRun)
            + validationErrors(validation)
        guard errors.isEmpty else { throw StatusError.invalid(group: group, kind: kind, errors) }
        return WriteContext(
            user: user,
            fieldManager: manager(request),
            isDryRun: !dryRun.isEmpty,
            fieldValidation: WriteContext.FieldValidation(rawValue: validation) ?? .warn,
            isForced: request.flag("force")
        )
    }

    /// The field manager: the parameter, or else what stands before the slash in the User-Agent.
    private static func manager(_ request: ServerRequest) -> String {
        if let manager = request.parameter("fieldManager"), !manager.isEmpty { return manager }
        let agent = request.headers["user-agent"] ?? "unknown"
        let prefix =
            agent.split(separator: "/", omittingEmptySubsequences: false).first.map(String.init) ?? ""
        var name = ""
        for scalar in prefix.unicodeScalars where scalar.value >= 0x20 && scalar.value != 0x7f {
            if name.utf8.count + String(scalar).utf8.count > 128 { break }
            name.unicodeScalars.append(scalar)
        }
        return name
    }

    private static func managerErrors(_ manager: String) -> [FieldError] {
        let field = FieldPath("fieldManager")
        if manager.utf8.count > 128 { return [.tooLong(field, maximum: 128)] }
        for (position, scalar) in manager.unicodeScalars.enumerated()
        where scalar.value < 0x20 || scalar.value == 0x7f {
            let digits = String(scalar.value, radix: 16, uppercase: true)
            let code = String(repeating: "0", count: 4 - digits.count) + digits
            return [
                .invalid(field, .string(manager), "invalid character U+\(code) (at position \(position))")
            ]
        }
        return []
    }

    private static func dryRunErrors(_ values: [String]) -> [FieldError] {
        guard !values.allSatisfy({ $0 == "All" }) else { return [] }
        let shown = "[" + values.map(\.goQuoted).joined(separator: ",") + "]"
        return [.notSupported(FieldPath("dryRun"), rendered: shown, ["All"])]
    }

    private static func validationErrors(_ value: String) -> [FieldError] {
        guard !["", "Ignore", "Strict", "Warn"].contains(value) else { return [] }
        return [
            .notSupported(FieldPath("fieldValidation"), .string(value), ["", "Ignore", "Strict", "Warn"])
        ]
    }

    // MARK: Deletion

    /// The DeleteOptions of a request: its body if it has one, else the query.
    ///
    /// - Throws: `StatusError` for options that Kubernetes refuses.
    static func deletion(_ request: ServerRequest) throws -> JSON {
        let body = RequestBody(request)
        let options = body.isEmpty ? try deletion(query: request) : try body.deleteOptions()
        let errors = deletionErrors(options)
        guard errors.isEmpty else { throw StatusError.invalid(group: group, kind: "DeleteOptions", errors) }
        return options
    }

    private static func deletion(query request: ServerRequest) throws -> JSON {
        var options: JSON = ["apiVersion": "v1", "kind": "DeleteOptions"]
        if let seconds = try ListOptions.integer(request, "gracePeriodSeconds") {
            options["gracePeriodSeconds"] = .integer(Int64(seconds))
        }
        if let policy = request.parameter("propagationPolicy") {
            options["propagationPolicy"] = .string(policy)
        }
        if request.parameter("orphanDependents") != nil {
            options["orphanDependents"] = .bool(request.flag("orphanDependents"))
        }
        let dryRun = request.parameters("dryRun")
        if !dryRun.isEmpty { options["dryRun"] = .array(dryRun.map(JSON.string)) }
        return options
    }

    private static func deletionErrors(_ options: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        let field = FieldPath("propagationPolicy")
        let policy = options["propagationPolicy"]?.string
        if let policy {
            if options["orphanDependents"]?.bool != nil {
                let detail = "orphanDependents and deletionPropagation cannot be both set"
                errors.append(.invalid(field, .string(policy), detail))
            }
            if !["Foreground", "Background", "Orphan"].contains(policy) {
                errors.append(
                    .notSupported(field, .string(policy), ["Foreground", "Background", "Orphan", "nil"])
                )
            }
        }
        return errors + dryRunErrors(options["dryRun"]?.array?.compactMap(\.string) ?? [])
    }
}
