import KubeModel

/// Whom a request wants to act as, by its `Impersonate-` headers.
struct Impersonating: Sendable, Hashable {
    var user: String
    var groups: [String]
    var uid: String
    var extra: [String: [String]]

    /// `nil` when the request does not impersonate.
    ///
    /// - Throws: `StatusError` when groups, uid or extra are given without a user.
    init?(_ headers: Headers) throws {
        user = headers["impersonate-user"] ?? ""
        groups = headers.all("impersonate-group")
        uid = headers["impersonate-uid"] ?? ""
        extra = [:]
        for field in headers.fields where field.name.hasPrefix("impersonate-extra-") {
            let key = String(field.name.dropFirst("impersonate-extra-".count))
            extra[PercentEncoding.decode(key, plusIsSpace: false) ?? key, default: []].append(field.value)
        }
        if user.isEmpty {
            if groups.isEmpty, uid.isEmpty, extra.isEmpty { return nil }
            throw StatusError.internalError("requested impersonation without impersonating a user")
        }
    }

    /// The user to act as, if the sender may.
    ///
    /// Allowed by the verb `impersonate` on everything that is impersonated; or else, for one kind of identity alone, by
    /// `impersonate:<mode>` on it together with `impersonate-on:<mode>:<verb>` on what the request is about.
    /// - Throws: `StatusError` 403.
    func user(for sender: UserInfo, _ authorizer: Authorizer, _ info: RequestInfo) throws -> UserInfo {
        let refused = accesses(verb: "impersonate", legacy: true).first {
            !authorizer.decide(sender, $0).isAllowed
        }
        if let refused {
            guard let mode else {
                throw refused.refusal(of: sender.name, reason: authorizer.decide(sender, refused).reason)
            }
            var target = AccessAttributes(info)
            target.verb = "impersonate-on:\(mode):\(info.verb)"
            try authorizer.require(sender, target)
            for access in accesses(verb: "impersonate:\(mode)", legacy: false) {
                try authorizer.require(sender, access)
            }
        }
        return impersonated
    }

    private var account: ServiceAccountName? { ServiceAccountName(user: user) }

    /// The kind of identity for constrained impersonation, where the request is about one.
    private var mode: String? {
        let isPlain = groups.isEmpty && uid.isEmpty && extra.isEmpty
        if user.hasPrefix("system:node:") { return isPlain ? "arbitrary-node" : nil }
        if account != nil { return isPlain ? "serviceaccount" : nil }
        return "user-info"
    }

    private var impersonated: UserInfo {
        var groups = groups
        if groups.isEmpty, let account { groups = account.groups }
        if user == "system:anonymous" {
            if !groups.contains("system:unauthenticated") { groups.append("system:unauthenticated") }
        } else if !groups.contains("system:authenticated"), !groups.contains("system:unauthenticated") {
            groups.append("system:authenticated")
        }
        return UserInfo(name: user, uid: uid, groups: groups, extra: extra)
    }

    /// What the sender must be allowed, one for each thing that is impersonated.
    private func accesses(verb: String, legacy: Bool) -> [AccessAttributes] {
        let group = legacy ? "" : "authentication.k8s.io"
        var targets: [AccessAttributes.Resource] = []
        if let account {
            targets.append(
                AccessAttributes.Resource(
                    group: group,
                    version: "v1",
                    resource: "serviceaccounts",
                    namespace: account.namespace,
                    name: account.name
                )
            )
        } else {
            targets.append(
                AccessAttributes.Resource(group: group, version: "v1", resource: "users", name: user)
            )
        }
        targets += groups.map {
            AccessAttributes.Resource(group: group, version: "v1", resource: "groups", name: $0)
        }
        for (key, values) in extra.sorted(by: { $0.key < $1.key }) {
            targets += values.map {
                AccessAttributes.Resource(
                    group: "authentication.k8s.io",
                    version: "v1",
                    resource: "userextras",
                    subresource: key,
                    name: $0
                )
            }
        }
        if !uid.isEmpty {
            targets.append(
                AccessAttributes.Resource(
                    group: "authentication.k8s.io",
                    version: "v1",
                    resource: "uids",
                    name: uid
                )
            )
        }
        return targets.map { AccessAttributes(verb: verb, target: .resource($0)) }
    }
}
