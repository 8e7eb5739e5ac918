/// A kind with its API group and version.
///
/// The core group's name is empty.
package struct GroupVersionKind: Sendable, Hashable, Comparable, CustomStringConvertible {
    package var group: String
    package var version: String
    package var kind: String

    package init(group: String, version: String, kind: String) {
        self.group = group
        self.version = version
        self.kind = kind
    }

    /// From an object's `apiVersion` (`v1`, `apps/v1`) and `kind`.
    package init(apiVersion: String, kind: String) {
        let (group, version) = GroupVersionKind.split(apiVersion)
        self.init(group: group, version: version, kind: kind)
    }

    /// `apps/v1` → (`apps`, `v1`); `v1` → (``, `v1`).
    package static func split(_ apiVersion: String) -> (group: String, version: String) {
        guard let slash = apiVersion.firstIndex(of: "/") else { return ("", apiVersion) }
        return (String(apiVersion[..<slash]), String(apiVersion[apiVersion.index(after: slash)...]))
    }

    package var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }
    package var description: String { "\(apiVersion), Kind=\(kind)" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.group, left.kind, left.version) < (right.group, right.kind, right.version)
    }
}

/// A resource (the plural in the path) with its API group and version.
package struct GroupVersionResource: Sendable, Hashable, Comparable, CustomStringConvertible {
    package var group: String
    package var version: String
    package var resource: String

    package init(group: String = "", version: String, resource: String) {
        self.group = group
        self.version = version
        self.resource = resource
    }

    package var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }
    /// `deployments.apps`, as Kubernetes' messages name it; without the group for the core group.
    package var groupResource: String { group.isEmpty ? resource : "\(resource).\(group)" }
    package var description: String { "\(apiVersion)/\(resource)" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.group, left.resource, left.version) < (right.group, right.resource, right.version)
    }
}

/// The name of an object within its resource; cluster-scoped objects have an empty namespace.
package struct ObjectName: Sendable, Hashable, Comparable, CustomStringConvertible {
    package var namespace: String
    package var name: String

    package init(namespace: String = "", name: String) {
        self.namespace = namespace
        self.name = name
    }

    package var description: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.namespace, left.name) < (right.namespace, right.name)
    }
}

/// What names one object in one cluster across versions of its API.
package struct ObjectReference: Sendable, Hashable, Comparable, CustomStringConvertible {
    package var group: String
    package var kind: String
    package var namespace: String
    package var name: String

    package init(group: String, kind: String, namespace: String, name: String) {
        self.group = group
        self.kind = kind
        self.namespace = namespace
        self.name = name
    }

    /// `apps/Deployment:team-a/web`; the core group has no name and no slash.
    package var description: String {
        (group.isEmpty ? kind : "\(group)/\(kind)") + ":"
            + (namespace.isEmpty ? name : "\(namespace)/\(name)")
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.group, left.kind, left.namespace, left.name) < (
            right.group, right.kind, right.namespace, right.name
        )
    }
}
