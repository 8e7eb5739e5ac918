/// Which labels an object must have.
///
/// `a=b,c!=d,e in (x,y),f notin (z),g,!h,n>1`, or the `matchLabels` and `matchExpressions` of a spec.
package struct LabelSelector: Sendable, Hashable {
    package enum Operator: String, Sendable, Hashable {
        case isIn = "in"
        case notIn = "notin"
        case exists
        case doesNotExist = "!"
        case greaterThan = ">"
        case lessThan = "<"
    }

    package struct Requirement: Sendable, Hashable {
        package let key: String
        package let `operator`: Operator
        package let values: [String]

        package init(_ key: String, _ operator: Operator, _ values: [String] = []) {
            self.key = key
            self.operator = `operator`
            self.values = values
        }

        /// - Parameter label: The value of a label; `nil` if the object does not have it.
        package func matches(_ label: (String) -> String?) -> Bool {
            let value = label(key)
            switch self.operator {
            case .isIn: return value.map(values.contains) ?? false
            case .notIn: return value.map { !values.contains($0) } ?? true
            case .exists: return value != nil
            case .doesNotExist: return value == nil
            case .greaterThan, .lessThan:
                guard let number = value.flatMap(Int.init), let limit = values.first.flatMap(Int.init) else {
                    return false
                }
                return self.operator == .greaterThan ? number > limit : number < limit
            }
        }
    }

    /// All of them must hold; none means that everything matches.
    package var requirements: [Requirement]

    package init(_ requirements: [Requirement] = []) { self.requirements = requirements }

    /// From labels that must be equal.
    package init(matchLabels labels: [String: String]) {
        requirements = labels.sorted { $0.key < $1.key }.map { Requirement($0.key, .isIn, [$0.value]) }
    }

    /// From a `LabelSelector` of a spec; `nil` if there is none, which matches nothing, or if it cannot be read.
    package init?(_ json: JSON?) {
        guard case .object(let object)? = json else { return nil }
        requirements = []
        for (key, value) in object["matchLabels"]?.object ?? [:] {
            guard let value = value.string else { return nil }
            requirements.append(Requirement(key, .isIn, [value]))
        }
        for expression in object["matchExpressions"]?.array ?? [] {
            let values = expression["values"]?.array?.compactMap(\.string) ?? []
            guard let key = expression["key"]?.string else { return nil }
            switch expression["operator"]?.string {
            case "In": requirements.append(Requirement(key, .isIn, values))
            case "NotIn": requirements.append(Requirement(key, .notIn, values))
            case "Exists": requirements.append(Requirement(key, .exists))
            case "DoesNotExist": requirements.append(Requirement(key, .doesNotExist))
            default: return nil
            }
        }
    }

    package var isEverything: Bool { requirements.isEmpty }

    package func matches(_ labels: [String: String]) -> Bool {
        requirements.allSatisfy { $0.matches { labels[$0] } }
    }

    /// Without making a dictionary of the object's labels.
    package func matches(_ object: KubeObject) -> Bool {
        guard !requirements.isEmpty else { return true }
        let labels = object.json.at("metadata", "labels")?.object ?? [:]
        return requirements.allSatisfy { $0.matches { labels[$0]?.string } }
    }
}

extension LabelSelector.Requirement: CustomStringConvertible {
    package var description: String {
        switch self.operator {
        case .isIn where values.count == 1: "\(key)=\(values[0])"
        case .notIn where values.count == 1: "\(key)!=\(values[0])"
        case .isIn, .notIn: "\(key) \(self.operator.rawValue) (\(values.sorted().joined(separator: ",")))"
        case .exists: key
        case .doesNotExist: "!\(key)"
        case .greaterThan, .lessThan: "\(key)\(self.operator.rawValue)\(values.joined())"
        }
    }
}

extension LabelSelector: CustomStringConvertible {
    /// The form of `labelSelector` in a query.
    package var description: String { requirements.map(\.description).joined(separator: ",") }
}
