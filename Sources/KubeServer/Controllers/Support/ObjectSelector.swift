import KubeModel

/// A `LabelSelector` of a spec, ready to be asked about many objects.
struct ObjectSelector: Sendable {
    private enum Rule: Sendable {
        case isIn(String, Set<String>)
        case isNotIn(String, Set<String>)
        case exists(String)
        case isMissing(String)
    }

    private var rules: [Rule]
    /// Whether the selector was absent: it selects nothing then.
    private var isAbsent: Bool

    /// - Parameter json: `matchLabels` and `matchExpressions`; an absent selector selects nothing, an empty one everything.
    init(_ json: JSON?) {
        isAbsent = json == nil || json?.isNull == true
        rules = []
        for (key, value) in json?["matchLabels"]?.object ?? [:] {
            rules.append(.isIn(key, [value.string ?? ""]))
        }
        for expression in json?["matchExpressions"]?.array ?? [] {
            let key = expression["key"]?.string ?? ""
            let values = Set((expression["values"]?.array ?? []).compactMap(\.string))
            switch expression["operator"]?.string {
            case "In": rules.append(.isIn(key, values))
            case "NotIn": rules.append(.isNotIn(key, values))
            case "Exists": rules.append(.exists(key))
            case "DoesNotExist": rules.append(.isMissing(key))
            default: isAbsent = true  // What cannot be read selects nothing.
            }
        }
    }

    /// A plain map, as of Services and node selectors.
    init(map: JSON?) {
        self.init(map.flatMap { $0.object }.map { ["matchLabels": .object($0)] })
    }

    func selects(_ object: KubeObject) -> Bool { selects { object.label($0) } }

    func selects(_ label: (String) -> String?) -> Bool {
        guard !isAbsent else { return false }
        return rules.allSatisfy { rule in
            switch rule {
            case .isIn(let key, let values): label(key).map(values.contains) ?? false
            case .isNotIn(let key, let values): label(key).map { !values.contains($0) } ?? true
            case .exists(let key): label(key) != nil
            case .isMissing(let key): label(key) == nil
            }
        }
    }
}
