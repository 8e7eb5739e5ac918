/// What `kubectl apply` without `--server-side` leaves behind, and how an apply goes on from there.
enum LastApplied {
    static let kubectl = "kubectl"
    static let annotation = "kubectl.kubernetes.io/last-applied-configuration"
    /// All annotations of an object together, in bytes.
    private static let maximumSize = 256 << 10

    /// The fields that a client-side apply set and that nobody changed since; `nil` if there was none.
    static func untouchedFields(of live: JSON, _ schema: Schema) -> FieldSet? {
        guard let text = live.at("metadata", "annotations", annotation)?.string, !text.isEmpty,
            let applied = try? JSON.parse(text.utf8),
            let fields = try? TypedFields.fields(of: applied, schema, checks: .none)
        else { return nil }
        let comparison = TypedComparison(applied, live, schema)
        return fields.difference(comparison.modified).difference(comparison.added).difference(
            comparison.removed
        )
    }

    /// Writes the annotation anew, on an object that has it: kubectl then finds what it applied last.
    static func refresh(in object: inout JSON, from config: KubeObject) {
        guard var annotations = object.at("metadata", "annotations")?.object, annotations[annotation] != nil
        else {
            return
        }
        var applied = config.json
        if var own = applied.at("metadata", "annotations")?.object {
            own[annotation] = nil
            applied.set(own.isEmpty ? nil : .object(own), at: ["metadata", "annotations"])
        }
        annotations[annotation] = .string(applied.text + "\n")
        let size = annotations.reduce(0) { $0 + $1.key.utf8.count + ($1.value.string?.utf8.count ?? 0) }
        if size > maximumSize { annotations[annotation] = nil }
        object.set(.object(annotations), at: ["metadata", "annotations"])
    }
}
