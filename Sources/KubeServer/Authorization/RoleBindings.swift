import KubeModel

/// What RBAC objects say, indexed by subject; kept up to date by the store's events.
struct RoleBindings: Sendable {
    enum Subject: Sendable, Hashable {
        case user(String)
        case group(String)
        case serviceAccount(namespace: String, name: String)

        init?(_ json: JSON, namespace: String) {
            let name = json["name"]?.string ?? ""
            switch json["kind"]?.string {
            case "User": self = .user(name)
            case "Group": self = .group(name)
            case "ServiceAccount":
                self = .serviceAccount(namespace: json["namespace"]?.string ?? namespace, name: name)
            default: return nil
            }
        }

        var description: String {
            switch self {
            case .user(let name): "User \"\(name)\""
            case .group(let name): "Group \"\(name)\""
            case .serviceAccount(let namespace, let name): "ServiceAccount \"\(name)/\(namespace)\""
            }
        }

        /// The subjects that a user is.
        static func all(of user: UserInfo) -> [Subject] {
            var subjects: [Subject] = [.user(user.name)] + user.groups.map(Subject.group)
            if let account = ServiceAccountName(user: user.name) {
                subjects.append(.serviceAccount(namespace: account.namespace, name: account.name))
            }
            return subjects
        }
    }

    struct RoleReference: Sendable, Hashable {
        var kind: String
        /// Of a Role; empty for a ClusterRole.
        var namespace: String
        var name: String

        var isClusterRole: Bool { kind == "ClusterRole" }
    }

    /// One binding as one of its subjects sees it.
    struct Grant: Sendable, Hashable {
        /// Empty for a ClusterRoleBinding.
        var namespace: String
        var binding: String
        var subject: Subject
        var role: RoleReference

        var description: String {
            let what =
                namespace.isEmpty
                ? "ClusterRoleBinding \"\(binding)\"" : "RoleBinding \"\(binding)/\(namespace)\""
            return "\(what) of \(role.kind) \"\(role.name)\" to \(subject.description)"
        }
    }

    private var roles: [RoleReference: [PolicyRule]] = [:]
    /// By namespace, then subject; cluster-wide ones under the empty namespace.
    private var grants: [String: [Subject: [Grant]]] = [:]
    private var subjects: [ObjectName: [Subject]] = [:]

    mutating func apply(_ event: StoreEvent) {
        let name = event.name
        switch event.resource {
        case "roles.rbac.authorization.k8s.io":
            let key = RoleReference(kind: "Role", namespace: name.namespace, name: name.name)
            roles[key] = event.kind == .removed ? nil : PolicyRule.rules(of: event.object)
        case "clusterroles.rbac.authorization.k8s.io":
            let key = RoleReference(kind: "ClusterRole", namespace: "", name: name.name)
            roles[key] = event.kind == .removed ? nil : PolicyRule.rules(of: event.object)
        default:
            remove(binding: name)
            if event.kind != .removed { add(binding: event.object, name) }
        }
    }

    private mutating func remove(binding name: ObjectName) {
        for subject in subjects.removeValue(forKey: name) ?? [] {
            grants[name.namespace]?[subject]?.removeAll { $0.binding == name.name }
            if grants[name.namespace]?[subject]?.isEmpty == true { grants[name.namespace]?[subject] = nil }
        }
        if grants[name.namespace]?.isEmpty == true { grants[name.namespace] = nil }
    }

    private mutating func add(binding: KubeObject, _ name: ObjectName) {
        let kind = binding.at("roleRef", "kind")?.string ?? ""
        let role = RoleReference(
            kind: kind,
            namespace: kind == "Role" ? name.namespace : "",
            name: binding.at("roleRef", "name")?.string ?? ""
        )
        var added: [Subject] = []
        for json in binding["subjects"]?.array ?? [] {
            guard let subject = Subject(json, namespace: name.namespace), !added.contains(subject) else {
                continue
            }
            added.append(subject)
            let grant = Grant(namespace: name.namespace, binding: name.name, subject: subject, role: role)
            grants[name.namespace, default: [:]][subject, default: []].append(grant)
        }
        subjects[name] = added
    }

    func rules(of role: RoleReference) -> [PolicyRule]? { roles[role] }

    /// The bindings that apply to subjects in a namespace, cluster-wide ones first, by name.
    func grants(to subjects: [Subject], namespace: String) -> [Grant] {
        var found = Self.grants(in: grants[""], subjects)
        if !namespace.isEmpty { found += Self.grants(in: grants[namespace], subjects) }
        return found
    }

    private static func grants(in table: [Subject: [Grant]]?, _ subjects: [Subject]) -> [Grant] {
        guard let table else { return [] }
        return subjects.flatMap { table[$0] ?? [] }.sorted { $0.binding < $1.binding }
    }
}

/// The user name of a service account.
struct ServiceAccountName: Sendable, Hashable {
    static let prefix = "system:serviceaccount:"
    var namespace: String
    var name: String

    init(namespace: String, name: String) {
        self.namespace = namespace
        self.name = name
    }

    init?(user: String) {
        guard user.hasPrefix(Self.prefix) else { return nil }
        let parts = user.dropFirst(Self.prefix.count).split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        namespace = String(parts[0])
        name = String(parts[1])
    }

    var user: String { "\(Self.prefix)\(namespace):\(name)" }
    var groups: [String] { ["system:serviceaccounts", "system:serviceaccounts:\(namespace)"] }
}
