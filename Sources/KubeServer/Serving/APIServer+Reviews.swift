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
        switch definition.gvr.resource {
        case "selfsubjectaccessreviews":
            answer["spec"] = spec
            answer["status"] = try review(spec, user)
        case "subjectaccessreviews", "localsubjectaccessreviews":
            answer["spec"] = spec
            if !namespace.isEmpty, spec.at("resourceAttributes", "namespace")?.string ?? "" != namespace {
                throw StatusError.invalid(
                    group: "authorization.k8s.io",
                    kind: "",
                    [
                        .invalid(
                            FieldPath("spec", "resourceAttributes", "namespace"),
                            spec.at("resourceAttributes", "namespace") ?? "",
                            "must match metadata.namespace"
                        )
                    ]
                )
            }
            answer["status"] = try review(spec, try subject(spec))
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
            answer["status"] = await tokenStatus(spec)
        default: throw StatusError.methodNotAllowed
        }
        return answer
    }

    private func review(_ spec: JSON, _ user: UserInfo) throws -> JSON {
        let decision = authorizer.decide(user, try access(spec))
        var status: JSON = ["allowed": .bool(decision.isAllowed)]
        if !decision.reason.isEmpty { status["reason"] = .string(decision.reason) }
        return status
    }

    private func access(_ spec: JSON) throws -> AccessAttributes {
        let resource = spec["resourceAttributes"].flatMap { $0.isNull ? nil : $0 }
        let path = spec["nonResourceAttributes"].flatMap { $0.isNull ? nil : $0 }
        let field = FieldPath("spec", resource == nil ? "resourceAttributes" : "nonResourceAttributes")
        switch (resource, path) {
        case (let resource?, nil):
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
        case (nil, let path?):
            return AccessAttributes(
                verb: path["verb"]?.string ?? "",
                target: .path(path["path"]?.string ?? "")
            )
        case (nil, nil):
            let detail = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
            throw StatusError.invalid(
                group: "authorization.k8s.io",
                kind: "",
                [.invalid(field, .null, detail)]
            )
        default:
            let detail = "cannot be specified in combination with resourceAttributes"
            throw StatusError.invalid(
                group: "authorization.k8s.io",
                kind: "",
                [.invalid(field, spec["nonResourceAttributes"] ?? .null, detail)]
            )
        }
    }

    private func subject(_ spec: JSON) throws -> UserInfo {
        let name = spec["user"]?.string ?? ""
        let groups = spec["groups"]?.array?.compactMap(\.string) ?? []
        if name.isEmpty, groups.isEmpty {
            let detail = "at least one of user or group must be specified"
            throw StatusError.invalid(
                group: "authorization.k8s.io",
                kind: "",
                [.invalid(FieldPath("spec", "user"), "", detail)]
            )
        }
        return UserInfo(name: name, uid: spec["uid"]?.string ?? "", groups: groups)
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

    private func tokenStatus(_ spec: JSON) async -> JSON {
        let audiences = spec["audiences"]?.array?.compactMap(\.string) ?? []
        guard let token = spec["token"]?.string, !token.isEmpty,
            let found = await authenticator.authenticate(token: token, audiences: audiences)
        else { return ["user": [:], "error": "[invalid bearer token]"] }
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
