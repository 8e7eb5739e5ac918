package import KubeModel

/// Nobody may give rights that they do not have.
extension Authorizer {
    /// Checks a Role, ClusterRole or binding that is about to be written; other resources pass.
    ///
    /// - Parameters:
    ///   - resource: The group-resource, as in ``ClusterStore/Key``.
    ///   - old: What is replaced, if something is.
    /// - Throws: `StatusError` 403 that lists what the user lacks, 404 for a binding to a role that is not there.
    package func checkEscalation(
        by user: UserInfo,
        resource: String,
        object: KubeObject,
        replacing old: KubeObject?
    ) throws {
        if user.groups.contains("system:masters") { return }
        let plural = String(resource.split(separator: ".", maxSplits: 1)[0])
        guard resource == "\(plural).rbac.authorization.k8s.io" else { return }
        switch plural {
        case "roles", "clusterroles":
            if let old, old["rules"] == object["rules"], old["aggregationRule"] == object["aggregationRule"] {
                return
            }
            let escalate = access("escalate", plural, object.namespace, object.name)
            if decide(user, escalate).isAllowed { return }
            try confirm(
                user,
                namespace: object.namespace,
                wanted: PolicyRule.rules(of: object),
                plural,
                object.name
            )
        case "rolebindings", "clusterrolebindings":
            if let old, old["roleRef"] == object["roleRef"], old["subjects"] == object["subjects"] { return }
            try checkBinding(by: user, plural, object)
        default: return
        }
    }

    private func checkBinding(by user: UserInfo, _ plural: String, _ object: KubeObject) throws {
        let kind = object.at("roleRef", "kind")?.string ?? ""
        let name = object.at("roleRef", "name")?.string ?? ""
        let roles = kind == "Role" ? "roles" : "clusterroles"
        let bind = access("bind", roles, object.namespace, name)
        if decide(user, bind).isAllowed { return }
        let role = RoleBindings.RoleReference(
            kind: kind,
            namespace: kind == "Role" ? object.namespace : "",
            name: name
        )
        guard let wanted = rules(of: role) else {
            let resource = GroupVersionResource(
                group: "rbac.authorization.k8s.io",
                version: "v1",
                resource: plural
            )
            throw StatusError.notFound(resource, name)
        }
        try confirm(user, namespace: object.namespace, wanted: wanted, plural, object.name)
    }

    private func access(
        _ verb: String,
        _ plural: String,
        _ namespace: String,
        _ name: String
    ) -> AccessAttributes {
        AccessAttributes(
            verb: verb,
            target: .resource(
                AccessAttributes.Resource(
                    group: "rbac.authorization.k8s.io",
                    version: "v1",
                    resource: plural,
                    namespace: namespace,
                    name: name
                )
            )
        )
    }

    private func confirm(
        _ user: UserInfo,
        namespace: String,
        wanted: [PolicyRule],
        _ plural: String,
        _ name: String
    ) throws {
        let held = rules(for: user, namespace: namespace)
        let missing = wanted.flatMap(\.parts).filter { part in !held.contains { $0.covers(part) } }
        guard !missing.isEmpty else { return }
        let list = PolicyRule.compact(missing).map(\.shown).sorted().joined(separator: "\n")
        let groups = user.groups.map { "\"\($0)\"" }.joined(separator: " ")
        throw StatusError(
            code: 403,
            reason: "Forbidden",
            message: "\(plural).rbac.authorization.k8s.io \"\(name)\" is forbidden: user \"\(user.name)\" "
                + "(groups=[\(groups)]) is attempting to grant RBAC permissions not currently held:\n\(list)",
            details: StatusError.details(name: name, group: "rbac.authorization.k8s.io", kind: plural)
        )
    }
}

extension PolicyRule {
    /// The rule as rules of one verb, group, resource and name each.
    fileprivate var parts: [PolicyRule] {
        var parts: [PolicyRule] = []
        for group in groups {
            for resource in resources {
                for verb in verbs {
                    if names.isEmpty {
                        parts.append(PolicyRule(verbs: [verb], groups: [group], resources: [resource]))
                    }
                    for name in names {
                        parts.append(
                            PolicyRule(verbs: [verb], groups: [group], resources: [resource], names: [name])
                        )
                    }
                }
            }
        }
        for path in paths {
            for verb in verbs { parts.append(PolicyRule(verbs: [verb], paths: [path])) }
        }
        return parts
    }

    /// Whether everything that a rule of one part allows is allowed by this one.
    fileprivate func covers(_ part: PolicyRule) -> Bool {
        guard verbs.contains("*") || part.verbs.allSatisfy(verbs.contains) else { return false }
        if let path = part.paths.first {
            return paths.contains { pattern in
                pattern == path || pattern.hasSuffix("*") && path.hasPrefix(pattern.dropLast())
            }
        }
        guard groups.contains("*") || part.groups.allSatisfy(groups.contains) else { return false }
        let coversResource = part.resources.allSatisfy { resource in
            if resources.contains("*") || resources.contains(resource) { return true }
            guard let slash = resource.firstIndex(of: "/") else { return false }
            return resources.contains("*" + resource[slash...])
        }
        guard coversResource else { return false }
        if names.isEmpty { return true }
        return !part.names.isEmpty && part.names.allSatisfy(names.contains)
    }

    /// Joins parts that differ in their verb only.
    fileprivate static func compact(_ parts: [PolicyRule]) -> [PolicyRule] {
        var result: [PolicyRule] = []
        for part in parts {
            let place = result.firstIndex { rule in
                part.paths.isEmpty && rule.groups == part.groups && rule.resources == part.resources
                    && rule.names == part.names && rule.paths.isEmpty
            }
            if let place {
                for verb in part.verbs where !result[place].verbs.contains(verb) {
                    result[place].verbs.append(verb)
                }
            } else {
                result.append(part)
            }
        }
        return result
    }

    /// As messages show it.
    fileprivate var shown: String {
        func list(_ texts: [String]) -> String { "[" + texts.map(\.goQuoted).joined(separator: " ") + "]" }
        var parts: [String] = []
        if !groups.isEmpty { parts.append("APIGroups:\(list(groups))") }
        if !resources.isEmpty { parts.append("Resources:\(list(resources))") }
        if !names.isEmpty { parts.append("ResourceNames:\(list(names))") }
        if !paths.isEmpty { parts.append("NonResourceURLs:\(list(paths))") }
        if !verbs.isEmpty { parts.append("Verbs:\(list(verbs))") }
        return "{\(parts.joined(separator: ", "))}"
    }
}
