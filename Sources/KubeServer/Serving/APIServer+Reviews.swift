import Foundation
import KubeModel

/// Kinds that are only questions: they can be created, are answered, and never stored.
extension APIServer {
    /// The answer to a review or a token request; `nil` for any other resource.
    func answerReview(
        _ request: ServerRequest,
        _ info: RequestInfo,
        _ definition: ResourceDefinition,
        _ user: UserInfo
    ) async throws -> ServerResponse? {
        let isToken = info.group.isEmpty && info.resource == "serviceaccounts" && info.subresource == "token"
        let isReview = Self.reviewGroups.contains(info.group) && !definition.verbs.contains("list")
        guard isToken || isReview else { return nil }
        guard info.verb == "create" else { throw StatusError.methodNotAllowed }
        let representation = try Negotiation(request).representation(isCollection: false)
        _ = try WriteOptions.context(request, user, kind: "CreateOptions")
        let body = try RequestBody(request).object(for: definition, subresource: nil)
        let answer: JSON
        if isToken {
            let account = ObjectName(namespace: info.namespace, name: info.name)
            answer = try await TokenRequests(store: store, tokens: authenticator.tokens).answer(
                body,
                account: account
            )
        } else {
            let reviews = AccessReviews(authorizer: authorizer, authenticator: authenticator)
            answer = try await reviews.answer(body, definition, namespace: info.namespace, user)
        }
        return self.answer(answer, status: 201, representation)
    }

    private static let reviewGroups: Set = ["authorization.k8s.io", "authentication.k8s.io"]
}

struct AccessReviews: Sendable {
    let authorizer: Authorizer
    let authenticator: Authenticator

    func answer(
        _ body: JSON,
        _ definition: ResourceDefinition,
        namespace: String,
        _ user: UserInfo
    ) async throws -> JSON {
        var answer: JSON = [
            "kind": .string(definition.kind), "apiVersion": .string(definition.gvr.apiVersion),
            "metadata": [:],
        ]
        let spec = body["spec"] ?? [:]
        let own = body.at("metadata", "namespace")?.string ?? ""
        if !namespace.isEmpty, !own.isEmpty, own != namespace {
            throw StatusError.badRequest(
                "the namespace of the provided object does not match the namespace sent on the request"
            )
        }
        switch definition.gvr.resource {
        case "selfsubjectaccessreviews":
            try refuse(Self.errors(of: spec) + Self.errors(ofMetadata: body))
            answer["spec"] = spec
            answer["status"] = review(spec, user)
        case "subjectaccessreviews", "localsubjectaccessreviews":
            var errors = Self.errors(of: spec) + Self.errors(ofSubject: spec) + Self.errors(ofMetadata: body)
            if !namespace.isEmpty {
                errors += Self.errors(of: spec, in: namespace)
                answer["metadata"] = ["namespace": .string(namespace)]
            }
            try refuse(errors)
            answer["spec"] = spec
            answer["status"] = review(spec, subject(spec))
        case "selfsubjectrulesreviews":
            guard let namespace = spec["namespace"]?.string, !namespace.isEmpty else {
                throw StatusError.badRequest("no namespace on request")
            }
            answer["spec"] = [:]
            answer["status"] = rules(of: user, namespace)
        case "selfsubjectreviews":
            answer["metadata"] = ["creationTimestamp": .string(Date().formatted(.iso8601))]
            answer["status"] = ["userInfo": Self.json(of: user)]
        case "tokenreviews":
            answer["spec"] = spec
            answer["status"] = try await tokenStatus(spec)
        default: throw StatusError.methodNotAllowed
        }
        return answer
    }

    private func review(_ spec: JSON, _ user: UserInfo) -> JSON {
        let decision = authorizer.decide(user, Self.access(spec))
        var status: JSON = ["allowed": .bool(decision.isAllowed)]
        if !decision.reason.isEmpty { status["reason"] = .string(decision.reason) }
        return status
    }

    private static func member(_ name: String, of spec: JSON) -> JSON? {
        spec[name].flatMap { $0.isNull ? nil : $0 }
    }

    /// What is asked; a review whose spec has no errors asks one thing.
    private static func access(_ spec: JSON) -> AccessAttributes {
        guard let resource = member("resourceAttributes", of: spec) else {
            let path = spec["nonResourceAttributes"]
            return AccessAttributes(
                verb: path?["verb"]?.string ?? "",
                target: .path(path?["path"]?.string ?? "")
            )
        }
        func text(_ key: String) -> String { resource[key]?.string ?? "" }
        let target = AccessAttributes.Resource(
            group: text("group"),
            version: text("version"),
            resource: text("resource"),
            subresource: text("subresource"),
            namespace: text("namespace"),
            name: text("name")
        )
        return AccessAttributes(verb: text("verb"), target: .resource(target))
    }

