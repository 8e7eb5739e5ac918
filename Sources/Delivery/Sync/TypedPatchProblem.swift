/// What does not fit the schema, as an API server words it for a server-side apply: without a field of its own.
package struct TypedPatchProblem: Sendable, Hashable {
    /// `spec.replicass`.
    package var field: String
    /// Without Go's ways of printing values.
    package var rule: String
    package var isUnknownField: Bool { rule == "field not declared in schema" }

    package var sentence: String {
        isUnknownField ? "\(field) is not a field of this kind" : "\(field): \(rule)"
    }

    /// `failed to create typed patch object (ns/name; apps/v1, Kind=Deployment): .spec.replicass: field not declared in schema`,
    /// with further lines for further fields; empty for other messages.
    package static func all(in message: String) -> [TypedPatchProblem] {
        guard let start = message.firstRange(of: "typed patch object") else { return [] }
        var text = message[start.upperBound...]
        // Servers before 1.21 do not say which object.
        let isNamed = text.hasPrefix(" (")
        guard let close = text.firstRange(of: isNamed ? "): " : ": ") else { return [] }
        text = text[close.upperBound...]
        if text.hasPrefix("errors:") { text = text.dropFirst("errors:".count) }
        return text.split(whereSeparator: \.isNewline).compactMap { line in
            let line = line.trimmingSpaces()
            guard line.hasPrefix("."), let colon = line.firstRange(of: ": ") else { return nil }
            return TypedPatchProblem(
                field: String(line[..<colon.lowerBound].dropFirst()),
                rule: plain(String(line[colon.upperBound...]))
            )
        }
    }

    /// `expected string, got &value.valueUnstructured{Value:true}` → `expected a string, got true`.
    private static func plain(_ rule: String) -> String {
        var text = rule
        if let got = text.firstRange(of: "&value.valueUnstructured{Value:") {
            let value = text[got.upperBound...].dropLast(text.hasSuffix("}") ? 1 : 0)
            text = String(text[..<got.lowerBound]) + value
        }
        for (type, words) in [
            ("string", "a string"), ("map", "a mapping"), ("list", "a list"),
            ("numeric (int or float)", "a number"),
            ("boolean", "true or false"),
        ] where text.hasPrefix("expected \(type),") {
            text = "expected \(words)," + text.dropFirst("expected \(type),".count)
        }
        return text
    }
}
