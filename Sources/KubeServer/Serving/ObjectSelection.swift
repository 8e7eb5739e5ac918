import KubeModel

/// Which objects of a collection a request is about: by labels, by fields.
struct ObjectSelection: Sendable {
    private var labels: LabelSelector?
    private var fields: FieldSelector?

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
            let selector = try Self.parse(fields: fieldSelector)
            try SelectableFields.check(selector, of: resource, custom: selectableFields)
            if !selector.isEverything { fields = selector }
        }
    }

    var isEmpty: Bool { labels == nil && fields == nil }
    /// The one name that can match, if the selector says so.
    var name: String? { fields?.exactValue(of: "metadata.name") }
    /// The one namespace that can match, if the selector says so.
    var namespace: String? { fields?.exactValue(of: "metadata.namespace") }

    func matches(_ object: KubeObject) -> Bool {
        if let labels, !labels.matches(object) { return false }
        return fields?.matches { SelectableFields.value(of: $0, in: object) } ?? true
    }

    private static func parse(labels text: String) throws -> LabelSelector {
        do { return try LabelSelector(parsing: text) } catch { throw StatusError.badRequest(error.message) }
    }

    /// What follows a backslash other than the three characters that need one.
    private static func wrongEscape(_ text: String) -> Character? {
        var isEscaped = false
        for character in text {
            if isEscaped, !"\\,=".contains(character) { return character }
            isEscaped = character == "\\" && !isEscaped
        }
        return nil
    }

    private static func parse(fields text: String) throws -> FieldSelector {
        do {
            return try FieldSelector(parsing: text)
        } catch {
            if let escape = wrongEscape(text) {
                throw StatusError.badRequest("invalid field selector: invalid escape sequence: \\\(escape)")
            }
            // Kubernetes looks at the terms in alphabetical order, so the first of them is the one that it names.
            let terms = text.split(separator: ",").map(String.init).sorted()
            let wrong = terms.first { (try? FieldSelector(parsing: $0)) == nil }
            guard let wrong else { throw StatusError.badRequest(error.message) }
            throw StatusError.badRequest("invalid selector: '\(text)'; can't understand '\(wrong)'")
        }
    }
}
