import KubeModel

/// What names an item of a list in `fieldsV1`: `k:{"name":"web"}`, `v:"finalizer"` or `i:0`.
enum ItemKey {
    case keys(JSONObject)
    case value(JSON)

    init?(_ text: String) {
        guard text.count > 2, let json = try? JSON.parse(String(text.dropFirst(2))) else { return nil }
        switch (text.first, json) {
        case ("k", .object(let keys)): self = .keys(keys)
        case ("v", _): self = .value(json)
        default: return nil
        }
    }

    /// Whether a manifest's item has this key; the manifest may leave out keys that have a default.
    func matches(_ item: JSON) -> Bool {
        switch self {
        case .keys(let keys):
            item.object != nil && keys.allSatisfy { key, value in item[key].map { $0 == value } ?? true }
                && keys.contains { key, _ in item[key] != nil }
        case .value(let value): item == value
        }
    }

    /// Whether a live item has exactly this key.
    func isKey(of item: JSON) -> Bool {
        switch self {
        case .keys(let keys): keys.allSatisfy { key, value in item[key] == value }
        case .value(let value): item == value
        }
    }

    /// For example `name=web`.
    var text: String {
        switch self {
        case .keys(let keys): keys.map { "\($0)=\($1.string ?? $1.text)" }.joined(separator: ",")
        case .value(let value): value.string ?? value.text
        }
    }

    /// A name for an item of a list whose keys are not known.
    static func guess(_ item: JSON, at index: Int? = nil) -> String {
        if let name = item["name"]?.string { return "name=\(name)" }
        if let index { return String(index) }
        return item.string ?? "…"
    }
}
