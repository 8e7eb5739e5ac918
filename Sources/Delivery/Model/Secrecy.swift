package import KubeModel

/// Keeps the values of Secrets out of everything that people see.
package enum Secrecy {
    package static let mask = "••••••••"

    package static func isSecret(_ object: KubeObject) -> Bool {
        object.kind == "Secret" && object.apiVersion == "v1"
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
