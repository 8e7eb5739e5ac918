import Foundation
import KubeModel

/// The `token` subresource of service accounts.
struct TokenRequests: Sendable {
    let store: ClusterStore
    let tokens: ServiceAccountTokens

    /// Answers a TokenRequest for a service account.
    ///
    /// - Throws: `StatusError` in Kubernetes' words.
    func answer(_ request: JSON, account: ObjectName) async throws -> JSON {
        let key = ClusterStore.Key(resource: "serviceaccounts", name: account)
        guard let serviceAccount = store.get(key) else {
            throw StatusError.notFound(
                GroupVersionResource(version: "v1", resource: "serviceaccounts"),
                account.name
            )
        }
        try check(request, account)
        let seconds = request.at("spec", "expirationSeconds")?.int ?? 3600
        let audiences = request.at("spec", "audiences")?.array?.compactMap(\.string) ?? []
        let now = Int(Date().timeIntervalSince1970)
        var kubernetes = ServiceAccountClaims.Kubernetes(
            namespace: account.namespace,
            serviceaccount: ServiceAccountClaims.Object(name: account.name, uid: serviceAccount.uid)
        )
        let reference = request.at("spec", "boundObjectRef")
        if let reference, !reference.isNull { try bind(reference, account, &kubernetes) }
        let claims = ServiceAccountClaims(
            iss: ServiceAccountTokens.issuer,
            aud: audiences.isEmpty ? [ServiceAccountTokens.issuer] : audiences,
            sub: ServiceAccountName(namespace: account.namespace, name: account.name).user,
            jti: UUID().uuidString.lowercased(),
            iat: now,
            nbf: now,
            exp: now + seconds,
            kubernetes: kubernetes
        )
        let token = try await tokens.sign(claims)
        return [
            "kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1",
            "metadata": [
                "name": .string(account.name), "namespace": .string(account.namespace),
                "uid": .string(serviceAccount.uid), "creationTimestamp": .string(Self.time(now)),
            ],
            "spec": [
                "audiences": .array(claims.aud.map(JSON.string)),
                "expirationSeconds": .integer(Int64(seconds)),
                "boundObjectRef": reference ?? .null,
            ],
            "status": ["token": .string(token), "expirationTimestamp": .string(Self.time(claims.exp))],
        ]
    }

    private func check(_ request: JSON, _ account: ObjectName) throws {
        var errors: [FieldError] = []
        if let name = request.at("metadata", "name")?.string, !name.isEmpty, name != account.name {
            let detail = "must match the service account name if specified"
            errors.append(.invalid(FieldPath("metadata", "name"), .string(name), detail))
        }
        if let namespace = request.at("metadata", "namespace")?.string, !namespace.isEmpty,
            namespace != account.namespace
        {
            let detail = "must match the service account namespace if specified"
            errors.append(.invalid(FieldPath("metadata", "namespace"), .string(namespace), detail))
        }
        errors += Rules.tokenLifetime(
            request.at("spec", "expirationSeconds"),
            FieldPath("spec", "expirationSeconds")
        )
        guard errors.isEmpty else {
            let name = errors[0].field.hasPrefix("metadata") ? account.name : ""
            throw StatusError.invalid(
                group: "authentication.k8s.io",
                kind: "TokenRequest",
                name: name,
                errors
            )
        }
    }

    private func bind(
        _ reference: JSON,
        _ account: ObjectName,
        _ kubernetes: inout ServiceAccountClaims.Kubernetes
    ) throws {
        let kind = reference["kind"]?.string ?? ""
        let (group, version) = GroupVersionKind.split(reference["apiVersion"]?.string ?? "v1")
        let resources = ["Pod": "pods", "Secret": "secrets", "Node": "nodes"]
        guard group.isEmpty, version == "v1", let resource = resources[kind] else {
            throw StatusError.badRequest(
                "cannot bind token to object of type \(group)/\(version), Kind=\(kind)"
            )
        }
        let name = reference["name"]?.string ?? ""
        guard !name.isEmpty else { throw StatusError.badRequest("Name parameter required.") }
        let namespace = kind == "Node" ? "" : account.namespace
        let key = ClusterStore.Key(resource: resource, name: ObjectName(namespace: namespace, name: name))
        guard let object = store.get(key) else {
            throw StatusError.notFound(GroupVersionResource(version: "v1", resource: resource), name)
        }
        if let uid = reference["uid"]?.string, !uid.isEmpty, uid != object.uid {
            throw StatusError(
                code: 409,
                reason: "Conflict",
                message:
                    "Operation cannot be fulfilled on \(resource) \"\(name)\": the UID in the bound object reference "
                    + "(\(uid)) does not match the UID in record. The object might have been deleted and then recreated",
                details: StatusError.details(name: name, group: "", kind: resource)
            )
        }
        let claim = ServiceAccountClaims.Object(name: name, uid: object.uid)
        switch kind {
        case "Pod":
            guard object.at("spec", "serviceAccountName")?.string ?? "default" == account.name else {
                throw StatusError.badRequest(
                    "cannot bind token for serviceaccount \"\(account.name)\" to pod running with different "
                        + "serviceaccount name."
                )
            }
            kubernetes.pod = claim
            kubernetes.node = node(of: object)
        case "Secret": kubernetes.secret = claim
        default: kubernetes.node = claim
        }
    }

    private func node(of pod: KubeObject) -> ServiceAccountClaims.Object? {
        guard let name = pod.at("spec", "nodeName")?.string,
            let node = store.get(ClusterStore.Key(resource: "nodes", name: ObjectName(name: name)))
        else { return nil }
        return ServiceAccountClaims.Object(name: name, uid: node.uid)
    }

    static func time(_ seconds: Int) -> String {
        Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
    }
}
