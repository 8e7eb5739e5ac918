import KubeModel

/// Which objects of a collection a request is about: by labels, by fields.
struct ObjectSelection: Sendable {
    private var labels: LabelSelector?
    private var fields: FieldSelection?

    /// - Throws: `StatusError` 400 for a selector that does not parse or names a field that cannot be selected by.
    init(
        labelSelector: String?,
        fieldSelector: String?,
        resource: String,
        selectableFields: [String] = []
    ) throws {
        if let labelSelector, !labelSelector.trimmed.isEmpty {
            labels = try Self.parse(labels: labelSelector)
        }
        if let fieldSelector, !fieldSelector.isEmpty {
            let selection = try FieldSelection(fieldSelector)
            try SelectableFields.check(selection, of: resource, custom: selectableFields)
            if !selection.terms.isEmpty { fields = selection }
        }
    }

    var isEmpty: Bool { labels == nil && fields == nil }
    /// The one name that can match, if the selector says so.
    var name: String? { fields?.required("metadata.name") }
    /// The one namespace that can match, if the selector says so.
    var namespace: String? { fields?.required("metadata.namespace") }

    func matches(_ object: KubeObject) -> Bool {
        if let labels, !labels.matches(object.labels) { return false }
        guard let fields else { return true }
        return fields.terms.allSatisfy { term in
            (SelectableFields.value(of: term.field, in: object) == term.value) == term.isEqual
        }
    }

    private static func parse(labels text: String) throws -> LabelSelector {
        do {
            return try LabelSelector(parsing: text)
        } catch {
            throw StatusError.badRequest("unable to parse requirement: \(error)")
        }
    }
}

/// Stands in until KubeModel has its own.
struct LabelSelector: Sendable {
    enum Rule: Sendable { case among([String]), notAmong([String]), present, absent, above(Int), below(Int) }
    var rules: [(key: String, rule: Rule)] = []
    struct Malformed: Error {}

    init(parsing text: String) throws {
        var terms = [""]
        var depth = 0
        for character in text {
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if character == ",", depth == 0 {
                terms.append("")
            } else {
                terms[terms.count - 1].append(character)
            }
        }
        for term in terms.map(\.trimmed) where !term.isEmpty { rules.append(try Self.rule(term)) }
    }

    private static func rule(_ term: String) throws -> (key: String, rule: Rule) {
        if term.hasPrefix("!") { return (String(term.dropFirst()).trimmed, .absent) }
        for (word, isIn) in [(" notin ", false), (" in ", true)] {
            let parts = term.split(separator: "(", maxSplits: 1).map(String.init)
            guard parts.count == 2, parts[0].hasSuffix(word) || parts[0].hasSuffix(String(word.dropLast()))
            else { continue }
            let key = parts[0].trimmed.split(separator: " ").first.map(String.init) ?? ""
            let values = parts[1].dropLast().split(separator: ",", omittingEmptySubsequences: false)
                .map { String($0).trimmed }
            return (key, isIn ? .among(values) : .notAmong(values))
        }
        for (sign, make) in signs {
            guard let place = term.firstIndex(of: sign.first ?? "=") else { continue }
            guard term[place...].hasPrefix(sign) else { continue }
            let key = String(term[..<place]).trimmed
            return (key, make(String(term[term.index(place, offsetBy: sign.count)...]).trimmed))
        }
        return (term, .present)
    }

    private static let signs: [(String, @Sendable (String) -> Rule)] = [
        ("!=", { .notAmong([$0]) }), ("==", { .among([$0]) }), ("=", { .among([$0]) }),
        (">", { .above(Int($0) ?? 0) }), ("<", { .below(Int($0) ?? 0) }),
    ]

    func matches(_ labels: [String: String]) -> Bool {
        rules.allSatisfy { key, rule in
            let value = labels[key]
            return switch rule {
            case .among(let values): value.map(values.contains) ?? false
            case .notAmong(let values): !(value.map(values.contains) ?? false)
            case .present: value != nil
            case .absent: value == nil
            case .above(let bound): value.flatMap { Int($0) }.map { $0 > bound } ?? false
            case .below(let bound): value.flatMap { Int($0) }.map { $0 < bound } ?? false
            }
        }
    }
}