    // MARK: Validation

    private func refuse(_ errors: [FieldError]) throws {
        guard !errors.isEmpty else { return }
        throw StatusError.invalid(group: "authorization.k8s.io", kind: "", errors)
    }

    private static func errors(of spec: JSON) -> [FieldError] {
        let path = member("nonResourceAttributes", of: spec)
        switch (member("resourceAttributes", of: spec), path) {
        case (.some, .some(let path)):
            let field = FieldPath("spec", "nonResourceAttributes")
            let detail = "cannot be specified in combination with resourceAttributes"
            return [.invalid(field, shown(path), detail)]
        case (nil, nil):
            let detail = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
            return [.invalid(FieldPath("spec", "resourceAttributes"), .null, detail)]
        default: return []
        }
    }

    /// A question has no name.
    private static func errors(ofMetadata body: JSON) -> [FieldError] {
        var metadata = body["metadata"] ?? [:]
        metadata["namespace"] = nil
        guard let members = metadata.object, !members.isEmpty else { return [] }
        return [.invalid(FieldPath("metadata"), metadata, "must be empty")]
    }

    private static func errors(ofSubject spec: JSON) -> [FieldError] {
        let hasUser = !(spec["user"]?.string ?? "").isEmpty
        let hasGroups = !(spec["groups"]?.array ?? []).isEmpty
        if hasUser || hasGroups { return [] }
        return [.invalid(FieldPath("spec", "user"), "", "at least one of user or group must be specified")]
    }

    private static func errors(of spec: JSON, in namespace: String) -> [FieldError] {
        var errors: [FieldError] = []
        if let resource = member("resourceAttributes", of: spec),
            resource["namespace"]?.string ?? "" != namespace
        {
            errors.append(
                .invalid(
                    FieldPath("spec", "resourceAttributes", "namespace"),
                    resource["namespace"] ?? "",
                    "must match metadata.namespace"
                )
            )
        }
        if let path = member("nonResourceAttributes", of: spec) {
            let field = FieldPath("spec", "nonResourceAttributes")
            errors.append(.invalid(field, shown(path), "disallowed on this kind of request"))
        }
        return errors
    }

    /// As Kubernetes shows what it has no names of the wire for.
    private static func shown(_ path: JSON) -> JSON {
        ["Path": path["path"] ?? "", "Verb": path["verb"] ?? ""]
    }

    private func subject(_ spec: JSON) -> UserInfo {
        UserInfo(
            name: spec["user"]?.string ?? "",
            uid: spec["uid"]?.string ?? "",
            groups: spec["groups"]?.array?.compactMap(\.string) ?? []
        )
    }

    private func rules(of user: UserInfo, _ namespace: String) -> JSON {
        let rules = authorizer.rules(for: user, namespace: namespace)
        let isMaster = user.groups.contains("system:masters")
        let all = PolicyRule(verbs: ["*"], groups: ["*"], resources: ["*"])
        let everywhere = PolicyRule(verbs: ["*"], paths: ["*"])
        let shown = isMaster && rules.isEmpty ? [all, everywhere] : rules
        return [
            "resourceRules": .array(shown.filter(\.paths.isEmpty).map(\.json)),
            "nonResourceRules": .array(
                shown.filter { !$0.paths.isEmpty }.map { PolicyRule(verbs: $0.verbs, paths: $0.paths).json }
            ),
            "incomplete": false,
        ]
    }

    private func tokenStatus(_ spec: JSON) async throws -> JSON {
        let audiences = spec["audiences"]?.array?.compactMap(\.string) ?? []
        guard let token = spec["token"]?.string, !token.isEmpty else {
            throw StatusError.badRequest("token is required for TokenReview in authentication")
        }
        guard let found = await authenticator.authenticate(token: token, audiences: audiences) else {
            let why = await authenticator.tokens.refusal(of: token, audiences: audiences)
            let text = ["invalid bearer token"] + (why.map { [$0] } ?? [])
            let shown = text.count == 1 ? text[0] : "[\(text.joined(separator: ", "))]"
            return ["user": [:], "error": .string(shown)]
        }
        var status: JSON = ["authenticated": true, "user": Self.json(of: found.user)]
        if !found.audiences.isEmpty { status["audiences"] = .array(found.audiences.map(JSON.string)) }
        return status
    }

    static func json(of user: UserInfo) -> JSON {
        var json: JSON = ["username": .string(user.name)]
        if !user.uid.isEmpty { json["uid"] = .string(user.uid) }
        if !user.groups.isEmpty { json["groups"] = .array(user.groups.map(JSON.string)) }
        if !user.extra.isEmpty {
            let extra = user.extra.map { ($0, JSON.array($1.map(JSON.string))) }
            json["extra"] = .object(JSONObject(extra, uniquingKeysWith: { _, last in last }))
        }
        return json
    }
}
