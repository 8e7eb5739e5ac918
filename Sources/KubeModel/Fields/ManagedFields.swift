/// Who owns which fields of an object: its `metadata.managedFields`.
package struct ManagedFields: Sendable, Hashable {
    package enum Operation: String, Sendable, Hashable {
        case apply = "Apply"
        case update = "Update"
    }

    /// What makes an entry different from others.
    ///
    /// Of appliers there is one entry, whatever version they apply.
    package struct Manager: Sendable, Hashable {
        package var name: String
        package var operation: Operation
        /// Empty for the object itself.
        package var subresource: String

        package init(name: String, operation: Operation, subresource: String = "") {
            self.name = name
            self.operation = operation
            self.subresource = subresource
        }
    }

    package struct Entry: Sendable, Hashable {
        package var manager: Manager
        /// The version in which the fields are named.
        package var apiVersion: String
        /// RFC 3339.
        package var time: String?
        package var fields: FieldSet

        package init(manager: Manager, apiVersion: String, time: String?, fields: FieldSet) {
            self.manager = manager
            self.apiVersion = apiVersion
            self.time = time
            self.fields = fields
        }

        var json: JSON {
            var keys = ["apiVersion", "fieldsType", "fieldsV1", "manager", "operation"]
            var values: [JSON] = [
                .string(apiVersion), "FieldsV1", fields.fieldsV1, .string(manager.name),
                .string(manager.operation.rawValue),
            ]
            if !manager.subresource.isEmpty {
                keys.append("subresource")
                values.append(.string(manager.subresource))
            }
            if let time {
                keys.append("time")
                values.append(.string(time))
            }
            return .object(JSONObject(sortedKeys: keys, values: values))
        }
    }

    package var entries: [Entry]

    package init(_ entries: [Entry] = []) { self.entries = entries }

    /// The entries of an object; `nil` if one of them cannot be read.
    package init?(of object: KubeObject) { self.init(json: object.json.at("metadata", "managedFields")) }

    /// From `metadata.managedFields`; `nil` if one entry cannot be read.
    package init?(json: JSON?) {
        entries = []
        switch json {
        case nil, .null?: return
        case .array(let items)?:
            for item in items {
                guard let operation = item["operation"]?.string.flatMap(Operation.init(rawValue:)),
                    let apiVersion = item["apiVersion"]?.string, !apiVersion.isEmpty,
                    item["fieldsType"]?.string == "FieldsV1",
                    let fields = FieldSet(fieldsV1: item["fieldsV1"] ?? [:])
                else { return nil }
                let manager = Manager(
                    name: item["manager"]?.string ?? "",
                    operation: operation,
                    subresource: item["subresource"]?.string ?? ""
                )
                let entry = Entry(
                    manager: manager,
                    apiVersion: apiVersion,
                    time: item["time"]?.string,
                    fields: fields
                )
                put(entry)
            }
        default: return nil
        }
    }

    /// The place of a manager's entry: appliers have one, updaters one per version.
    private func place(of manager: Manager, apiVersion: String) -> Int? {
        entries.firstIndex {
            $0.manager == manager && (manager.operation == .apply || $0.apiVersion == apiVersion)
        }
    }

    package func entry(of manager: Manager, apiVersion: String) -> Entry? {
        place(of: manager, apiVersion: apiVersion).map { entries[$0] }
    }

    /// Adds an entry or takes the place of the manager's former one.
    package mutating func put(_ entry: Entry) {
        if let place = place(of: entry.manager, apiVersion: entry.apiVersion) {
            entries[place] = entry
        } else {
            entries.append(entry)
        }
    }

    package mutating func removeEntry(of manager: Manager, apiVersion: String) {
        if let place = place(of: manager, apiVersion: apiVersion) { entries.remove(at: place) }
    }

    /// `metadata.managedFields`, in Kubernetes' order; `nil` when there are no entries.
    package var json: JSON? {
        guard !entries.isEmpty else { return nil }
        return .array(entries.sorted(by: Self.isBefore).map(\.json))
    }

    private static func isBefore(_ left: Entry, _ right: Entry) -> Bool {
        let (first, second) = (left.manager, right.manager)
        if first.operation != second.operation { return first.operation.rawValue < second.operation.rawValue }
        // Times in RFC 3339 and UTC sort as texts; none sorts first.
        if left.time != right.time { return (left.time ?? "") < (right.time ?? "") }
        if first.name != second.name { return first.name < second.name }
        if left.apiVersion != right.apiVersion { return left.apiVersion < right.apiVersion }
        return first.subresource < second.subresource
    }

    /// Whether a request asks for all entries to be forgotten: `managedFields: [{}]`.
    static func isReset(_ json: JSON?) -> Bool {
        guard case .array(let items)? = json, items.count == 1 else { return false }
        return items[0].object?.isEmpty ?? items[0].isNull
    }
}
