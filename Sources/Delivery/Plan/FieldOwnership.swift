import KubeClient
package import KubeModel

/// Who owns which fields of a live object, as its `managedFields` say.
package struct FieldOwnership: Sendable {
    package struct Owner: Sendable {
        package let manager: String
        package let isApply: Bool
        package let time: String?
        let subresource: String
        let apiVersion: String
        let fields: JSON
    }

    package let owners: [Owner]

    package init(_ live: KubeObject) {
        owners = (live.at("metadata", "managedFields")?.array ?? []).map { entry in
            Owner(
                manager: entry["manager"]?.string ?? "",
                isApply: entry["operation"]?.string == "Apply",
                time: entry["time"]?.string,
                subresource: entry["subresource"]?.string ?? "",
                apiVersion: entry["apiVersion"]?.string ?? "",
                fields: entry["fieldsV1"] ?? [:]
            )
        }
    }

    /// What a manager set by server-side apply; `nil` when it never applied this object.
    package func applied(by manager: String) -> JSON? {
        owners.first { $0.manager == manager && $0.isApply && $0.subresource.isEmpty }?.fields
    }

    /// Whether the server does not keep who owns fields of the group at all.
    package func isNeverKept(for group: String) -> Bool {
        owners.isEmpty && KubeClient.mayLackFieldManagers(group: group)
    }

    /// The other manager that wrote last, apart from those that write the status.
    package func latestOther(than manager: String) -> String? {
        owners.filter { $0.manager != manager && $0.subresource.isEmpty }
            .max { ($0.time ?? "") < ($1.time ?? "") }?.manager
    }

    /// Another manager that owns a field or something below it; the one that wrote last when there are several.
    ///
    /// - Parameter path: Keys as `fieldsV1` writes them: `f:spec`, `k:{"name":"web"}`.
    package func owner(of path: [String], besides manager: String) -> Owner? {
        owners
            .filter { owner in
                (owner.manager != manager || !owner.isApply) && Self.covers(owner.fields, path[...])
            }
            .max { ($0.time ?? "") < ($1.time ?? "") }
    }

    private static func covers(_ fields: JSON, _ path: ArraySlice<String>) -> Bool {
        guard let first = path.first else { return true }
        guard let object = fields.object, !object.isEmpty else { return false }
        guard let child = object[first] else { return false }
        // An empty set of fields is a leaf: it owns everything below it.
        if child.object?.isEmpty ?? true { return true }
        return covers(child, path.dropFirst())
    }
}
