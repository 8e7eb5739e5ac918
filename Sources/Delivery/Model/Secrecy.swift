package import KubeModel

/// Keeps the values of Secrets out of everything that people see.
package enum Secrecy {
    package static let mask = "••••••••"

    package static func isSecret(_ object: KubeObject) -> Bool {
        object.kind == "Secret" && object.apiVersion == "v1"
    }

    /// What a cluster says about an object, without the values of a Secret that it repeats.
    ///
    /// Values of one or two characters stay: they are in every sentence.
    package static func masked(_ words: String, about object: KubeObject) -> String {
        guard isSecret(object) else { return words }
        var values: Set<String> = []
        for field in ["data", "stringData"] { object[field].map { collect($0, into: &values) } }
        var words = words
        // What older servers go on with is a piece of the request.
        if let excerpt = words.firstRange(of: ", error found in #") {
            words = String(words[..<excerpt.lowerBound])
        }
        for value in values.sorted(by: { ($0.count, $0) > ($1.count, $1) }) where value.count > 2 {
            words = words.replacing(value, with: mask)
        }
        return words
    }

    private static func collect(_ value: JSON, into values: inout Set<String>) {
        switch value {
        case .null, .bool: break
        case .string(let text): values.insert(text)
        case .array(let elements): for element in elements { collect(element, into: &values) }
        case .object(let members): for (_, member) in members { collect(member, into: &values) }
        default: values.insert(String(decoding: value.encoded(), as: UTF8.self))
        }
    }

    /// An object as it may be shown: without managedFields, Secrets' values masked.
    package static func shown(_ object: KubeObject) -> KubeObject {
        var shown = object
        if shown.at("metadata", "managedFields") != nil { shown.set(nil, at: "metadata", "managedFields") }
        guard isSecret(object) else { return shown }
        for field in ["data", "stringData"] {
            guard let values = shown[field]?.object else { continue }
            shown[field] = .object(values.compactMapValues { _ in .string(mask) })
        }
        let lastApplied = "kubectl.kubernetes.io/last-applied-configuration"
        if shown.annotation(lastApplied) != nil {
            shown.set(.string(mask), at: "metadata", "annotations", lastApplied)
        }
        return shown
    }
}
