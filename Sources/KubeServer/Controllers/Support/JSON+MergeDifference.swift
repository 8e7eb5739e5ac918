import KubeModel

extension JSON {
    /// The merge patch (RFC 7386) that makes this value the other one; `nil` when they are equal.
    func mergePatch(to other: JSON) -> JSON? {
        if self == other { return nil }
        guard case .object(let old) = self, case .object(let new) = other else { return other }
        var patch = JSONObject()
        for key in old.keys where new[key] == nil { patch[key] = .null }
        for (key, value) in new {
            guard let before = old[key] else {
                patch[key] = value
                continue
            }
            if let difference = before.mergePatch(to: value) { patch[key] = difference }
        }
        return .object(patch)
    }

    /// The same value without members that are `null`: servers write some that others leave out.
    func withoutNulls() -> JSON {
        switch self {
        case .object(let object): .object(object.compactMapValues { $0.isNull ? nil : $0.withoutNulls() })
        case .array(let elements): .array(elements.map { $0.withoutNulls() })
        default: self
        }
    }

    /// Sets a number that Kubernetes leaves out of the JSON when it is 0.
    mutating func setCount(_ key: String, _ count: Int) {
        self[key] = count == 0 ? nil : .integer(Int64(count))
    }
}
