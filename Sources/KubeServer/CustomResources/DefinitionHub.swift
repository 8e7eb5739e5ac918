import KubeModel

/// A definition's specification in the form in which Kubernetes checks it: what all versions share is the definition's
/// own, and its place in messages is there.
struct DefinitionHub {
    /// What belongs to versions, as messages call it: of all of them, or of one.
    struct Part {
        var schema: JSON?
        var subresources: JSON?
        var columns: [JSON]
        var selectableFields: [JSON]
        var path: FieldPath
        /// Below the path, where the schema is.
        var schemaName: String

        var schemaPath: FieldPath { path[schemaName]["openAPIV3Schema"] }
        var hasStatus: Bool { subresources?["status"].map { !$0.isNull } ?? false }
    }

    let spec: JSON
    let versions: [JSON]
    /// What all versions have in common.
    let shared: Part
    /// What each version has of its own, in their order.
    let own: [Part]
    private let isShared: (schema: Bool, subresources: Bool, columns: Bool, fields: Bool)

    init(_ spec: JSON, _ path: FieldPath) {
        self.spec = spec
        versions = spec.elements(of: "versions")
        let all = versions
        func isSame(_ value: (JSON) -> JSON?) -> Bool {
            guard let first = all.first else { return false }
            return all.allSatisfy { value($0) == value(first) }
        }
        let isShared = (
            schema: isSame { $0["schema"] }, subresources: isSame { $0["subresources"] },
            columns: isSame { $0["additionalPrinterColumns"] }, fields: isSame { $0["selectableFields"] }
        )
        self.isShared = isShared
        let first = versions.first ?? [:]
        shared = Part(
            schema: isShared.schema ? first.at("schema", "openAPIV3Schema") : nil,
            subresources: isShared.subresources ? first["subresources"] : nil,
            columns: isShared.columns ? first.elements(of: "additionalPrinterColumns") : [],
            selectableFields: isShared.fields ? first.elements(of: "selectableFields") : [],
            path: path,
            schemaName: "validation"
        )
        own = versions.enumerated().map { index, version in
            Part(
                schema: isShared.schema ? nil : version.at("schema", "openAPIV3Schema"),
                subresources: isShared.subresources ? nil : version["subresources"],
                columns: isShared.columns ? [] : version.elements(of: "additionalPrinterColumns"),
                selectableFields: isShared.fields ? [] : version.elements(of: "selectableFields"),
                path: path["versions"][index],
                schemaName: "schema"
            )
        }
    }

    /// The subresources that count for a version, wherever they are.
    func hasStatus(_ index: Int) -> Bool { isShared.subresources ? shared.hasStatus : own[index].hasStatus }

    var hasAnyStatus: Bool { shared.hasStatus || own.contains(where: \.hasStatus) }

    /// The versions as messages show them.
    var shownVersions: String {
        if versions.isEmpty { return spec.lacks("versions") ? "null" : "[]" }
        let texts = versions.map { version in
            func flag(_ key: String) -> String { version[key]?.bool == true ? "true" : "false" }
            return "{\"Name\":\((version["name"]?.string ?? "").goQuoted),\"Served\":\(flag("served")),"
                + "\"Storage\":\(flag("storage")),\"Deprecated\":\(flag("deprecated")),"
                + "\"DeprecationWarning\":\(version["deprecationWarning"]?.text ?? "null"),\"Schema\":null,"
                + "\"Subresources\":null,\"AdditionalPrinterColumns\":null,\"SelectableFields\":null}"
        }
        return "[" + texts.joined(separator: ",") + "]"
    }
}
