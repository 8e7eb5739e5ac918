import KubeModel

/// Turns objects into what a client asked for: themselves, rows of a Table, or their metadata only.
struct Presentation: Sendable {
    enum Included: String, Sendable { case none = "None", metadata = "Metadata", object = "Object" }

    let definition: ResourceDefinition
    let form: Representation.Form
    let printer: TablePrinter
    let included: Included

    /// - Throws: `StatusError` 406 when the form does not fit.
    func object(_ object: KubeObject) throws -> JSON {
        switch form {
        case .object: return object.json
        case .metadata(let version): return Self.metadata(of: object, version: version)
        case .metadataList:
            throw Self.wrongShape(
                "you requested PartialObjectMetadataList, but the requested object is not a list (\(goType("")))"
            )
        case .table(let version):
            let metadata: JSON = ["resourceVersion": .string(object.resourceVersion)]
            return table([object], metadata: metadata, version: version, columns: true)
        }
    }

    /// - Parameter metadata: Of the list.
    /// - Throws: `StatusError` 406 when the form does not fit.
    func list(_ objects: some Sequence<KubeObject>, metadata: JSON) throws -> JSON {
        switch form {
        case .object:
            return [
                "kind": .string(definition.kind + "List"),
                "apiVersion": .string(definition.gvr.apiVersion),
                "metadata": metadata,
                "items": .array(objects.map { definition.isCustom ? $0.json : Self.bare($0) }),
            ]
        case .metadata:
            throw Self.wrongShape(
                "you requested PartialObjectMetadata, but the requested object is a list (\(goType("List")))"
            )
        case .metadataList(let version):
            return [
                "kind": "PartialObjectMetadataList", "apiVersion": .string("meta.k8s.io/\(version)"),
                "metadata": metadata,
                "items": .array(objects.map { Self.metadata(of: $0, version: version) }),
            ]
        case .table(let version):
            return table(objects, metadata: metadata, version: version, columns: true)
        }
    }

    /// An object within a watch.
    ///
    /// - Parameter isFirst: The first Table of a watch has columns, later ones do not.
    func event(_ object: KubeObject, isFirst: Bool) -> JSON {
        switch form {
        case .object: return object.json
        case .metadata(let version), .metadataList(let version):
            return Self.metadata(of: object, version: version)
        case .table(let version):
            let metadata: JSON = ["resourceVersion": .string(object.resourceVersion)]
            return table([object], metadata: metadata, version: version, columns: isFirst)
        }
    }

    /// What a write answered: an object, a list, or a Status, which has only one form.
    func result(_ body: JSON) throws -> JSON {
        guard form != .object, body["kind"]?.string != "Status" else { return body }
        if let items = body["items"]?.array, body["kind"]?.string == definition.kind + "List" {
            return try list(items.lazy.map(KubeObject.init), metadata: body["metadata"] ?? [:])
        }
        return try object(KubeObject(body))
    }

    private func table(
        _ objects: some Sequence<KubeObject>,
        metadata: JSON,
        version: String,
        columns: Bool
    ) -> JSON {
        let printer = printer
        let rows = objects.map { object -> JSON in
            var row: JSON = ["cells": .array(printer.cells(of: object))]
            switch included {
            case .none: break
            case .metadata: row["object"] = Self.metadata(of: object, version: version)
            case .object: row["object"] = object.json
            }
            return row
        }
        return [
            "kind": "Table", "apiVersion": .string("meta.k8s.io/\(version)"), "metadata": metadata,
            "columnDefinitions": .array(columns ? printer.columns : []), "rows": .array(rows),
        ]
    }

    private static func metadata(of object: KubeObject, version: String) -> JSON {
        [
            "kind": "PartialObjectMetadata", "apiVersion": .string("meta.k8s.io/\(version)"),
            "metadata": object.metadata,
        ]
    }

    /// An item of a list of a built-in kind, which names neither kind nor version.
    private static func bare(_ object: KubeObject) -> JSON {
        guard case .object(var members) = object.json else { return object.json }
        members["kind"] = nil
        members["apiVersion"] = nil
        return .object(members)
    }

    private static func wrongShape(_ message: String) -> StatusError {
        StatusError(code: 406, reason: "NotAcceptable", message: message)
    }

    /// How Kubernetes' messages name the type.
    private func goType(_ suffix: String) -> String {
        if definition.isCustom { return "*unstructured.Unstructured\(suffix)" }
        let group = definition.gvr.group
        let package =
            group.isEmpty || group == "events.k8s.io" ? "core" : String(group.split(separator: ".")[0])
        return "*\(package).\(definition.kind)\(suffix)"
    }
}
