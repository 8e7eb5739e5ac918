import KubeModel

/// Values as Go writes those of its internal types in messages: as JSON with the names and the order of the structure.
enum GoStructure {
    static func value(_ value: JSON?) -> String { value?.messageText ?? "null" }

    static func record(_ members: [(String, String)]) -> String {
        "{" + members.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
    }

    /// - Parameter names: Go's names and those of the API, in Go's order.
    static func record(
        _ object: JSON?,
        _ names: KeyValuePairs<String, String>,
        missing: String = "null"
    ) -> String {
        guard let object else { return "null" }
        return record(names.map { ($0.key, object[$0.value]?.messageText ?? missing) })
    }
}
