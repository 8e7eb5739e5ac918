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
        // Servers say what they got instead of what is expected: the value itself, to the end of the line.
        words = words.replacing(/(expected [^\n]*?), got [^\n]*/) { "\($0.output.1), got something else" }
        for value in values.flatMap(spellings).sorted(by: { ($0.count, $0) > ($1.count, $1) })
        where value.count > 2 {
            words = masked(words, value)
        }
        return words
    }

    /// As it is, as it stands between quotes, and its lines.
    private static func spellings(_ value: String) -> [String] {
        [value, String(decoding: JSON.string(value).encoded().dropFirst().dropLast(), as: UTF8.self)]
            + value.split(whereSeparator: \.isNewline).map(String.init)
    }

    /// Without a value, where it is not a part of a longer word.
    private static func masked(_ words: String, _ value: String) -> String {
        var (result, rest) = ("", words[...])
        func isWord(_ character: Character?) -> Bool { character.map { $0.isLetter || $0.isNumber } ?? false }
        while let found = rest.firstRange(of: value) {
            let before = rest[..<found.lowerBound]
            let isWhole =
                !(isWord(before.last ?? result.last) && isWord(value.first))
                && !(isWord(rest[found.upperBound...].first) && isWord(value.last))
            result += before + (isWhole ? mask : value)
            rest = rest[found.upperBound...]
        }
        return result + rest
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
