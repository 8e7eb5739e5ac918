import KubeModel

/// Patches of all types but apply, and how refusals show them.
enum PatchEngines {
    static func patched(
        _ object: JSON,
        with patch: JSON,
        _ type: ResourceRegistry.PatchType,
        _ schema: Schema
    ) throws -> JSON {
        do throws(PatchError) {
            switch type {
            case .json: return try JSONPatch(patch).applied(to: object)
            case .merge: return try MergePatch.apply(patch, to: object)
            case .strategic: return try StrategicMergePatch.apply(patch, to: object, schema)
            case .apply: return object
            }
        } catch {
            throw error.status
        }
    }

    /// What is wrong with the patch in messages: the patched object as Kubernetes has it in hand, or a strategic patch.
    static func shown(_ patched: JSON, _ type: ResourceRegistry.PatchType, _ patch: JSON) -> String {
        if type == .strategic { return goMap(patch) }
        guard case .object(let object) = patched else { return patched.text }
        // What the patch touched has been sorted; metadata that it left alone is in the order of Go's structure.
        let isMetadataTouched = type == .merge && patch["metadata"] != nil
        let members = object.map { key, value -> String in
            let text = key == "metadata" && !isMetadataTouched ? metadata(value) : value.text
            return "\(JSON.string(key).text):\(text)"
        }
        return "{" + members.joined(separator: ",") + "}"
    }

    private static let metadataOrder = [
        "name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation",
        "creationTimestamp",
        "deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations", "ownerReferences",
        "finalizers",
        "managedFields",
    ]
    private static let entryOrder = [
        "manager", "operation", "apiVersion", "time", "fieldsType", "fieldsV1", "subresource",
    ]

    private static func metadata(_ metadata: JSON) -> String {
        ordered(metadata, metadataOrder) { key, value in
            guard key == "managedFields" else { return value.text }
            let entries = value.array ?? []
            return "[" + entries.map { ordered($0, entryOrder) { $1.text } }.joined(separator: ",") + "]"
        }
    }

    private static func ordered(_ json: JSON, _ order: [String], _ text: (String, JSON) -> String) -> String {
        let keys = order.filter { json[$0] != nil } + (json.object?.keys.filter { !order.contains($0) } ?? [])
        let members = keys.compactMap { key in json[key].map { "\(JSON.string(key).text):\(text(key, $0))" } }
        return "{" + members.joined(separator: ",") + "}"
    }

    /// A value as Go prints maps: `map[spec:map[replicas:3]]`.
    private static func goMap(_ json: JSON) -> String {
        switch json {
        case .object(let object):
            "map[" + object.map { "\($0.key):\(goMap($0.value))" }.joined(separator: " ") + "]"
        case .array(let elements): "[" + elements.map(goMap).joined(separator: " ") + "]"
        case .string(let text): text
        case .null: "<nil>"
        default: json.text
        }
    }
}
