import KubeModel

/// One rule of a Role or ClusterRole.
struct PolicyRule: Sendable, Hashable {
    var verbs: [String]
    var groups: [String] = []
    var resources: [String] = []
    var names: [String] = []
    var paths: [String] = []

    init(
        verbs: [String],
        groups: [String] = [],
        resources: [String] = [],
        names: [String] = [],
        paths: [String] = []
    ) {
        self.verbs = verbs
        self.groups = groups
        self.resources = resources
        self.names = names
        self.paths = paths
    }

    init(_ json: JSON) {
        func strings(_ key: String) -> [String] { json[key]?.array?.compactMap(\.string) ?? [] }
        verbs = strings("verbs")
        groups = strings("apiGroups")
        resources = strings("resources")
        names = strings("resourceNames")
        paths = strings("nonResourceURLs")
    }

    static func rules(of role: KubeObject) -> [PolicyRule] {
        (role["rules"]?.array ?? []).map(PolicyRule.init)
    }

    var json: JSON {
        var json: JSON = ["verbs": Self.array(verbs)]
        if !groups.isEmpty { json["apiGroups"] = Self.array(groups) }
        if !resources.isEmpty { json["resources"] = Self.array(resources) }
        if !names.isEmpty { json["resourceNames"] = Self.array(names) }
        if !paths.isEmpty { json["nonResourceURLs"] = Self.array(paths) }
        return json
    }

    private static func array(_ texts: [String]) -> JSON { .array(texts.map(JSON.string)) }

    func allows(_ access: AccessAttributes) -> Bool {
        guard verbs.contains("*") || verbs.contains(access.verb) else { return false }
        switch access.target {
        case .path(let path): return allows(path: path)
        case .resource(let target):
            return (groups.contains("*") || groups.contains(target.group))
                && allows(resource: target.resource, subresource: target.subresource)
                && (names.isEmpty || names.contains(target.name))
        }
    }

    private func allows(path: String) -> Bool {
        paths.contains { pattern in
            pattern == "*" || pattern == path || pattern.hasSuffix("*") && path.hasPrefix(pattern.dropLast())
        }
    }

    private func allows(resource: String, subresource: String) -> Bool {
        let combined = subresource.isEmpty ? resource : "\(resource)/\(subresource)"
        return resources.contains { pattern in
            pattern == "*" || pattern == combined || !subresource.isEmpty && pattern == "*/\(subresource)"
        }
    }
}

/// What someone wants to do, as authorization sees it.
struct AccessAttributes: Sendable, Hashable {
    struct Resource: Sendable, Hashable {
        var group = ""
        var version = ""
        var resource: String
        var subresource = ""
        var namespace = ""
        var name = ""
    }
    enum Target: Sendable, Hashable {
        case resource(Resource)
        case path(String)
    }

    var verb: String
    var target: Target

    init(verb: String, target: Target) {
        self.verb = verb
        self.target = target
    }

    init(_ info: RequestInfo) {
        verb = info.verb
        target =
            info.isResource
            ? .resource(
                Resource(
                    group: info.group,
                    version: info.version,
                    resource: info.resource,
                    subresource: info.subresource,
                    namespace: info.namespace,
                    name: info.name
                )
            ) : .path(info.path)
    }

    /// As `Forbidden` messages tell it, for a user.
    func refusal(of user: String, reason: String) -> StatusError {
        let why = reason.isEmpty ? "" : ": \(reason)"
        switch target {
        case .path(let path):
            return StatusError(
                code: 403,
                reason: "Forbidden",
                message: "forbidden: User \"\(user)\" cannot \(verb) path \"\(path)\"\(why)",
                details: [:]
            )
        case .resource(let target):
            let groupResource = target.group.isEmpty ? target.resource : "\(target.resource).\(target.group)"
            let subject = target.name.isEmpty ? groupResource : "\(groupResource) \"\(target.name)\""
            let combined =
                target.subresource.isEmpty ? target.resource : "\(target.resource)/\(target.subresource)"
            let scope =
                target.namespace.isEmpty ? "at the cluster scope" : "in the namespace \"\(target.namespace)\""
            return StatusError(
                code: 403,
                reason: "Forbidden",
                message: "\(subject) is forbidden: User \"\(user)\" cannot \(verb) resource \"\(combined)\" "
                    + "in API group \"\(target.group)\" \(scope)\(why)",
                details: StatusError.details(name: target.name, group: target.group, kind: target.resource)
            )
        }
    }
}
