import KubeModel
import Synchronization

/// Decides who may do what, by the cluster's RBAC objects.
package final class Authorizer: Sendable {
    struct Decision: Sendable, Hashable {
        var isAllowed: Bool
        /// Which binding allows it, or which role is missing.
        var reason: String
    }

    private let bindings = Mutex(RoleBindings())

    /// - Parameter store: Its RBAC objects, now and whenever they change.
    package init(store: ClusterStore) {
        for resource in ["clusterroles", "roles", "clusterrolebindings", "rolebindings"] {
            store.observe("\(resource).rbac.authorization.k8s.io") { [weak self] event in
                self?.bindings.withLock { $0.apply(event) }
            }
        }
    }

    func decide(_ user: UserInfo, _ access: AccessAttributes) -> Decision {
        if user.groups.contains("system:masters") { return Decision(isAllowed: true, reason: "") }
        var namespace = ""
        if case .resource(let target) = access.target { namespace = target.namespace }
        let subjects = RoleBindings.Subject.all(of: user)
        return bindings.withLock { bindings in
            var missing: [String] = []
            for grant in bindings.grants(to: subjects, namespace: namespace) {
                guard let rules = bindings.rules(of: grant.role) else {
                    missing.append(
                        "\(grant.role.kind.lowercased()).rbac.authorization.k8s.io \"\(grant.role.name)\" not found"
                    )
                    continue
                }
                if rules.contains(where: { $0.allows(access) }) {
                    return Decision(isAllowed: true, reason: "RBAC: allowed by \(grant.description)")
                }
            }
            guard !missing.isEmpty else { return Decision(isAllowed: false, reason: "") }
            let text = missing.count == 1 ? missing[0] : "[\(missing.joined(separator: ", "))]"
            return Decision(isAllowed: false, reason: "RBAC: \(text)")
        }
    }

    /// - Throws: `StatusError` 403 in Kubernetes' words.
    func require(_ user: UserInfo, _ info: RequestInfo) throws { try require(user, AccessAttributes(info)) }

    func require(_ user: UserInfo, _ access: AccessAttributes) throws {
        let decision = decide(user, access)
        if !decision.isAllowed { throw access.refusal(of: user.name, reason: decision.reason) }
    }

    /// Every rule that applies to a user in a namespace.
    func rules(for user: UserInfo, namespace: String) -> [PolicyRule] {
        let subjects = RoleBindings.Subject.all(of: user)
        return bindings.withLock { bindings in
            bindings.grants(to: subjects, namespace: namespace).flatMap { bindings.rules(of: $0.role) ?? [] }
        }
    }

    func rules(of role: RoleBindings.RoleReference) -> [PolicyRule]? {
        bindings.withLock { $0.rules(of: role) }
    }
}
