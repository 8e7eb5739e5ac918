import KubeModel

/// One served version of a custom resource: what its definition says of it, ready for use.
final class CustomResourceVersion: Sendable {
    let gvk: GroupVersionKind
    /// The definition's own name.
    let definitionName: String
    let schema: CustomSchema
    /// The version that objects are stored in; this one, if it is `nil`.
    let storage: CustomResourceVersion?
    let hasStatus: Bool
    let scale: ScaleView?
    /// What clients of a deprecated version are told.
    let deprecationWarning: String?
    /// Paths that field selectors may name, beside those of metadata.
    let selectableFields: [String]
    let printerColumns: [JSON]
    /// Whether the definition is being deleted, so that no more objects may come.
    let isTerminating: Bool
    /// Whether stored objects may be older than the schema, so that reading them must default and prune.
    private let isRevised: Bool

    init(
        gvk: GroupVersionKind,
        definitionName: String,
        version: JSON,
        preferred: String?,
        storage: CustomResourceVersion?,
        isRevised: Bool,
        isTerminating: Bool
    ) {
        self.isTerminating = isTerminating
        self.gvk = gvk
        self.definitionName = definitionName
        schema = CustomSchema(version.at("schema", "openAPIV3Schema") ?? [:])
        self.storage = storage
        self.isRevised = isRevised
        hasStatus = version.at("subresources", "status") != nil
        scale = version.at("subresources", "scale").map { scale in
            func path(_ key: String) -> [String] {
                (scale[key]?.string ?? "").split(separator: ".").map(String.init)
            }
            let selector = path("labelSelectorPath")
            return ScaleView(
                specReplicas: path("specReplicasPath"),
                statusReplicas: path("statusReplicasPath"),
                selector: selector.isEmpty ? [] : selector
            )
        }
        if version["deprecated"]?.bool == true {
            let replacement = preferred.map { "; use \(gvk.group)/\($0) \(gvk.kind)" } ?? ""
            deprecationWarning =
                version["deprecationWarning"]?.string
                ?? "\(gvk.apiVersion) \(gvk.kind) is deprecated\(replacement)"
        } else {
            deprecationWarning = nil
        }
        selectableFields = version.elements(of: "selectableFields").compactMap { field in
            (field["jsonPath"]?.string).map { $0.hasPrefix(".") ? String($0.dropFirst()) : $0 }
        }
        printerColumns = version.elements(of: "additionalPrinterColumns")
    }

    /// A stored object in this version.
    func served(_ stored: KubeObject) -> KubeObject {
        let apiVersion = gvk.apiVersion
        if !isRevised, stored.apiVersion == apiVersion { return stored }
        return shaped(stored, apiVersion)
    }

    /// An object of this version as it is stored.
    func stored(_ object: KubeObject) -> KubeObject {
        guard let storage else { return object }
        return storage.shaped(object, storage.gvk.apiVersion)
    }

    private func shaped(_ object: KubeObject, _ apiVersion: String) -> KubeObject {
        var json = object.json
        json["apiVersion"] = .string(apiVersion)
        var unknown: [String] = []
        json = schema.prune(json, "", &unknown, isRoot: true)
        schema.fill(&json)
        return KubeObject(json)
    }
}
